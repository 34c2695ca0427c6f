"""What an operator ought to know before a launch is among the plan's remarks."""

from datetime import timedelta

from domain.rollouts.cohorts import Wave
from services.rollouts import cohort_plans
from store import Database
from tests.clocks import START
from tests.factories import make_account, make_cohort


def test_a_wave_that_adds_only_people_who_are_held_out_is_told(database: Database) -> None:
    waves = tuple(Wave(percent=percent, bake=timedelta()) for percent in (50, 90, 100))
    with database.transaction() as session:
        make_account(session)
        plan = cohort_plans.draw(session, make_cohort(holdout_percent=10, waves=waves), now=START)
    assert "wave 3 reaches nobody new: whom it adds to wave 2 is held out" in plan.remarks
