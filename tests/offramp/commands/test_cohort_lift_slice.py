"""`offramp cohort status` names the slices without the prompt, and `lift-slice` lets it come back to them."""

import json

from domain.rollouts.guardrails import Metric
from domain.rollouts.slices import Dimension, Slice
from store import Database
from store.rollouts import slice_holds
from tests.clocks import START
from tests.factories import keep_cohort
from tests.offramp.conftest import Run


def test_a_held_slice_is_shown_and_lifted(offramp: Run, home_database: Database) -> None:
    with home_database.transaction() as session:
        cohort_id = keep_cohort(session)
        held = Slice(by=Dimension.PROVIDER, value="Windows Hello")
        slice_holds.begin(session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=START)
    assert "provider Windows Hello" in offramp("cohort", "status", "spring").out
    (hold,) = json.loads(offramp("cohort", "status", "spring", "--json").out)["holds"]
    lift = ("cohort", "lift-slice", "spring", hold["hold_id"], "--reason", "it was mended")
    lifted = json.loads(offramp(*lift, "--json").out)
    assert (lifted["slice"]["value"], lifted["ended_at"] is not None) == ("Windows Hello", True)
    assert json.loads(offramp("cohort", "status", "spring", "--json").out)["holds"] == []
    assert offramp(*lift).code == 1
