"""Prometheus judges two days of a healthy site by the rules that Offramp ships, and has nothing to say."""

import math
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from store import Database
from tests.clocks import START
from tests.dashboards.asked import DASHBOARDS, rules
from tests.dashboards.healthy_life import HOUR, TICK, TO_THE_END, HealthyLife, Key, Samples
from tests.dashboards.prometheus import MISSING, PROMTOOL

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(PROMTOOL is None, reason=MISSING)]

STEP = 5 * 60
"""How often Prometheus scrapes and judges here, in seconds: as seldom as the shortest rate allows."""

STEPS = TICK.seconds // STEP

RULES = ("rules.yml", "alerts.yml")

_GO_ON = {"offramp_heartbeat_timestamp_seconds", "offramp_snapshot_timestamp_seconds"}
"""What is renewed every few seconds, and so between two ticks, too."""

OF_PROCESSES = {
    'up{job="offramp-pages",instance="a"}': "1+0x600",
    'offramp_http_request_duration_seconds_count{method="GET",route="/sign-in",status="2xx"}': "0+45x600",
    'offramp_http_request_duration_seconds_count{method="GET",route="/setup",status="5xx"}': "_x140 1+0x460",
    'offramp_http_request_duration_seconds_bucket{route="/sign-in",le="0.1"}': "0+45x600",
    'offramp_http_request_duration_seconds_bucket{route="/sign-in",le="+Inf"}': "0+45x600",
    'offramp_handover_duration_seconds_count{provider="twilio",outcome="taken"}': "0+5x600",
    'temporal_request_total{operation="PollWorkflowTaskQueue"}': "0+150x600",
    'temporal_request_failure_total{operation="PollWorkflowTaskQueue",status_code="UNAVAILABLE"}': "_x140 1+0x460",
    'temporal_workflow_task_schedule_to_start_latency_seconds_bucket{le="1"}': "0+30x600",
    'temporal_workflow_task_schedule_to_start_latency_seconds_bucket{le="+Inf"}': "0+30x600",
}
"""What processes see of themselves, with a single error and a single failed request."""


@pytest.fixture
def life(sqlite_database: Database) -> HealthyLife:
    made = HealthyLife(sqlite_database)
    made.begin()
    return made


def alarms(samples: Sequence[Samples], since: float, folder: Path) -> str:
    """What Prometheus says that fired, or was about to; empty if nothing did."""
    series = {**OF_PROCESSES, **{_written(key): _values(key, samples, since) for key in _keys(samples)}}
    question = {
        "expr": 'sum by (alertname, cohort) (count_over_time(ALERTS{alertstate="firing"}[10d]))',
        "eval_time": f"{(len(samples) * STEPS - 1) * STEP}s",
        "exp_samples": [],
    }
    test = {
        "interval": f"{STEP}s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [question],
    }
    files = [str(DASHBOARDS / name) for name in RULES]
    file = folder / "life.test.yml"
    file.write_text(yaml.safe_dump({"rule_files": files, "evaluation_interval": f"{STEP}s", "tests": [test]}))
    assert PROMTOOL
    ran = subprocess.run(
        [PROMTOOL, "test", "rules", file], capture_output=True, text=True, timeout=180, check=False
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def _keys(samples: Sequence[Samples]) -> list[Key]:
    """What the rules ask for. A counter that never leaves 0 says nothing, and would cost most of the time."""
    asked = "".join(rule["expr"] for name in RULES for rule in rules(name))
    seen = {key: value for moment in samples for key, value in moment.items()}
    is_idle = {key for key, value in seen.items() if not value and key[0].endswith(("_total", "_bucket"))}
    return sorted(
        key for key in seen.keys() - is_idle if key[0] in asked or key[0].endswith("_timestamp_seconds")
    )


def _written(key: Key) -> str:
    name, labels = key
    written = [f'{label}="{value}"' for label, value in labels]
    return f"{name}{{{','.join(written)}}}"


def _values(key: Key, samples: Sequence[Samples], since: float) -> str:
    """The values by the minute. Times are told from the beginning, where promtool's clock begins."""
    is_time = key[0].endswith("_timestamp_seconds")
    step = STEP if key[0] in _GO_ON else 0
    values = [moment.get(key, math.nan) - (since if is_time else 0) for moment in samples]
    missing = " ".join(["_"] * STEPS)
    return " ".join(missing if math.isnan(value) else f"{value:f}+{step}x{STEPS - 1}" for value in values)


def test_from_the_launch_until_the_cohort_has_left_no_alert_fires(life: HealthyLife, tmp_path: Path) -> None:
    samples = list(life.recorded(TO_THE_END))
    assert alarms(samples, START.timestamp(), tmp_path) == ""
    since = life.wait_until_the_cohort_leaves().timestamp()
    samples = list(life.recorded(4 * HOUR))
    assert [has_stage(moment, "spring") for moment in (samples[0], samples[-1])] == [True, False]
    assert alarms(samples, since, tmp_path) == ""


def has_stage(moment: Samples, cohort: str) -> bool:
    return any(name == "offramp_rollout_stage" and ("cohort", cohort) in labels for name, labels in moment)


@pytest.mark.parametrize(
    ("alert", "broken"),
    [
        ("OfframpWorkerSilent", "offramp_heartbeat_timestamp_seconds"),
        ("OfframpGuardrailsNotJudged", "offramp_guardrails_timestamp_seconds"),
    ],
)
def test_a_life_that_stands_still_in_one_thing_is_noticed(
    life: HealthyLife, tmp_path: Path, alert: str, broken: str
) -> None:
    samples = list(life.recorded(5 * HOUR))
    for moment in samples:
        for key in [key for key in moment if key[0] == broken]:
            del moment[key]
            if broken == "offramp_heartbeat_timestamp_seconds":
                moment["offramp_heartbeat_timestamp_seconds", (("name", "worker"),)] = (
                    START.timestamp() - 3600
                )
    assert alert in alarms(samples, START.timestamp(), tmp_path)
