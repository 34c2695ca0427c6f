"""Who gets no further, why and since when, for those who help them."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.frame import framed
from dashboards.panels import (
    FULL,
    HALF,
    QUARTER,
    THIRD,
    PanelDescription,
    Query,
    bars,
    course,
    listing,
    number,
)
from dashboards.queries import CHOSEN, increase, or_zero, per_hour, total, worded
from dashboards.styles import Unit, limits
from domain.words.names import EXCEPTIONS

_UNFINISHED = 'offramp_ceremonies_total{outcome!="completed"}'
_NOT_NOW = f'offramp_prompts_total{{{CHOSEN},outcome=~"skipped|cannot_now"}}'
_FACETS = {"browser": "browser", "platform": "system", "provider": "passkey provider", "occasion": "place"}
_STUCK = f"offramp_accounts_stuck{{{CHOSEN}}}"
_OBSTACLES = f"offramp_accounts_obstacles{{{CHOSEN}}}"
_ONE_LOSS = f"offramp_accounts_one_loss_away{{{CHOSEN}}}"


def build() -> Dashboard:
    """The dashboard."""
    return framed(
        "support",
        "Support",
        "Who gets no further by themselves, and what people struggle with.",
        {
            "Now": _now(),
            "Stuck": _stuck(),
            "What people struggle with": _struggles(),
            "What fails where": _where_it_fails(),
            "Recovery": _recovery(),
            "After the end": _after_the_end(),
        },
    )


def _entries(kind: str) -> str:
    return f'offramp_journal_entries_total{{kind="{kind}"}}'


def _now() -> list[object]:
    return [
        number(
            "Stuck",
            PanelDescription(
                shows="Accounts that do not get on, each once: those of the console's list.",
                when_bad="open the console's list and begin with the oldest.",
            ),
            or_zero(total(_STUCK)),
            Unit.COUNT,
            width=QUARTER,
        ).links([links.stuck()]),
        number(
            "Objections open",
            PanelDescription(
                shows='"This wasn\'t me", said of a notice, and not settled yet. The account is on hold meanwhile.',
                when_bad="settle them first: each may be somebody whose phone number was stolen.",
            ),
            total("offramp_objections_open"),
            Unit.COUNT,
            width=QUARTER,
            thresholds=limits(doubtful=1, bad=10),
        ).links([links.stuck("objection_open")]),
        number(
            "Cases, last day",
            PanelDescription(
                shows="Requests for help that were noted within 24 hours, objections included.",
                when_bad="more than usual after a launch: the guardrail on support cases will react; ask what about.",
            ),
            increase(_entries("support_case"), over="1d"),
            Unit.COUNT,
            width=QUARTER,
        ),
        number(
            "SMS asked back, last day",
            PanelDescription(
                shows="How often text-message codes were restored within 24 hours, by whomever.",
                when_bad="people take it back: their passkey does not work where they need it.",
            ),
            increase(_entries("sms_restored"), over="1d"),
            Unit.COUNT,
            width=QUARTER,
        ),
    ]


def _stuck() -> list[object]:
    return [
        number(
            "Host's list differs",
            PanelDescription(
                shows="Accounts of which the host's last list differs from Offramp, or that only one side has.",
                when_bad="any: see OfframpHostDiffers in the runbook.",
            ),
            or_zero(total("offramp_host_differences")),
            Unit.COUNT,
            width=QUARTER,
            thresholds=limits(doubtful=1, bad=10),
        ),
        course(
            "By reason",
            PanelDescription(
                shows="Accounts by what they are stopped by, as the console's list counts them: "
                "whoever has several reasons counts for each.",
                when_bad="click a reason for its list, which says what helps. `held` and `cooling_off` end by "
                "themselves, or by an operator's word.",
            ),
            Query(or_zero(total(_OBSTACLES, "reason")), "{{reason}}"),
            unit=Unit.COUNT,
            width=THIRD,
        )
        .links([links.stuck()])
        .data_links([links.stuck_for_reason()]),
        bars(
            "By age",
            PanelDescription(
                shows="Stuck accounts, each once, by how long they have been so for the oldest of their reasons.",
                when_bad="many older than a month: decide whether to leave them on SMS for good.",
            ),
            Query(or_zero(total(_STUCK, "age")), "{{age}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ).links([links.stuck_for(1, "a day"), links.stuck_for(7, "a week"), links.stuck_for(30, "a month")]),
        bars(
            "By cohort",
            PanelDescription(
                shows="Stuck accounts, each once, by cohort and wave.",
                when_bad="one cohort stands out: its policy asks for what its people cannot do.",
            ),
            Query(or_zero(total(_STUCK, "cohort", "wave")), "{{cohort}} · wave {{wave}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ).data_links([links.cohort()]),
        listing(
            "By reason and age",
            PanelDescription(
                shows="Accounts by what they are stopped by, and for how long already.",
                when_bad="click a reason for its list: it begins with those who have waited longest.",
            ),
            Query(total(_OBSTACLES, "reason", "age"), "{{reason}}"),
            unit=Unit.COUNT,
            width=FULL,
        ).data_links([links.stuck("${__data.fields.reason:percentencode}")]),
    ]


def _struggles() -> list[object]:
    return [
        course(
            "Ceremonies that fail",
            PanelDescription(
                shows="Passkey ceremonies an hour that browsers gave up or that were refused, by reason.",
                when_bad="what was cancelled is mostly a change of mind; the journal says where others are.",
            ),
            Query(
                worded(per_hour(_UNFINISHED, "ceremony", "reason"), "reason", EXCEPTIONS),
                "{{ceremony}}: {{reason}}",
            ),
            unit=Unit.COUNT,
            width=THIRD,
        ).links([links.stuck("prompt_failed")]),
        course(
            "Sign-ins refused",
            PanelDescription(
                shows="Refused sign-ins an hour, by method and reason.",
                when_bad="`sms_suspended` are people who still expect a code: is the page's explanation clear?",
            ),
            Query(per_hour("offramp_sign_in_refusals_total", "method", "reason"), "{{method}}: {{reason}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        course(
            "Put off and declined",
            PanelDescription(
                shows='"Remind me later" and "I can\'t do this now", an hour.',
                when_bad="declined for want of a device: exclude them from the next wave.",
            ),
            Query(per_hour(_NOT_NOW, "outcome"), "{{outcome}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ).links([links.stuck("cannot_now")]),
    ]


def _where_it_fails() -> list[object]:
    by_facet = [
        listing(
            f"Not succeeded by {title}",
            PanelDescription(
                shows=f"The share of the last day's passkey ceremonies that did not succeed, by {title}.",
                when_bad="one stands out: if it is new there, a guardrail with that slice can spare its users the "
                "prompt; see the console's Adoption page for the reasons.",
            ),
            Query(_not_succeeded(facet), "{{slice}}"),
            unit=Unit.SHARE,
            width=HALF,
        )
        for facet, title in _FACETS.items()
    ]
    seconds = listing(
        "Seconds by browser",
        PanelDescription(
            shows="The median of the last day's ceremonies that succeeded, from asking the browser to its answer.",
            when_bad="one takes far longer than the others: its dialogs ask for more than one answer.",
        ),
        Query(
            'max by (slice, ceremony) (offramp_ceremony_median_seconds{by="browser"})',
            "{{slice}} · {{ceremony}}",
        ),
        unit=Unit.SECONDS,
        width=FULL,
    )
    return [*by_facet, seconds]


def _not_succeeded(facet: str) -> str:
    ceremonies = f'offramp_ceremonies_last_day{{by="{facet}"'
    unfinished = total(f'{ceremonies},outcome!="succeeded"}}', "slice")
    return f"{unfinished} / ({total(f'{ceremonies}}}', 'slice')} > 0)"


def _recovery() -> list[object]:
    return [
        bars(
            "Recovery codes left",
            PanelDescription(
                shows="Accounts by their recovery codes: none, never typed back, two or fewer, more.",
                when_bad="many `few`: invite them to make new ones.",
            ),
            Query(total(f"offramp_accounts_recovery_codes{{{CHOSEN}}}", "codes"), "{{codes}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
        course(
            "Recovery codes used",
            PanelDescription(
                shows="Sign-ins by recovery code, and sets made, an hour.",
                when_bad="each use is somebody whose passkey was not at hand; many at once may be an attack.",
            ),
            Query(per_hour(_entries("recovery_code_used")), "used"),
            Query(per_hour(_entries("recovery_codes_made")), "made"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
        course(
            "Passkeys to look at",
            PanelDescription(
                shows="Sign-ins by passkeys that behaved like copies, and objections, an hour.",
                when_bad="a passkey that was held or is watched may have been copied: ask its owner.",
            ),
            Query(per_hour(_entries("passkey_held")), "held"),
            Query(per_hour(_entries("passkey_watched")), "watched"),
            Query(per_hour(_entries("objected")), "objected"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
        course(
            "Not final yet",
            PanelDescription(
                shows="Passkeys, sets of recovery codes and changed contacts that may not change anything else yet.",
                when_bad="a sudden rise may be an attack with stolen phone numbers: look at the latest objections.",
            ),
            Query(total("offramp_provisional_routes", "kind"), "{{kind}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
        course(
            "Getting back in",
            PanelDescription(
                shows="Requests of people who have lost every device, by how far they are.",
                when_bad="many that wait, and objections beside them, may be an attack: look at the latest objections.",
            ),
            Query(total("offramp_recoveries", "stage"), "{{stage}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
    ]


def _after_the_end() -> list[object]:
    return [
        number(
            "One loss away",
            PanelDescription(
                shows="Accounts without text-message codes that the loss of one thing would lock out.",
                when_bad="they are invited to a second way in at their next check-up; "
                "`offramp drill` says who would be locked out.",
            ),
            or_zero(total(_ONE_LOSS)),
            Unit.COUNT,
            width=QUARTER,
        ).links([links.one_loss()]),
        bars(
            "By what they hang on",
            PanelDescription(
                shows="The same accounts by the one thing: a phone, another device, codes on paper, or nothing.",
                when_bad="any `nothing`: somebody has only what is not established yet, or is disputed.",
            ),
            Query(or_zero(total(_ONE_LOSS, "thing")), "{{thing}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ).links([links.one_loss()]),
        bars(
            "Exemptions",
            PanelDescription(
                shows="Exemptions that last, and those that somebody should look at.",
                when_bad="any that stay due for review: they end on their day, and the person is asked again.",
            ),
            Query(or_zero(total("offramp_exemptions", "standing")), "{{standing}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
        course(
            "Check-ups",
            PanelDescription(
                shows="Invitations to look through one's ways in, and people who came to the end, an hour.",
                when_bad="many invited and few at the end: look at how the invitation arrives.",
            ),
            Query(per_hour(_entries("check_up_asked")), "invited"),
            Query(per_hour(_entries("check_up_done")), "done"),
            unit=Unit.COUNT,
            width=QUARTER,
        ),
    ]
