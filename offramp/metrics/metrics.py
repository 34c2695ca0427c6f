"""Every metric of Offramp, declared once. Labels are enums, countries, or the operators' own cohorts.

No label is what a person wrote. `docs/metrics.md` explains each. Figures of the database come from `offramp metrics`
alone, so that several processes never count twice. The metrics of a process itself come from the port of that process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)


class MetricKind(StrEnum):
    """The types of Prometheus that Offramp uses."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


_FAMILIES: dict[MetricKind, type[GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily]] = {
    MetricKind.GAUGE: GaugeMetricFamily,
    MetricKind.COUNTER: CounterMetricFamily,
    MetricKind.HISTOGRAM: HistogramMetricFamily,
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A metric whose value comes from the database."""

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()


FIGURES: dict[str, Figure] = {}
"""The metrics that come from the database, by name."""


def _figure(kind: MetricKind, name: str, text: str, *labels: str) -> Figure:
    FIGURES[name] = Figure(name=name, kind=kind, help=text, labels=labels)
    return FIGURES[name]


def _gauge(name: str, text: str, *labels: str) -> Figure:
    return _figure(MetricKind.GAUGE, name, text, *labels)


def _counter(name: str, text: str, *labels: str) -> Figure:
    return _figure(MetricKind.COUNTER, name, text, *labels)


def _histogram(name: str, text: str, *labels: str) -> Figure:
    return _figure(MetricKind.HISTOGRAM, name, text, *labels)


ACCOUNTS = _gauge(
    "offramp_accounts", "Accounts by the milestone that they wait for", "cohort", "wave", "milestone"
)
REACHED = _gauge("offramp_accounts_reached", "Accounts that have reached each step", "cohort", "wave", "step")
BY_APP = _gauge(
    "offramp_accounts_by_app",
    "Accounts with an authenticator app in place of a passkey, which is less than phishing-resistant",
    *("cohort", "wave"),
)
SMS_STATE = _gauge(
    "offramp_accounts_sms", "Accounts by how far text-message codes are off", "cohort", "wave", "state"
)
HELD = _gauge(
    "offramp_accounts_held", "Accounts whose journey waits for their cohort to go on", "cohort", "wave"
)
STUCK = _gauge(
    "offramp_accounts_stuck",
    "Accounts that do not get on, each once, by the weightiest reason",
    *("cohort", "wave", "reason", "age"),
)
OBSTACLES = _gauge(
    "offramp_accounts_obstacles",
    "Accounts that do not get on, for each of their reasons",
    *("cohort", "wave", "reason", "age"),
)
ONE_LOSS_AWAY = _gauge(
    "offramp_accounts_one_loss_away",
    "Accounts without text-message codes that hang on one thing",
    *("cohort", "wave", "thing"),
)
EXEMPTIONS = _gauge("offramp_exemptions", "Exemptions that last, by how they stand", "standing")
RECOVERY_CODES = _gauge(
    "offramp_accounts_recovery_codes", "Accounts by the recovery codes left", "cohort", "wave", "codes"
)
MEMBERS = _gauge("offramp_cohort_members", "Members of each cohort, held out or not", "cohort", "held_out")
BREACHES = _gauge("offramp_invariant_breaches", "Breaches of what must never be; reads 0", "invariant")

JOURNAL_ENTRIES = _counter("offramp_journal_entries_total", "Everything that has happened", "kind")
JOURNEYS_STARTED = _counter("offramp_journeys_started_total", "Journeys begun", "cohort", "wave")
SIGN_INS = _counter("offramp_sign_ins_total", "Attempts to sign in", "cohort", "wave", "method", "outcome")
REFUSALS = _counter("offramp_sign_in_refusals_total", "Sign-ins refused, and why", "method", "reason")
CEREMONIES = _counter(
    "offramp_ceremonies_total", "Passkey ceremonies and their ends", "ceremony", "outcome", "reason"
)
PROMPTS = _counter("offramp_prompts_total", "Prompts and what people did", "cohort", "wave", "outcome")
MESSAGES = _counter(
    "offramp_messages_total", "Messages and what became of them", "channel", "template", "outcome"
)
SMS_SENT = _counter("offramp_sms_sent_total", "Text messages taken by the provider", "cohort", "wave")
STEP_DURATION = _histogram(
    "offramp_step_duration_seconds",
    "From a journey's start to the first time of each step",
    *("cohort", "wave", "step"),
)
SIGN_IN_DURATION = _histogram(
    "offramp_sign_in_duration_seconds", "From asking to being in", "cohort", "wave", "method"
)
MESSAGE_DELAY = _histogram(
    "offramp_message_delay_seconds", "From queueing a message to its hand-over", "channel", "purpose"
)

CEREMONIES_LATELY = _gauge(
    "offramp_ceremonies_last_day",
    "Passkey ceremonies of the last day and their ends, slice by slice",
    *("by", "slice", "ceremony", "outcome"),
)
CEREMONY_SECONDS = _gauge(
    "offramp_ceremony_median_seconds",
    "The median of the last day's ceremonies that succeeded, slice by slice",
    *("by", "slice", "ceremony"),
)
HOLDERS_SIGN_INS = _gauge(
    "offramp_holders_sign_ins_last_day",
    "Sign-ins of the last day of people who had a passkey, by text-message code or otherwise",
    *("by", "slice", "method"),
)
HOLDERS_CODES = _gauge(
    "offramp_holders_codes_last_day",
    "Sign-ins of the last day by text-message code of people who had a passkey, and why",
    "reason",
)

SMS_PRICE = _gauge("offramp_sms_price", "What one text message costs, by the operator's word")
RELAY_LAG = _gauge("offramp_relay_lag_seconds", "How long the oldest waits for the relay", "queue")
HEARTBEAT = _gauge("offramp_heartbeat_timestamp_seconds", "The last sign of life", "name")
CLOCK_OFFSET = _gauge(
    "offramp_clock_offset_seconds", "How far machines' clocks are ahead of the database's", "name"
)
PROVIDER_FAILURES = _gauge("offramp_provider_failures", "Failures in a row of a provider", "provider")
PROVIDER_HOLD = _gauge(
    "offramp_provider_hold_seconds", "How much longer a provider is left alone", "provider"
)
CALLBACKS = _counter("offramp_callbacks_total", "What providers told of messages", "provider", "outcome")
CALLBACK_LAST = _gauge(
    "offramp_callback_timestamp_seconds", "When a provider last told something", "provider"
)
HOST_EVENTS = _counter("offramp_host_events_total", "What hosts told by events", "kind", "outcome")
MESSAGES_QUEUED = _gauge(
    "offramp_messages_queued", "Messages not handed on yet, and what they wait for", "purpose", "waits_for"
)
HANDED_OLDEST = _gauge(
    "offramp_handed_oldest_seconds",
    "How long Temporal has had the oldest message that nobody has claimed",
    "queue",
)
LANE_STILL = _gauge(
    "offramp_lane_still_seconds",
    "For how long nothing has moved in a lane in which messages are due",
    "queue",
)
TEXTS_TODAY = _gauge("offramp_texts_today", "Text messages queued for today, in UTC", "country")
MESSAGES_WITHHELD = _gauge(
    "offramp_messages_withheld",
    "Messages not carried within the last day for a reason of the account or a country",
    *("reason", "country"),
)
CEILING_USED = _gauge(
    "offramp_text_ceiling_used_ratio", "How much of a ceiling of text messages is used up today", "country"
)
WEBHOOKS_OLDEST = _gauge(
    "offramp_webhooks_oldest_seconds", "How long the oldest event has been on its way to a host's receiver"
)
WEBHOOKS_DEAD = _gauge(
    "offramp_webhooks_dead", "Events that no receiver took in days, and that staff have not looked at"
)
RETIRING_STOPPED = _gauge(
    "offramp_retiring_stopped", "1 if retiring SMS is stopped for everybody, by whom, else 0", "by"
)
GUARD_UP = _gauge("offramp_guard_up", "1 while the guard is up against an attack, else 0")
STOPS = _gauge(
    "offramp_stops",
    "Stops that hold, by what is stopped and by what its people are told apart",
    *("switch", "slice"),
)
OBJECTIONS = _gauge("offramp_objections_open", "Objections that support has not settled")
RECOVERIES = _gauge("offramp_recoveries", "Requests to get back in that are under way", "stage")
HOST_DIFFERENCES = _gauge(
    "offramp_host_differences",
    "Accounts of which the host's last list says something else than Offramp",
    "kind",
)
HOST_LIST_AT = _gauge(
    "offramp_host_list_timestamp_seconds",
    "When the host's list was last read, where a worker reads it by night",
)
PROVISIONAL = _gauge(
    "offramp_provisional_routes", "Routes and contacts that may not change others yet", "kind"
)
DATABASE_SIZE = _gauge("offramp_database_size_bytes", "The size of the database")
ROLLOUT_STAGE = _gauge("offramp_rollout_stage", "1 for the stage of a rollout, else 0", "cohort", "stage")
UNDER_WAY = _gauge("offramp_rollout_under_way", "1 while a rollout is under way, 0 once it is over", "cohort")
ROLLOUT_WAVE = _gauge("offramp_rollout_wave", "The wave that a rollout has reached, from 1", "cohort")
ROLLOUT_CHANGED = _gauge("offramp_rollout_timestamp_seconds", "Since when a rollout stands so", "cohort")
ROLLOUT_COMMANDS = _counter(
    "offramp_rollout_commands_total", "What operators and guardrails told rollouts", "cohort", "command"
)
LAUNCH_LIMIT = _gauge("offramp_launch_limit_per_second", "Journeys a rollout may start a second", "cohort")
GUARDRAIL_RATE = _gauge(
    "offramp_guardrail_rate_ratio",
    "The measured rate, or its excess over the holdout's",
    *("cohort", "guardrail", "metric"),
)
GUARDRAIL_LOW = _gauge(
    "offramp_guardrail_low_ratio", "The lower bound of the rate", "cohort", "guardrail", "metric"
)
GUARDRAIL_HIGH = _gauge(
    "offramp_guardrail_high_ratio", "The upper bound of the rate", "cohort", "guardrail", "metric"
)
GUARDRAIL_LIMIT = _gauge(
    "offramp_guardrail_limit_ratio", "The limit of the rate", "cohort", "guardrail", "metric"
)
GUARDRAIL_SAMPLE = _gauge(
    "offramp_guardrail_sample_size", "How many were measured", "cohort", "guardrail", "metric"
)
GUARDRAIL_VERDICT = _gauge(
    "offramp_guardrail_verdict",
    "1 for the verdict, else 0",
    *("cohort", "guardrail", "metric", "verdict"),
)
SLICES_HELD = _gauge(
    "offramp_slices_held",
    "1 for each slice of people to whom the prompt is not shown",
    "cohort",
    "by",
    "slice",
)
SAMPLE_RATIO = _gauge(
    "offramp_cohort_sample_ratio_probability",
    "How probable a draw at least as far from the plan is",
    "cohort",
)
ASSESSED = _gauge("offramp_guardrails_timestamp_seconds", "When guardrails were last judged", "cohort")
ASSESSED_EVERY = _gauge(
    "offramp_guardrails_interval_seconds", "How often guardrails are judged, by the description", "cohort"
)
SNAPSHOT_AT = _gauge("offramp_snapshot_timestamp_seconds", "When each part was last read", "part")
SNAPSHOT_DURATION = _gauge("offramp_snapshot_duration_seconds", "How long reading a part took", "part")
SNAPSHOT_FAILURES = _counter("offramp_snapshot_failures_total", "Readings that failed", "part")
BUILD = _gauge("offramp_build_info", "1, with the version of Offramp", "version")

_PROMPT_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WAITING_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

HTTP_DURATION = Histogram(
    "offramp_http_request_duration_seconds",
    "How long answers took",
    ("method", "route", "status"),
    buckets=_PROMPT_BOUNDS,
)
HANDOVER_DURATION = Histogram(
    "offramp_handover_duration_seconds",
    "How long providers took to take a message, or to refuse it",
    ("provider", "outcome"),
    buckets=_WAITING_BOUNDS,
)
WEBHOOK_DURATION = Histogram(
    "offramp_webhook_duration_seconds",
    "How long hosts' receivers took to take an event, or to refuse it",
    ("outcome",),
    buckets=_WAITING_BOUNDS,
)
RELAY_TURN_DURATION = Histogram(
    "offramp_relay_turn_duration_seconds",
    "How long the relay's turns took",
    ("turn",),
    buckets=_PROMPT_BOUNDS,
)
RELAY_TURN_FAILURES = Counter("offramp_relay_turn_failures_total", "The relay's turns that failed", ("turn",))
DATABASE_MISSED = Counter(
    "offramp_database_missed_total", "How often the database could not be used, and why", ("absence",)
)
DATABASE_ROWS_LOST = Gauge(
    "offramp_database_rows_lost",
    "1 if the database has fewer rows than a worker saw last, else 0",
    multiprocess_mode="max",
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would add a series to each metric, and nobody needs them

PROCESS_METRICS = (
    HTTP_DURATION,
    HANDOVER_DURATION,
    WEBHOOK_DURATION,
    RELAY_TURN_DURATION,
    RELAY_TURN_FAILURES,
    DATABASE_MISSED,
    DATABASE_ROWS_LOST,
)
"""The metrics that processes measure of themselves."""


def family(figure: Figure) -> Metric:
    """An empty metric family of a figure."""
    return _FAMILIES[figure.kind](figure.name, figure.help, labels=figure.labels)


def sampled(figure: Figure, samples: Mapping[tuple[str, ...], float]) -> Metric:
    """The metric family of a gauge or a counter; `samples` are its values by the values of its labels."""
    filled_family = family(figure)
    for labels, value in samples.items():
        filled_family.add_metric(labels, value)  # type: ignore[attr-defined]
    return filled_family
