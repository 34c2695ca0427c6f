"""A cohort in the middle of its rollout, with people in all states, for looking at the console."""

from datetime import timedelta
from random import Random

from domain.facts import SmsState
from domain.rollouts.buckets import BUCKETS, reach
from domain.rollouts.cohorts import Cohort, Wave
from domain.rollouts.guardrails import Against, Metric, Reaction, Sample, assess
from domain.rollouts.rollout import Stage, Standing
from store import Database, Session
from store.rollouts import cohorts, tallies
from store.rollouts.measurements import WaveFunnel
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_guardrail, make_member, make_passkey

HOUR = timedelta(hours=1)

DAYS = 12
"""How long ago the cohort was launched."""

GUARDRAILS = (
    (
        make_guardrail(Metric.LOCK_OUTS, limit=0.02, reaction=Reaction.ROLLBACK),
        Sample(hits=1, size=118),
        None,
    ),
    (make_guardrail(Metric.PROMPT_FAILURES, limit=0.2), Sample(hits=21, size=402), None),
    (
        make_guardrail(Metric.UNDELIVERED, limit=0.05, against=Against.HOLDOUT),
        Sample(hits=19, size=611),
        Sample(hits=2, size=96),
    ),
    (make_guardrail(Metric.SUPPORT_CASES, limit=0.03), Sample(hits=14, size=118), None),
    (make_guardrail(Metric.OPT_OUTS, limit=0.1, reaction=Reaction.NOTIFY), Sample(hits=0, size=0), None),
)


def described(name: str = "european-families") -> Cohort:
    """Three waves and five guardrails, one of them over its limit."""
    percents = ((1, 3), (25, 7), (100, 14))
    return make_cohort(
        name=name,
        holdout_percent=5,
        waves=tuple(Wave(percent=percent, bake=timedelta(days=days)) for percent, days in percents),
        guardrails=tuple(guardrail for guardrail, _, _ in GUARDRAILS),
    )


def make_rollout(
    database: Database, *, people: int = 40, stage: Stage = Stage.BAKING, name: str = "european-families"
) -> str:
    """A cohort in its second wave, with so many members; returns its id."""
    with database.transaction() as session:
        cohort_id = keep_cohort(session, described(name))
        dice = Random(7)
        for number in range(people):
            _settle(session, cohort_id, number * BUCKETS // people, dice)
        _measure(session, cohort_id, people)
        set_stage(session, cohort_id, stage)
    return cohort_id


def set_stage(session: Session, cohort_id: str, stage: Stage) -> Standing:
    """Put a rollout into a stage, as somebody has ordered it."""
    before = cohorts.standing(cohorts.get(session, cohort_id))
    standing = before.to(
        stage,
        at=START,
        because="olga: looked at every case" if stage in (Stage.PAUSED, Stage.ABORTED) else "",
        wave=1,
        bakes_until=START + timedelta(days=2),
        paused_from=Stage.BAKING if stage is Stage.PAUSED else None,
    )
    cohorts.stand(session, cohort_id, standing)
    for kind, by, reason in (("wave_launched", "rollout", ""), ("extend", "olga", "looked at every case")):
        cohorts.note(session, cohort_id, kind, by=by, reason=reason, at=START, wave=1)
    return standing


def _settle(session: Session, cohort_id: str, bucket: int, dice: Random) -> None:
    """One member, who has come as far as the dice say."""
    held_out = bucket >= BUCKETS - reach(5)
    wave = 0 if bucket < reach(1) else 1 if bucket < reach(25) else None
    far = dice.random() if wave is not None and not held_out else 0.0
    sms = SmsState.REMOVED if far > 0.9 else SmsState.SUSPENDED if far > 0.75 else SmsState.ON
    account = make_account(
        session,
        email_verified_at=START if far > 0.3 else None,
        sms=SmsState.NOTICE if 0.68 < far < 0.75 else sms,
    )
    if far > 0.45:
        days = [START.date() - timedelta(days=1), START.date()] if far > 0.6 else []
        make_passkey(session, account.account_id, used_on=days, backed_up=True)
        if far > 0.65:
            make_passkey(session, account.account_id)
    launched = {"wave": wave, "launched_at": START if wave is not None else None}
    make_member(
        session,
        cohort_id,
        account.account_id,
        held_out=held_out,
        bucket=bucket,
        **({} if held_out else launched),
    )


def _measure(session: Session, cohort_id: str, people: int) -> None:
    """What was found every six hours since the launch."""
    begins = START - timedelta(days=DAYS)
    judged = tuple(assess(guardrail, sample, holdout) for guardrail, sample, holdout in GUARDRAILS)
    for number in range(DAYS * 4 + 1):
        gone = number / (DAYS * 4)
        launched = people // 100 if gone < 0.25 else round(people * 0.24 * min((gone - 0.2) * 4, 1))
        reached = WaveFunnel(
            wave=1,
            members=people,
            launched=launched,
            passkey_enrolled=round(launched * 0.55 * gone),
            passkey_proven=round(launched * 0.42 * gone**1.3),
            suspended=round(launched * 0.3 * gone**2),
            removed=round(launched * 0.12 * gone**4),
        )
        tallies.record(
            session, cohort_id, at=begins + number * 6 * HOUR, assessments=judged, funnel=[reached]
        )
