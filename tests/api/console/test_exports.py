"""The tables of the console as CSV: the same numbers as on the pages, called by their keys."""

import csv
import io

import pytest

from domain.rollouts.cohorts import Ineligibility
from domain.staff.staff import Role
from store.rollouts import passed_over
from tests.api.staff.staff import at_desk, audited
from tests.api.world import Browser, World
from tests.factories import keep_cohort, make_account, make_member


def rows_of(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = browser.get(path)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_cohorts_and_the_waves_of_one_tell_how_far_people_are(olga: Browser, cohort_id: str) -> None:
    (cohort,) = rows_of(olga, "/console/export")
    assert (cohort["cohort"], cohort["stage"], cohort["wave"], cohort["waves"]) == (
        "european-families",
        "baking",
        "2",
        "3",
    )
    waves = rows_of(olga, f"/console/cohorts/{cohort_id}/export/waves")
    assert [(wave["wave"], wave["held_out"]) for wave in waves] == [
        ("1", "False"),
        ("2", "False"),
        ("3", "False"),
        ("", "True"),
    ]
    launched = sum(int(wave["launched"]) for wave in waves)
    assert str(launched) == cohort["launched"]


def test_guardrails_have_their_bounds_and_their_verdict(olga: Browser, cohort_id: str) -> None:
    rows = rows_of(olga, f"/console/cohorts/{cohort_id}/export/guardrails")
    verdicts = {row["metric"]: row["verdict"] for row in rows}
    assert verdicts["support_cases"] == "failed"
    assert verdicts["prompt_failures"] == "passed"
    (cases,) = [row for row in rows if row["metric"] == "support_cases"]
    assert (cases["hits"], cases["size"], cases["reaction"]) == ("14", "118", "pause")
    assert float(cases["low"]) > float(cases["limit"])


def test_the_days_of_adoption_are_all_there(olga: Browser) -> None:
    days = rows_of(olga, "/console/adoption/export?days=7")
    assert [day["date"] for day in days][-1] == "2026-03-02"
    assert len(days) == 7
    assert len(rows_of(olga, "/console/adoption/export?days=8")) == 30


@pytest.mark.parametrize("path", ["/export/waves", "/export/guardrails", "/passed-over/export"])
def test_of_a_cohort_that_is_none_there_is_no_table(olga: Browser, path: str) -> None:
    assert olga.get(f"/console/cohorts/nothing{path}").status_code == 404


def test_whoever_was_passed_over_is_listed_and_the_audit_says_who_took_the_list(world: World) -> None:
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        reasons = dict(zip(("a-1", "b-2"), (Ineligibility.EXEMPT, Ineligibility.NO_PHONE), strict=True))
        for external_id, because in reasons.items():
            account_id = make_account(session, external_id=external_id).account_id
            make_member(session, cohort_id, account_id, wave=None, launched_at=None)
            passed_over.note(session, cohort_id, {account_id: because}, at=world.clock())
    vic = at_desk(world, Role.VIEWER)
    path = f"/console/cohorts/{cohort_id}/passed-over/export"
    assert {row["external_id"]: row["because"] for row in rows_of(vic.browser, path)} == reasons
    assert [row["external_id"] for row in rows_of(vic.browser, f"{path}?because=exempt")] == ["a-1"]
    newest = audited(world)[-1]
    assert (newest.kind, newest.detail["filters"]) == ("list_exported", {"because": "exempt"})
