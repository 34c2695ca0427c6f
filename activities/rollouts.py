"""What a rollout records, measures, and takes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from temporalio import activity

from activities.refusals import beyond_retrying
from activities.transactions import in_transaction
from domain.codes import digest
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import Purpose, Template
from domain.ports import Clock
from domain.rollouts.guardrails import Assessment, Reaction, Verdict, overall
from domain.rollouts.rollout import Stage, Standing
from store import Database, Session
from store.journeys import journeys, sms
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import journal
from store.rollouts import cohorts, holds, measurements, members, tallies

log = structlog.get_logger()

BATCH = 200


@dataclass(frozen=True, kw_only=True)
class StandingChange:
    """A rollout's new standing, the kind of change, who made it, and why."""

    cohort_id: str
    standing: Standing
    kind: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What an assessment means: the verdict, the guardrails that failed, and the strongest of their reactions."""

    verdict: Verdict
    failed: tuple[str, ...] = ()
    reaction: Reaction | None = None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Guardrails that failed, the reaction, and since when the rollout had its standing."""

    cohort_id: str
    failed: tuple[str, ...]
    reaction: Reaction
    since: datetime


class RolloutActivities:
    """The acts of a rollout on the database; each can be repeated."""

    def __init__(self, database: Database, clock: Clock, operators: Sequence[str] = ()) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators

    def quick(self) -> list[Callable[..., Any]]:
        """The short acts, which workflows run as local activities."""
        return [self.record, self.assess, self.notify]

    def long(self) -> list[Callable[..., Any]]:
        """The walks through many accounts."""
        return [self.release_held, self.take_back, self.renew_policies]

    @activity.defn
    def record(self, change: StandingChange) -> None:
        """Write down where the rollout stands, and why; a repeated change adds no second entry."""
        with beyond_retrying(), self._database.transaction() as session:
            row = cohorts.get(session, change.cohort_id)
            if cohorts.standing(row).version >= change.standing.version:
                return
            cohorts.stand(session, change.cohort_id, change.standing)
            cohorts.note(
                session,
                change.cohort_id,
                change.kind,
                by=change.by,
                reason=change.reason,
                at=change.at,
                stage=change.standing.stage,
                wave=change.standing.wave,
            )

    @activity.defn
    def assess(self, cohort_id: str) -> Judgement:
        """Measure every guardrail, keep the measurements, and say what follows."""
        now = self._clock()
        with beyond_retrying(), self._database.reading() as session:
            cohort = cohorts.description(cohorts.get(session, cohort_id))
            # Measuring a large cohort takes seconds, during which no writer should have to wait.
            assessments = measurements.assessments(session, cohort_id, cohort, now=now)
            funnel = measurements.funnel(session, cohort_id)
        with self._database.transaction() as session:
            tallies.record(session, cohort_id, at=now, assessments=assessments, funnel=funnel)
        return judgement(assessments)

    @activity.defn
    def notify(self, alarm: Alarm) -> None:
        """Tell the operators, by journal and e-mail, about failed guardrails: once for each standing and failure."""
        log.warning("guardrail_failed", cohort_id=alarm.cohort_id, guardrails=alarm.failed)
        with beyond_retrying(), self._database.transaction() as session:
            if self._write_to_operators(session, alarm):
                cohorts.note(
                    session,
                    alarm.cohort_id,
                    "guardrail_failed",
                    by="guardrails",
                    reason=", ".join(alarm.failed),
                    at=self._clock(),
                )

    @activity.defn
    async def release_held(self, cohort_id: str) -> None:
        """Let every journey that waited for the rollout go on."""
        while await in_transaction(self._database, self._release, cohort_id):
            activity.heartbeat()

    @activity.defn
    async def take_back(self, cohort_id: str, stage: Stage, wave: int) -> int:
        """Switch text-message codes on again; returns for how many accounts.

        After an abort: for everybody who has not signed in by a passkey since their codes were suspended. After a
        rollback: for everybody of the wave who is still in probation, or has been given notice.
        """
        restored = 0
        while count := await in_transaction(self._database, self._restore, cohort_id, stage, wave):
            restored += count
            activity.heartbeat(restored)
        log.info("sms_taken_back", cohort_id=cohort_id, accounts=restored)
        return restored

    @activity.defn
    async def renew_policies(self, cohort_id: str) -> None:
        """Let every running journey of the cohort follow its newest policy."""
        while await in_transaction(self._database, self._renew, cohort_id):
            activity.heartbeat()

    def _write_to_operators(self, session: Session, alarm: Alarm) -> bool:
        """Queue an e-mail to each operator; False if this alarm was raised before."""
        guardrails = ", ".join(alarm.failed)
        if cohorts.has_entry(
            session, alarm.cohort_id, "guardrail_failed", since=alarm.since, reason=guardrails
        ):
            return False
        name = cohorts.get(session, alarm.cohort_id).name
        for address in self._operators:
            warning = NewMessage(
                key=f"rollout:{alarm.cohort_id}:{alarm.since.isoformat()}:{guardrails}:{digest(address)[:16]}",
                account_id=None,
                purpose=Purpose.NOTICE,
                template=Template.GUARDRAIL_FAILED,
                channel=Channel.EMAIL,
                recipient=address,
                locale="en",
                values={"cohort": name, "guardrails": guardrails, "reaction": alarm.reaction},
            )
            messages.add(session, warning, at=self._clock())
        return True

    def _release(self, session: Session, cohort_id: str) -> int:
        return holds.release(session, cohort_id, at=self._clock(), batch=BATCH)

    def _restore(self, session: Session, cohort_id: str, stage: Stage, wave: int) -> int:
        aborted = stage is Stage.ABORTED
        account_ids = members.to_take_back(
            session, cohort_id, wave=None if aborted else wave, only_unproven=aborted, batch=BATCH
        )
        for account_id in account_ids:
            sms.restore(session, account_id, at=self._clock(), actor=Actor.STAFF, reason=stage)
        return len(account_ids)

    def _renew(self, session: Session, cohort_id: str) -> int:
        policy_id = cohorts.get(session, cohort_id).policy_id
        account_ids = members.to_renew(session, cohort_id, policy_id, batch=BATCH)
        for account_id in account_ids:
            journeys.renew(session, account_id, policy_id)
            journal.append(session, account_id, EventKind.POLICY_CHANGED, at=self._clock(), actor=Actor.STAFF)
        return len(account_ids)


def judgement(assessments: tuple[Assessment, ...]) -> Judgement:
    """The verdict on a wave; of all failed guardrails, the strongest reaction counts."""
    failed_guardrails = [
        assessment.guardrail for assessment in assessments if assessment.verdict is Verdict.FAILED
    ]
    reactions = {guardrail.reaction for guardrail in failed_guardrails}
    strongest = next(
        (
            reaction
            for reaction in (Reaction.ROLLBACK, Reaction.PAUSE, Reaction.NOTIFY)
            if reaction in reactions
        ),
        None,
    )
    return Judgement(
        verdict=overall(assessments),
        failed=tuple(guardrail.metric for guardrail in failed_guardrails),
        reaction=strongest,
    )
