"""Orders given in the console: what becomes of them, and what whoever is refused is told."""

import re

import pytest

from domain.rollouts.rollout import Command, Stage, Standing, taken_at
from tests.api.console.operators import SMALL, away, changed, log, operator, order, stage, text
from tests.api.world import Browser, World
from tests.console import set_stage


@pytest.mark.parametrize("where", list(Stage))
def test_a_stage_offers_what_its_rollout_takes_and_says_of_the_rest_why_not(
    local: World, olga: Browser, cohort_id: str, where: Stage
) -> None:
    with local.database.transaction() as session:
        set_stage(session, cohort_id, where)
    page = olga.get(f"/console/cohorts/{cohort_id}").text
    for command in set(Command) - {Command.LAUNCH}:
        offered = f'action="/console/cohorts/{cohort_id}/orders/{command}"' in page
        explained = re.search(rf'id="why-{command}">[^<]+\.<', page) is not None
        assert (offered, explained) == (
            (True, False) if command in taken_at(Standing(stage=where)) else (False, True)
        )


@pytest.mark.parametrize("where", list(Stage))
@pytest.mark.parametrize("command", [command for command in Command if command is not Command.LAUNCH])
def test_an_order_is_carried_out_or_refused_with_the_reason(
    local: World, olga: Browser, cohort_id: str, where: Stage, command: Command
) -> None:
    with local.database.transaction() as session:
        set_stage(session, cohort_id, where)
    answer = order(olga, cohort_id, command)
    newest = log(local, cohort_id)[0]
    assert (newest.by, newest.reason) == ("console", "a <b>test</b>")
    if command in taken_at(Standing(stage=where)):
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/console/cohorts/{cohort_id}"
        assert newest.kind == command
    else:
        assert answer.status_code == 409
        assert f"{command.capitalize()} is not possible while the rollout is {where}" in answer.text
        assert "a &lt;b&gt;test&lt;/b&gt;" in answer.text
        assert newest.kind == f"{command}_refused"
        assert stage(local, cohort_id) == where


def test_of_two_operators_who_saw_the_same_the_second_is_told_what_has_changed(
    local: World, cohort_id: str
) -> None:
    ada, ben = operator(local, "Ada"), operator(local, "Ben")
    seen = re.search(r'data-version="(\d+)"', ada.get(f"/console/cohorts/{cohort_id}").text)
    assert seen
    first = order(ada, cohort_id, Command.PAUSE, seen=seen[1], reason="the help desk is full")
    second = order(ben, cohort_id, Command.ADVANCE, seen=seen[1], reason="all is well")
    assert (first.status_code, second.status_code) == (303, 409)
    page = text(second)
    assert "The rollout has moved on since you looked: it is paused now (Ada: the help desk is full)" in page
    assert "paused wave 2 of 3" in page
    assert "Your reason was: “all is well”" in page
    assert [(entry.by, entry.kind) for entry in log(local, cohort_id)[:2]] == [
        ("Ben", "advance_refused"),
        ("Ada", "pause"),
    ]


def test_an_order_that_is_still_possible_can_be_given_again_after_another_look(
    local: World, olga: Browser, cohort_id: str
) -> None:
    refused = order(olga, cohort_id, Command.ABORT, seen="1", reason="too many cases")
    assert refused.status_code == 409
    form = refused.text[refused.text.index("orders/abort") :]
    version = re.search(r'name="seen" value="(\d+)"', form)
    assert version
    assert 'value="too many cases"' in form
    assert order(olga, cohort_id, Command.ABORT, seen=version[1]).status_code == 303
    assert stage(local, cohort_id) == Stage.ABORTED


def test_an_order_without_a_reason_is_refused(local: World, olga: Browser, cohort_id: str) -> None:
    answer = order(olga, cohort_id, Command.PAUSE, reason="  ")
    assert answer.status_code == 409
    assert "Say why: a command needs a reason" in answer.text
    assert stage(local, cohort_id) == Stage.BAKING


@pytest.mark.parametrize(("length", "words"), [("2", "lacks its unit"), ("soon", "is not a length of time")])
def test_a_length_of_time_that_is_none_is_explained(
    olga: Browser, cohort_id: str, length: str, words: str
) -> None:
    answer = order(olga, cohort_id, Command.EXTEND, extend_by=length)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{length}"' in answer.text


@pytest.mark.parametrize("form", [{"seen": "x"}, {"reason": "x" * 501}])
def test_a_form_that_no_page_of_ours_sends_is_refused(
    local: World, olga: Browser, cohort_id: str, form: dict[str, str]
) -> None:
    assert order(olga, cohort_id, Command.PAUSE, **form).status_code == 400
    assert stage(local, cohort_id) == Stage.BAKING


def test_an_order_from_another_site_changes_nothing(local: World, cohort_id: str) -> None:
    forged = local.browser(address="127.0.0.1", origin="https://evil.example")
    answer = forged.post(f"/console/cohorts/{cohort_id}/orders/abort", seen="2", reason="forged")
    assert answer.status_code == 403
    assert stage(local, cohort_id) == Stage.BAKING
    assert "abort" not in [entry.kind for entry in log(local, cohort_id)]


def test_while_temporal_is_away_nothing_that_was_typed_is_lost(
    local: World, olga: Browser, cohort_id: str
) -> None:
    away(local)
    answer = order(olga, cohort_id, Command.ROLLBACK, reason="lock-outs")
    assert answer.status_code == 503
    assert "Temporal does not answer, so nothing was ordered" in answer.text
    assert 'value="lock-outs"' in answer.text
    launched = olga.post("/console/launch", description=SMALL, reason="the first percent")
    assert launched.status_code == 503
    assert "name = &#34;small&#34;" in launched.text
    assert 'value="the first percent"' in launched.text


def test_an_order_changes_the_standing_the_buttons_and_the_log(local: World, cohort_id: str) -> None:
    ada, ben = operator(local, "Ada"), operator(local, "Ben")
    before = ben.get(f"/console/cohorts/{cohort_id}/live").text
    order(ada, cohort_id, Command.PAUSE)
    after = ben.get(f"/console/cohorts/{cohort_id}/live").text
    assert {"part-standing", "part-log", "part-order-pause", "part-order-resume"} <= changed(before, after)
    assert not {"part-funnel", "part-curves", "part-guardrails"} & changed(before, after)
