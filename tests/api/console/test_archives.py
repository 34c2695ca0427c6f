"""Cohorts that are over leave the list and come back; the list is searched by name; a cohort is cloned."""

import pytest
from httpx2 import Response

from domain.rollouts.rollout import Stage
from domain.staff.staff import AuditKind, Role
from services.rollouts.cohort_files import parse
from services.rollouts.descriptions import written
from tests.api.console.operators import log, text
from tests.api.staff.staff import at_desk, audited
from tests.api.world import Browser, World
from tests.console import set_stage
from tests.factories import keep_cohort, make_cohort


@pytest.fixture
def spring(local: World) -> str:
    """A cohort that has ended, beside one that goes on."""
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(name="spring"))
        keep_cohort(session, make_cohort(name="Summer_100"))
        set_stage(session, cohort_id, Stage.ENDED)
    return cohort_id


def listed(browser: Browser, query: str = "") -> set[str]:
    page = browser.get(f"/console{query}").text
    return {name for name in ("spring", "Summer_100") if f'">{name}</a>' in page}


def act(browser: Browser, cohort_id: str, command: str, reason: str = "all moved") -> Response:
    return browser.post(f"/console/cohorts/{cohort_id}/{command}", reason=reason)


def test_what_is_archived_leaves_the_list_and_comes_back(local: World, olga: Browser, spring: str) -> None:
    assert listed(olga) == {"spring", "Summer_100"}
    assert act(olga, spring, "archive").headers["location"] == f"/console/cohorts/{spring}"
    assert (listed(olga), listed(olga, "?archived=1")) == ({"Summer_100"}, {"spring"})
    page = text(olga.get(f"/console/cohorts/{spring}"))
    assert "it is off the list" in page
    assert "archived the cohort all moved" in page
    act(olga, spring, "unarchive", "the auditor asks")
    assert (listed(olga), listed(olga, "?archived=1")) == ({"spring", "Summer_100"}, set())
    assert [entry.kind for entry in log(local, spring)][:2] == ["unarchived", "archived"]


def test_the_fragment_and_the_table_as_csv_are_of_the_same_cohorts(olga: Browser, spring: str) -> None:
    act(olga, spring, "archive")
    page = olga.get("/console?archived=1&q=spr").text
    assert 'data-live-from="/console/live?archived=1&amp;q=spr"' in page
    for path in ("/console/live", "/console/export"):
        assert "spring" not in olga.get(path).text
        assert "spring" in olga.get(f"{path}?archived=1&q=spr").text
        assert "spring" not in olga.get(f"{path}?archived=1&q=summer").text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=SUM", {"Summer_100"}),
        ("?q=%20spring%20", {"spring"}),
        ("?q=r_1", {"Summer_100"}),
        ("?q=s%25g", set()),
        ("?q=autumn", set()),
    ],
)
def test_the_list_is_searched_by_a_part_of_the_name(
    olga: Browser, spring: str, query: str, names: set[str]
) -> None:
    assert listed(olga, query) == names
    if not names:
        assert "No cohort on the list has" in olga.get(f"/console{query}").text


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in {Stage.ENDED}])
def test_only_a_cohort_that_is_over_is_archived(
    local: World, olga: Browser, spring: str, stage: Stage
) -> None:
    with local.database.transaction() as session:
        set_stage(session, spring, stage)
    answer = act(olga, spring, "archive", "why not")
    is_over = stage in {Stage.ABORTED, Stage.ROLLED_BACK}
    assert listed(olga, "?archived=1") == ({"spring"} if is_over else set())
    if not is_over:
        assert answer.status_code == 409
        assert f"the rollout is not over ({stage})" in answer.text


def test_it_takes_a_reason_and_nothing_is_archived_twice(olga: Browser, spring: str) -> None:
    assert act(olga, spring, "archive", " ").status_code == 400
    assert act(olga, spring, "unarchive").status_code == 409
    act(olga, spring, "archive")
    again = act(olga, spring, "archive", "once more")
    assert again.status_code == 409
    assert "it is archived already" in again.text


def test_whoever_only_looks_archives_nothing_and_an_operator_is_in_the_audit(world: World) -> None:
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        set_stage(session, cohort_id, Stage.ENDED)
    path = f"/console/cohorts/{cohort_id}/archive"
    viewer = at_desk(world, Role.VIEWER, "vera@example.com").browser
    assert path not in viewer.get(f"/console/cohorts/{cohort_id}").text
    assert viewer.post(path, reason="x").status_code == 403
    operator = at_desk(world, Role.OPERATOR, "olga@example.com").browser
    assert path in operator.get(f"/console/cohorts/{cohort_id}").text
    assert operator.post(path, reason="all moved").status_code == 303
    entry = audited(world)[-1]
    assert (entry.kind, entry.cohort_id, entry.reason) == (
        AuditKind.ROLLOUT_ORDERED,
        cohort_id,
        "all moved",
    )
    assert entry.detail == {"command": "archive"}


def test_a_clone_is_the_same_description_under_a_free_name(local: World, olga: Browser, spring: str) -> None:
    assert f'href="/console/launch?like={spring}"' in olga.get(f"/console/cohorts/{spring}").text
    page = olga.get(f"/console/launch?like={spring}").text
    assert "name = &#34;spring-2&#34;" in page
    description = written(make_cohort(name="spring"), name="spring-2")
    assert olga.post("/console/launch", description=description, reason="again").status_code == 303
    assert "name = &#34;spring-3&#34;" in olga.get(f"/console/launch?like={spring}").text
    assert parse(description).waves == make_cohort().waves
    assert olga.get("/console/launch?like=nothing").status_code == 404
