"""One rollout as its operators watch it: stage and waves, launch pace, guardrails with their limits."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.frame import framed, marked
from dashboards.panels import (
    HALF,
    QUARTER,
    THIRD,
    PanelDescription,
    Query,
    bars,
    course,
    listing,
    number,
    states,
)
from dashboards.queries import CHOSEN, GET_NO_FURTHER, LAUNCHED, once, or_zero, per_minute, share, total
from dashboards.styles import BAD, DOUBTFUL, Unit, limits

_COHORT = 'cohort=~"$cohort"'
_LAUNCHED = f"offramp_accounts{{{CHOSEN},{LAUNCHED}}}"
_STUCK = f"offramp_accounts_stuck{{{CHOSEN},{LAUNCHED},{GET_NO_FURTHER}}}"


def build() -> Dashboard:
    """The dashboard."""
    board = framed(
        "cohort",
        "Cohort",
        "Where each rollout stands, and whether its guardrails hold.",
        {"Standing": _standing(), "Guardrails": _guardrails(), "Funnel": _funnel(), "Launch": _launch()},
    )
    stages = {
        "Paused": ("paused", DOUBTFUL),
        "Aborted": ("aborted", BAD),
        "Rolled back": ("rolled_back", BAD),
    }
    return marked(
        board,
        {
            name: (_begins(f'offramp_rollout_stage{{{_COHORT},stage="{stage}"}}'), colour)
            for name, (stage, colour) in stages.items()
        },
    )


def _begins(stage: str) -> str:
    """The query that is true when a rollout has just entered the stage."""
    return f"max by (cohort) (changes({stage}[$__rate_interval])) > 0 and max by (cohort) ({stage}) == 1"


def _standing() -> list[object]:
    return [
        states(
            "Stages",
            PanelDescription(
                shows="The stage of each rollout over time: launching, baking, holding, paused, and the three ends.",
                when_bad="`holding` waits for a decision, `paused` for somebody who resumes: open the console.",
            ),
            Query(f"{once(f'offramp_rollout_stage{{{_COHORT}}}')} == 1", "{{cohort}}: {{stage}}"),
            unit=Unit.COUNT,
        )
        .links([links.cohorts()])
        .data_links([links.cohort()]),
        number(
            "Wave",
            PanelDescription(
                shows="The wave that each rollout has reached, counted from 1.",
                when_bad="it does not grow while guardrails pass: the wave still bakes; the console says until when.",
            ),
            once(f"offramp_rollout_wave{{{_COHORT}}}"),
            Unit.COUNT,
        ).data_links([links.cohort()]),
        number(
            "In this stage for",
            PanelDescription(
                shows="How long each rollout has been in its stage.",
                when_bad="a wave bakes for days; hours of launching mean a closed window, or no worker.",
            ),
            f"time() - {once(f'offramp_rollout_timestamp_seconds{{{_COHORT}}}')}",
            Unit.SECONDS,
        ).data_links([links.cohort()]),
        number(
            "Launched",
            PanelDescription(
                shows="People whom the chosen rollouts have started.",
                when_bad="none: the launch waits for its window, or no worker runs: see Engine.",
            ),
            or_zero(total(_LAUNCHED)),
            Unit.COUNT,
        ),
        number(
            "Held",
            PanelDescription(
                shows="People whose journeys wait because their rollout is paused or given up.",
                when_bad="it does not fall after a resume: see the relay on Engine.",
            ),
            or_zero(total(f"offramp_accounts_held{{{CHOSEN}}}")),
            Unit.COUNT,
            thresholds=limits(doubtful=1),
        ).links([links.stuck("held")]),
        number(
            "Slices without the prompt",
            PanelDescription(
                shows="Browsers, systems, passkey providers or countries of the chosen cohorts to which a guardrail "
                "does not show the prompt.",
                when_bad="any: the page of the cohort names them; see OfframpSliceHeld in the runbook.",
            ),
            or_zero(total(f"offramp_slices_held{{{_COHORT}}}")),
            Unit.COUNT,
            thresholds=limits(doubtful=1),
        ).links([links.cohorts()]),
        number(
            "Stuck",
            PanelDescription(
                shows="The share of launched people who do not get on, without those who only wait: held by their "
                "cohort, or in the cooling-off of a passkey.",
                when_bad="Support shows why; above a fifth, pause and look before the next wave.",
            ),
            share(total(_STUCK), total(_LAUNCHED)),
            Unit.SHARE,
            thresholds=limits(doubtful=0.1, bad=0.2),
        ).links([links.stuck()]),
    ]


def _guardrails() -> list[object]:
    selector = f"{{{_COHORT}}}"
    return [
        course(
            "Rates and their limits",
            PanelDescription(
                shows="Each guardrail's measured rate, or its excess over the holdout's, and its limit.",
                when_bad="a rate that nears its limit: read the guardrail's own panel in the console, then decide.",
            ),
            Query(once(f"offramp_guardrail_rate_ratio{selector}"), "{{cohort}} {{metric}}"),
            Query(once(f"offramp_guardrail_limit_ratio{selector}"), "{{cohort}} {{metric}} limit"),
            unit=Unit.SHARE,
        ).data_links([links.cohort()]),
        course(
            "How sure",
            PanelDescription(
                shows="Bounds that hold at every look. A guardrail fails when the lower one is above its limit.",
                when_bad="wide bounds mean few people: wait, or launch more slowly.",
            ),
            Query(once(f"offramp_guardrail_low_ratio{selector}"), "{{cohort}} {{metric}} low"),
            Query(once(f"offramp_guardrail_high_ratio{selector}"), "{{cohort}} {{metric}} high"),
            unit=Unit.SHARE,
        ).data_links([links.cohort()]),
        states(
            "Verdicts",
            PanelDescription(
                shows="The verdict of each guardrail over time. Inconclusive is never a pass.",
                when_bad="failed: the rollout has reacted as the description says; read why before resuming.",
            ),
            Query(
                f"{once(f'offramp_guardrail_verdict{selector}')} == 1", "{{cohort}} {{metric}}: {{verdict}}"
            ),
            unit=Unit.COUNT,
            width=HALF,
        ).data_links([links.cohort()]),
        bars(
            "Samples",
            PanelDescription(
                shows="How many people, or messages, each rate rests on.",
                when_bad="too small for a verdict: the wave bakes longer, or is too small.",
            ),
            Query(once(f"offramp_guardrail_sample_size{selector}"), "{{cohort}} {{metric}}"),
            unit=Unit.COUNT,
            width=QUARTER,
        ).data_links([links.cohort()]),
        number(
            "Last judged",
            PanelDescription(
                shows="How long ago the guardrails of each rollout were last judged.",
                when_bad="nobody judges while it grows: see workers and Temporal on Engine.",
            ),
            f"time() - {once(f'offramp_guardrails_timestamp_seconds{selector}')}",
            Unit.SECONDS,
            width=QUARTER,
            thresholds=limits(doubtful=3600, bad=14400),
        ),
    ]


def _funnel() -> list[object]:
    return [
        bars(
            "Reached by wave",
            PanelDescription(
                shows="How many people of each wave, and of the holdout, have reached each step now.",
                when_bad="a later wave that lags far behind an earlier one at the same age is made of other people.",
            ),
            Query(total(f"offramp_accounts_reached{{{CHOSEN}}}", "wave", "step"), "{{step}} · wave {{wave}}"),
            unit=Unit.COUNT,
        ),
        course(
            "What people wait for",
            PanelDescription(
                shows="The chosen people by the milestone that comes next.",
                when_bad="a band that only grows is a step where people stop: Support says why.",
            ),
            Query(total(f"offramp_accounts{{{CHOSEN}}}", "milestone"), "{{milestone}}"),
            unit=Unit.COUNT,
            stacked=True,
        ),
    ]


def _launch() -> list[object]:
    return [
        course(
            "Pace",
            PanelDescription(
                shows="Journeys started a minute, and the most that the description allows.",
                when_bad="far below the limit while launching: the worker or Temporal is the bottleneck, see Engine.",
            ),
            Query(per_minute(f"offramp_journeys_started_total{{{_COHORT}}}", "cohort"), "{{cohort}}"),
            Query(f"{once(f'offramp_launch_limit_per_second{{{_COHORT}}}')} * 60", "{{cohort}} limit"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
        ).data_links([links.cohort()]),
        bars(
            "Members",
            PanelDescription(
                shows="Members of each cohort, held out or not. It never changes after the launch.",
                when_bad="it changed: open a bug, membership must not.",
            ),
            Query(once(f"offramp_cohort_members{{{_COHORT}}}"), "{{cohort}} held out: {{held_out}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        listing(
            "Commands",
            PanelDescription(
                shows="What operators and guardrails have told the rollouts, by how often.",
                when_bad="a pause or rollback that nobody remembers came from a guardrail: the console's log says why.",
            ),
            Query(once(f"offramp_rollout_commands_total{{{_COHORT}}}"), "{{cohort}} {{command}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ).data_links([links.link("This cohort", "/cohorts/named/${__data.fields.cohort:percentencode}")]),
    ]
