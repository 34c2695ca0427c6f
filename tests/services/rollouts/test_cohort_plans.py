"""What an operator ought to know before a launch is among the plan's remarks."""

from dataclasses import replace
from datetime import timedelta

from domain.facts import SmsState
from domain.rollouts.cohorts import Cohort, Wave
from services.rollouts import cohort_plans
from store import Database
from store.rollouts import cohorts
from tests.clocks import START
from tests.factories import make_account, make_cohort, make_member, make_policy, make_recovery_codes, put_sms


def test_a_wave_that_adds_only_people_who_are_held_out_is_told(database: Database) -> None:
    waves = tuple(Wave(percent=percent, bake=timedelta()) for percent in (50, 90, 100))
    with database.transaction() as session:
        make_account(session)
        plan = cohort_plans.draw(session, make_cohort(holdout_percent=10, waves=waves), now=START)
    assert (
        "wave 3 reaches nobody new: whom it adds to wave 2 is held out; it is passed at once, without its bake"
        in plan.remarks
    )


def test_the_plan_warns_of_waves_that_have_nobody_to_launch(database: Database) -> None:
    waves = tuple(Wave(percent=percent, bake=timedelta(days=14)) for percent in (1, 100))
    cohort = make_cohort(waves=waves, guardrails=())
    with database.transaction() as session:
        accounts = [make_account(session) for _ in range(3)]
    assert remarks_of(database, cohort)[-1] == (
        "wave 1 may have nobody to launch, for the cohort is small; then it is passed at once, without its bake"
    )
    with database.transaction() as session:
        row = cohorts.add(session, cohort, at=START, by="ada", reason="a test")
        for account in accounts:
            make_member(session, row.cohort_id, account.account_id, bucket=5000, wave=None, launched_at=None)
    assert not any("nobody" in remark for remark in remarks_of(database, cohort)), "its first wave has begun"
    with database.transaction() as session:
        for account in accounts:
            put_sms(session, account, SmsState.REMOVED, at=START)
    assert "wave 2 has nobody to launch: it is passed at once, without its bake" in remarks_of(
        database, cohort
    )


def test_the_plan_says_whom_the_rules_of_recovery_leave_without_a_way(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, email=None)
        make_account(session, host_email=None)
        with_codes = make_account(session, phone=None)
        make_recovery_codes(session, with_codes.account_id)
    cohort = make_cohort(name="everybody")
    assert [remark for remark in remarks_of(database, cohort) if "get back in" in remark] == [
        "2 members have no two things by which to get back in by themselves (docs/recovery.md)"
    ]
    assert "1 more have none once text-message codes are off" in remarks_of(database, cohort)
    assert "2 more have none because a code by e-mail does not count (OFFRAMP_EMAIL_RECOVERS)" in remarks_of(
        database, cohort, email_recovers=False
    )
    off = replace(cohort, policy=make_policy(recovery=()))
    assert any("the policy's list of recovery is empty" in remark for remark in remarks_of(database, off))


def remarks_of(database: Database, cohort: Cohort, *, email_recovers: bool = True) -> tuple[str, ...]:
    with database.reading() as session:
        plan = cohort_plans.draw(session, cohort, now=START, email_recovers=email_recovers)
    return plan.remarks
