"""The cohort's page names the slices without the prompt, and an operator lets it come back to them."""

import pytest

from domain.rollouts.guardrails import Metric
from domain.rollouts.slices import Dimension, Slice
from store.rollouts import slice_holds
from tests.api.console.operators import log, text
from tests.api.world import Browser, World


@pytest.fixture
def hold_id(local: World, cohort_id: str) -> str:
    with local.database.transaction() as session:
        held = Slice(by=Dimension.BROWSER, value="Chrome 131")
        slice_holds.begin(
            session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=local.clock()
        )
        return slice_holds.of_cohort(session, cohort_id)[0].hold_id


def is_open(world: World, cohort_id: str) -> bool:
    with world.database.reading() as session:
        return bool(slice_holds.of_cohort(session, cohort_id, only_open=True))


def test_a_held_slice_is_on_the_page_and_is_lifted_with_a_reason(
    local: World, olga: Browser, cohort_id: str, hold_id: str
) -> None:
    page = f"/console/cohorts/{cohort_id}"
    assert "Without the prompt" in text(olga.get(page))
    assert "browser Chrome 131" in text(olga.get(page))
    assert olga.post(f"{page}/slices/{hold_id}/lift", reason="it was mended").status_code == 303
    assert not is_open(local, cohort_id)
    newest = log(local, cohort_id)[0]
    assert (newest.kind, newest.by, newest.reason) == ("slice_lifted", "console", "it was mended")
    assert newest.detail == {"slice": "prompt_failures for browser Chrome 131"}
    assert "Without the prompt" not in text(olga.get(page))


def test_a_hold_is_not_lifted_without_a_reason_nor_twice(
    local: World, olga: Browser, cohort_id: str, hold_id: str
) -> None:
    lift = f"/console/cohorts/{cohort_id}/slices/{hold_id}/lift"
    assert "Say why" in text(olga.post(lift, reason=" "))
    assert is_open(local, cohort_id)
    olga.post(lift, reason="it was mended")
    assert "has ended already" in text(olga.post(lift, reason="it was mended"))
