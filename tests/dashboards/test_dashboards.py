"""The dashboards that are shipped are those that the code describes, and name nothing that does not exist."""

import json
import re
from pathlib import Path

import pytest
import yaml

from dashboards.build import DASHBOARDS as BUILT
from dashboards.build import rendered
from offramp.metrics import metrics
from tests.dashboards.asked import BOARDS, DASHBOARDS, everything, panels, rules

DOCS = DASHBOARDS.parent / "docs"

TEMPORAL = frozenset(
    {
        "temporal_activity_schedule_to_start_latency_seconds_bucket",
        "temporal_local_activity_execution_latency_seconds_bucket",
        "temporal_num_pollers",
        "temporal_request_failure_total",
        "temporal_request_latency_seconds_bucket",
        "temporal_request_total",
        "temporal_sticky_cache_size",
        "temporal_worker_task_slots_used",
        "temporal_workflow_task_execution_failed_total",
        "temporal_workflow_task_schedule_to_start_latency_seconds_bucket",
        "service_latency_bucket",
        "service_requests",
        "persistence_latency_bucket",
    }
)
"""What dashboards ask of Temporal's client and server; the test of real queries has scraped each of them."""

PROCESS = frozenset({"up", "process_cpu_seconds_total", "process_resident_memory_bytes"})

_NAME = re.compile(r"\b[a-z][a-z0-9_]*(?::[a-z0-9_]+)*\b(?!\s*\()")
_NOT_NAMES = re.compile(r'\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|without|on|group_left)\s*\([^)]*\)')
_WORDS = frozenset({"and", "or", "unless", "bool", "on", "by", "without", "group_left", "offset"})


def named(expression: str) -> set[str]:
    """The series that a query names."""
    return set(_NAME.findall(_NOT_NAMES.sub(" ", expression))) - _WORDS


def declared() -> set[str]:
    """Every series that Offramp declares, as Prometheus stores them."""
    names = {rule["record"] for rule in rules("rules.yml")}
    for figure in metrics.FIGURES.values():
        names |= _stored(figure.name, histogram=figure.kind is metrics.MetricKind.HISTOGRAM)
    for metric in metrics.PROCESS_METRICS:
        (family,) = metric.describe()
        name = f"{family.name}_total" if family.type == "counter" else family.name
        names |= _stored(name, histogram=family.type == "histogram")
    return names


def _stored(name: str, *, histogram: bool) -> set[str]:
    return {f"{name}_bucket", f"{name}_count", f"{name}_sum"} if histogram else {name}


@pytest.mark.parametrize("name", BUILT)
def test_the_json_is_what_the_code_describes(name: str) -> None:
    written = (DASHBOARDS / "json" / f"{name}.json").read_text()
    assert written == rendered(name), "run: python -m dashboards.build"


def test_there_is_no_other_json() -> None:
    assert {board.stem for board in BOARDS} == set(BUILT)


def test_every_query_names_series_that_exist() -> None:
    existing_names = declared() | TEMPORAL | PROCESS
    unknown = {
        name: query.place
        for query in everything()
        for name in named(query.expression)
        if name not in existing_names
    }
    assert unknown == {}


def test_every_figure_is_asked_for_somewhere() -> None:
    queried_names = {name for each in everything() for name in named(each.expression)}
    stored = [
        _stored(figure.name, histogram=figure.kind is metrics.MetricKind.HISTOGRAM)
        for figure in metrics.FIGURES.values()
    ]
    unused = {min(names) for names in stored if not names & queried_names}
    assert unused == {metrics.BUILD.name}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.stem)
def test_every_panel_says_what_it_shows_and_what_to_do(board: Path) -> None:
    for panel in panels(board):
        assert re.fullmatch(r"[A-Z`\"].+\.\n\n\*\*When it is bad:\*\* .+", panel["description"]), panel[
            "title"
        ]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "offramp"


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.stem)
def test_every_board_has_the_same_variables_and_leads_to_the_console(board: Path) -> None:
    described = json.loads(board.read_text())
    assert [variable["name"] for variable in described["templating"]["list"]] == ["cohort", "wave", "console"]
    assert described["links"][0]["url"] == "${console:raw}/console"


def test_the_rollouts_pauses_and_ends_are_marked() -> None:
    described = json.loads((DASHBOARDS / "json" / "cohort.json").read_text())
    assert [mark["name"] for mark in described["annotations"]["list"]] == ["Paused", "Aborted", "Rolled back"]


def test_titles_on_a_board_are_unique() -> None:
    for board in BOARDS:
        titles = [panel["title"] for panel in panels(board)]
        assert len(titles) == len(set(titles))


def test_both_configurations_scrape_the_same_jobs_on_the_same_ports() -> None:
    compose, local = (_jobs(name) for name in ("prometheus.yml", "prometheus.local.yml"))
    assert compose == local


def _jobs(name: str) -> dict[str, int]:
    jobs = {}
    for job in yaml.safe_load((DASHBOARDS / name).read_text())["scrape_configs"]:
        if addresses := job.get("dns_sd_configs"):
            jobs[job["job_name"]] = addresses[0]["port"]
        else:
            jobs[job["job_name"]] = int(job["static_configs"][0]["targets"][0].rpartition(":")[2])
    return jobs


def test_every_alert_has_its_part_of_the_runbook_and_the_reverse() -> None:
    headings = re.findall(r"^## (Offramp\w+)$", (DOCS / "runbook.md").read_text(), re.M)
    assert headings == [rule["alert"] for rule in rules("alerts.yml")]
    for rule in rules("alerts.yml"):
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_every_metric_is_documented_and_the_reverse() -> None:
    text = (DOCS / "metrics.md").read_text()
    documented = dict(re.findall(r"^\| `(offramp_\w+)` \| ([^|]*) \|", text, re.M))
    labels = {figure.name: figure.labels for figure in metrics.FIGURES.values()}
    for metric in metrics.PROCESS_METRICS:
        (family,) = metric.describe()
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels[name] = tuple(metric._labelnames)
    assert set(documented) == set(labels)
    for name, written in documented.items():
        assert tuple(re.findall(r"`(\w+)`", written)) == labels[name], name
