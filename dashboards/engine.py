"""Offramp's own machinery: relay, workers, task queues, Temporal, pages, database, and the promises that must hold."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import engine_temporal
from dashboards.frame import framed
from dashboards.panels import QUARTER, THIRD, PanelDescription, Query, course, number
from dashboards.queries import once, own_quantile, per_hour, per_minute, total
from dashboards.styles import Unit, limits

_INTERVAL = "[$__rate_interval]"
_WORKERS_BEAT = 'offramp_heartbeat_timestamp_seconds{name="worker"}'


def build() -> Dashboard:
    """The dashboard."""
    return framed(
        "engine",
        "Engine",
        "Whether the machinery runs: relay, workers, Temporal, pages, database.",
        {
            "Now": _now(),
            "Relay and pages": _relay_and_pages(),
            "Workers": engine_temporal.workers(),
            "Temporal": engine_temporal.server(),
            "Processes and figures": _processes(),
        },
        since="now-6h",
    )


def _now() -> list[object]:
    return [
        number(
            "Promises broken",
            PanelDescription(
                shows="Breaches of what must never be, all invariants together. It reads 0.",
                when_bad="pause every rollout, then run `offramp doctor`: it names the promise.",
            ),
            total("offramp_invariant_breaches"),
            Unit.COUNT,
            width=QUARTER // 2,
            thresholds=limits(bad=1),
        ),
        number(
            "Stopped by switches",
            PanelDescription(
                shows="How many stops hold of nudges, prompts, retiring and launches, by staff or by a broken promise.",
                when_bad="`offramp stops` says for whom, by whom and why.",
            ),
            total("offramp_stops"),
            Unit.COUNT,
            width=QUARTER // 2,
            thresholds=limits(doubtful=1),
        ),
        number(
            "Relay's lag",
            PanelDescription(
                shows="How long the oldest journal entry or message waits to be handed on.",
                when_bad="is `offramp worker` running, and Temporal? `offramp doctor` says.",
            ),
            f"max({once('offramp_relay_lag_seconds')})",
            Unit.SECONDS,
            width=QUARTER,
            thresholds=limits(doubtful=10, bad=60),
        ),
        number(
            "Last sign of life",
            PanelDescription(
                shows="How long ago a worker was last seen.",
                when_bad="no worker runs; start one.",
            ),
            f"time() - max({once(_WORKERS_BEAT)})",
            Unit.SECONDS,
            width=QUARTER,
            thresholds=limits(doubtful=15, bad=60),
        ),
        number(
            "Processes that answer",
            PanelDescription(
                shows="The share of scraped processes that answer Prometheus.",
                when_bad="`up == 0` names the one that does not.",
            ),
            "avg(up)",
            Unit.SHARE,
            width=QUARTER,
        ),
    ]


def _relay_and_pages() -> list[object]:
    pages = "offramp_http_request_duration_seconds"
    return [
        course(
            "Lag",
            PanelDescription(
                shows="How long the oldest waits: journal entries for their journeys, messages for their hand-over.",
                when_bad="only the journal: Temporal is away; both: no worker runs.",
            ),
            Query(once("offramp_relay_lag_seconds"), "{{queue}}"),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(bad=60),
        ),
        course(
            "Turns of the relay",
            PanelDescription(
                shows="Within what time 95 percent of the turns ended, by what they do.",
                when_bad="the database is slow or locked: see its size below, and the disk.",
            ),
            Query(own_quantile(0.95, "offramp_relay_turn_duration_seconds_bucket", "turn"), "{{turn}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Turns that failed",
            PanelDescription(
                shows="Turns of the relay that raised an error, a minute.",
                when_bad="the log says `relay_turn_failed`, with the error.",
            ),
            Query(f"sum by (turn) (rate(offramp_relay_turn_failures_total{_INTERVAL})) * 60", "{{turn}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
        ),
        course(
            "Requests",
            PanelDescription(
                shows="Answers of the pages a minute, by status.",
                when_bad="`5xx`: the log of the pages; `4xx` in masses: somebody probes.",
            ),
            Query(f"sum by (status) (rate({pages}_count{_INTERVAL})) * 60", "{{status}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            stacked=True,
        ),
        course(
            "How long answers take",
            PanelDescription(
                shows="Within what time 95 percent of the answers were given, by route.",
                when_bad="all routes: the database; sign-in alone: its throttle counts.",
            ),
            Query(own_quantile(0.95, f"{pages}_bucket", "route"), "{{route}}"),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(bad=1),
        ),
        course(
            "What happens",
            PanelDescription(
                shows="Journal entries a minute, all kinds together.",
                when_bad="nothing happens by day: are people reaching the pages?",
            ),
            Query(per_minute("offramp_journal_entries_total"), "entries"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
        ),
    ]


def _processes() -> list[object]:
    return [
        course(
            "Memory",
            PanelDescription(
                shows="What each process holds.",
                when_bad="growth over days is a leak: restart it, and report it.",
            ),
            Query('process_resident_memory_bytes{job=~"offramp.*"}', "{{job}} {{instance}}"),
            unit=Unit.BYTES,
            width=THIRD,
        ),
        course(
            "Processor",
            PanelDescription(
                shows="Cores that each process keeps busy.",
                when_bad="a worker at one core: add workers.",
            ),
            Query(f'rate(process_cpu_seconds_total{{job=~"offramp.*"}}{_INTERVAL})', "{{job}} {{instance}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        course(
            "Database",
            PanelDescription(
                shows="The size of Offramp's database.",
                when_bad="the disk fills: nothing is deleted from the journal.",
            ),
            Query(once("offramp_database_size_bytes"), "size"),
            unit=Unit.BYTES,
            width=THIRD,
        ),
        course(
            "Age of the figures",
            PanelDescription(
                shows="How long ago each part of the database's figures was read.",
                when_bad="is `offramp metrics` running? Its log says `figures_not_read`.",
            ),
            Query(f"time() - {once('offramp_snapshot_timestamp_seconds')}", "{{part}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Clocks",
            PanelDescription(
                shows="How far machines' clocks are ahead of the database's; of each kind of process the worst.",
                when_bad="set that machine's clock by NTP; `offramp doctor` names it. A minute off, a worker stops.",
            ),
            Query(once("offramp_clock_offset_seconds"), "{{name}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Reading the figures",
            PanelDescription(
                shows="How long reading each part took. It rests nine times as long.",
                when_bad="minutes: give PostgreSQL a replica, or the disk more speed.",
            ),
            Query(once("offramp_snapshot_duration_seconds"), "{{part}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Readings that failed",
            PanelDescription(
                shows="Readings of the figures that failed, an hour.",
                when_bad="the log of `offramp metrics` says why.",
            ),
            Query(per_hour("offramp_snapshot_failures_total", "part"), "{{part}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
    ]
