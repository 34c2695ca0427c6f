"""The dashboard to show around: where everybody is, how fast, and what it has saved."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.frame import framed
from dashboards.panels import FULL, THIRD, PanelDescription, Query, bars, course, number
from dashboards.queries import CHOSEN, increase, or_zero, per_hour, per_minute, quantile, rate, share, total
from dashboards.styles import Unit, at_least

_SIGNED_IN = f'offramp_sign_ins_total{{{CHOSEN},outcome="succeeded"}}'
_BY_PASSKEY = f'offramp_sign_ins_total{{{CHOSEN},outcome="succeeded",method="passkey"}}'
_STEPS = f"offramp_step_duration_seconds_count{{{CHOSEN}}}"
_WITHIN_A_WEEK = f'offramp_step_duration_seconds_bucket{{{CHOSEN},le="604800.0"}}'
_COUNTED = total(f"offramp_accounts{{{CHOSEN}}}")
_CURRENT = 'cohort=~"$cohort"'
_HOLDERS = total('offramp_holders_sign_ins_last_day{by="platform"}')
_FACETS = {
    "platform": "system",
    "browser": "browser",
    "provider": "passkey provider",
    "country": "country",
    "cohort": "cohort",
}
_AVOIDED = or_zero(f"sum (offramp:sms_avoided:per_day{{{_CURRENT}}})")


def build() -> Dashboard:
    """The dashboard."""
    return framed(
        "adoption",
        "Adoption",
        "How far everybody is on the way from text-message codes to passkeys, and what that has come to.",
        {
            "Now": _now(),
            "Where everybody is": _where(),
            "Signing in": _signing_in(),
            "Codes despite a passkey": _codes(),
            "Against the holdout": _against_the_holdout(),
            "How fast": _how_fast(),
        },
    )


def _now() -> list[object]:
    proven_accounts = total(f'offramp_accounts_reached{{{CHOSEN},step="passkey_proven"}}')
    accounts_without_sms = total(f'offramp_accounts_sms{{{CHOSEN},state=~"suspended|removed"}}')
    return [
        number(
            "Accounts",
            PanelDescription(
                shows="All accounts, if nothing is chosen above; else those that the chosen cohorts have launched or "
                "hold out. An account that no cohort has launched yet is in cohort `none`, and what became of cohorts "
                "that ended long ago is in `ended`.",
                when_bad="the choice above is too narrow, an import has failed, or the figures are old: see Engine.",
            ),
            _COUNTED,
            Unit.COUNT,
        ),
        number(
            "With a passkey that works",
            PanelDescription(
                shows="Of the accounts beside, those whose passkey has signed in as often as their policy asks, or the "
                "app that is in its place.",
                when_bad="see How fast for the step at which people stop, and Support for what stops them.",
            ),
            share(proven_accounts, _COUNTED),
            Unit.SHARE,
        ),
        number(
            "By an app instead",
            PanelDescription(
                shows="Of the accounts that count as having a passkey that works, those with an authenticator app in "
                "its place, because their owners have no device for one. It is less than phishing-resistant.",
                when_bad="many have no device: invite them to security keys, or look at the policy's "
                "instead_of_passkey.",
            ),
            share(total(f"offramp_accounts_by_app{{{CHOSEN}}}"), proven_accounts),
            Unit.SHARE,
        ),
        number(
            "Without text-message codes",
            PanelDescription(
                shows="Of the accounts beside, those whose text-message codes are suspended or removed now.",
                when_bad="it only falls when SMS is restored: look at the guardrails on Cohort.",
            ),
            share(accounts_without_sms, _COUNTED),
            Unit.SHARE,
        ),
        number(
            "Sign-ins by passkey, last day",
            PanelDescription(
                shows="Of all successful sign-ins of the chosen accounts within 24 hours, those by passkey.",
                when_bad="people have passkeys and do not use them: look at ceremonies on Support.",
            ),
            share(increase(_BY_PASSKEY, over="1d"), increase(_SIGNED_IN, over="1d")),
            Unit.SHARE,
            thresholds=at_least(doubtful=0.2, good=0.6),
        ),
        number(
            "Text messages avoided a day",
            PanelDescription(
                shows="How many more would have been sent if launched people had needed as many as the holdout.",
                when_bad="below 0, reminders by text cost more than sign-ins save: use e-mail in the policy's cadence.",
            ),
            _AVOIDED,
            Unit.COUNT,
        ),
        number(
            "Money saved a day",
            PanelDescription(
                shows="The same by the price of one message, OFFRAMP_SMS_COST, in its currency.",
                when_bad="see the panel beside it; check the price.",
            ),
            f"{_AVOIDED} * scalar(max(offramp_sms_price))",
            Unit.MONEY,
            decimals=2,
        ),
    ]


def _where() -> list[object]:
    return [
        course(
            "What people wait for",
            PanelDescription(
                shows="The chosen accounts by the milestone that comes next; `retirement` means all are reached.",
                when_bad="a band that only grows is a step where people stop: Support says why.",
            ),
            Query(total(f"offramp_accounts{{{CHOSEN}}}", "milestone"), "{{milestone}}"),
            unit=Unit.COUNT,
            stacked=True,
        ),
        course(
            "Text-message codes",
            PanelDescription(
                shows="The chosen accounts by how far text-message codes are switched off.",
                when_bad="a fall of `suspended` without a rise of `removed` is a rollback: see Cohort.",
            ),
            Query(total(f"offramp_accounts_sms{{{CHOSEN}}}", "state"), "{{state}}"),
            unit=Unit.COUNT,
            stacked=True,
        ),
        bars(
            "Reached",
            PanelDescription(
                shows="How many of the chosen accounts have reached each step now, with a journey or without, "
                "each step for itself. Whoever has removed a passkey since, or has SMS back, no longer counts.",
                when_bad="the largest drop from one step to the next is where to help first.",
            ),
            Query(total(f"offramp_accounts_reached{{{CHOSEN}}}", "step"), "{{step}}"),
            unit=Unit.COUNT,
        ),
        course(
            "Prompts at sign-in",
            PanelDescription(
                shows="Prompts shown for the first time on a device, put off, declined, and passkeys made, an hour.",
                when_bad="many put off: the policy asks too often; many declined: see the reasons in the console.",
            ),
            Query(per_hour(f"offramp_prompts_total{{{CHOSEN}}}", "outcome"), "{{outcome}}"),
            unit=Unit.COUNT,
        ),
    ]


def _signing_in() -> list[object]:
    return [
        course(
            "Sign-ins by method",
            PanelDescription(
                shows="Successful sign-ins of the chosen accounts a minute.",
                when_bad="a fall of all methods at once is an outage: see Engine.",
            ),
            Query(per_minute(_SIGNED_IN, "method"), "{{method}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            stacked=True,
        ),
        course(
            "Sign-ins that succeed",
            PanelDescription(
                shows="The share of the chosen accounts' attempts that end with the person in, by method.",
                when_bad="compare the methods: only passkeys fall: see Support; only SMS: see Delivery.",
            ),
            Query(
                f"{rate(_SIGNED_IN, 'method', over='1h')}"
                f" / ({rate(f'offramp_sign_ins_total{{{CHOSEN}}}', 'method', over='1h')} > 0)",
                "{{method}}",
            ),
            unit=Unit.SHARE,
            width=THIRD,
        ),
        course(
            "How long a sign-in takes",
            PanelDescription(
                shows="The median from asking to being in, of the chosen accounts: from the first code asked for, "
                "or from pressing the button for passkeys.",
                when_bad="SMS grows with the delay on Delivery; passkeys with the answers on Engine.",
            ),
            Query(
                quantile(0.5, f"offramp_sign_in_duration_seconds_bucket{{{CHOSEN}}}", "method", over="1d"),
                "{{method}}",
            ),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
    ]


def _codes() -> list[object]:
    return [
        number(
            "Codes of passkey holders, last day",
            PanelDescription(
                shows="Of the sign-ins of people who have a passkey, those by text-message code, within 24 hours. It "
                "is of everybody, whatever is chosen above.",
                when_bad="people fall back on codes: the panels beside say why and where.",
            ),
            share(total('offramp_holders_sign_ins_last_day{by="platform",method="sms"}'), _HOLDERS),
            Unit.SHARE,
        ),
        bars(
            "Why a code",
            PanelDescription(
                shows="What these people said when they were asked why they took a code.",
                when_bad="`did_not_work`: look at What fails where on Support; `new_device`: they were offered one.",
            ),
            Query(total("offramp_holders_codes_last_day", "reason"), "{{reason}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        *(_codes_by(facet, title) for facet, title in _FACETS.items()),
    ]


def _codes_by(facet: str, title: str) -> object:
    holders = f'offramp_holders_sign_ins_last_day{{by="{facet}"'
    by_sms = total(f'{holders},method="sms"}}', "slice")
    return bars(
        f"Codes by {title}",
        PanelDescription(
            shows=f"The share of text-message codes in the sign-ins of people who have a passkey, by {title}.",
            when_bad="one stands out: passkeys are not there, or do not work, for these people.",
        ),
        Query(f"{by_sms} / ({total(f'{holders}}}', 'slice')} > 0)", "{{slice}}"),
        unit=Unit.SHARE,
        width=THIRD,
    )


def _against_the_holdout() -> list[object]:
    return [
        course(
            "Text messages an account a day",
            PanelDescription(
                shows="What one account needs a day: launched people and the holdout.",
                when_bad="launched above the holdout: reminders go by text, or SMS was restored.",
            ),
            Query(f"sum by (group) (offramp:sms_per_account:per_day{{{_CURRENT}}})", "{{group}}"),
            unit=Unit.COUNT,
        ),
        course(
            "Sign-ins that fail",
            PanelDescription(
                shows="The share of failed attempts: launched people and the holdout.",
                when_bad="launched clearly above the holdout: pause the rollout, then look at Support.",
            ),
            Query(f"avg by (group) (offramp:sign_in_failures:ratio{{{_CURRENT}}})", "{{group}}"),
            unit=Unit.SHARE,
        ),
    ]


def _how_fast() -> list[object]:
    steps = f"offramp_step_duration_seconds_bucket{{{CHOSEN}}}"
    return [
        course(
            "From the start to each step",
            PanelDescription(
                shows="Of those who took a step within the last week, the median time since their journey began.",
                when_bad="slower than the cadence of reminders: people wait for the next one; look at its words.",
            ),
            Query(quantile(0.5, steps, "step", over="7d"), "{{step}}"),
            unit=Unit.SECONDS,
        ),
        course(
            "Steps taken",
            PanelDescription(
                shows="How many people take each step for the first time, an hour.",
                when_bad="nobody takes a step although journeys run: see the relay on Engine.",
            ),
            Query(per_hour(_STEPS, "step"), "{{step}}"),
            unit=Unit.COUNT,
        ),
        bars(
            "Within a week",
            PanelDescription(
                shows="Of those who have taken a step, the share that took it within seven days of the start.",
                when_bad="see the panels above.",
            ),
            Query(
                f"{total(_WITHIN_A_WEEK, 'step')} / {total(_STEPS, 'step')}",
                "{{step}}",
            ),
            unit=Unit.SHARE,
            width=FULL,
        ),
    ]
