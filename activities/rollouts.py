"""What a rollout records, measures, and takes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from temporalio import activity

from activities import slice_holds, standings
from activities.refusals import beyond_retrying
from activities.standings import Described, Remembered, StandingChange, Written
from activities.transactions import in_transaction
from domain.codes import digest
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import Purpose, Template
from domain.ports import Clock
from domain.rollouts import second_looks
from domain.rollouts.guardrails import Assessment, Reaction, Verdict, overall
from domain.rollouts.rollout import Stage
from store import Database, Session
from store.journeys import journeys, promises, sms
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import journal
from store.rollouts import cohorts, draws, holds, looks, measurements, members, taken_back, tallies

log = structlog.get_logger()

BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What an assessment means: the verdict, the guardrails that failed, and the strongest of their reactions.

    `is_suspected`: a guardrail that rolls back has failed, and other people are to be looked at before it does.
    `is_cleared`: they have passed. `waves` are where the failing people came from, from 0. `everybody_ended`: no
    journey of the cohort runs any more. `version` is that of the standing in the database.
    """

    verdict: Verdict
    failed: tuple[str, ...] = ()
    reaction: Reaction | None = None
    is_suspected: bool = False
    is_cleared: bool = False
    waves: tuple[int, ...] = ()
    everybody_ended: bool = False
    version: int = 0

    @property
    def failure(self) -> str:
        """What failed, for the cohort's journal."""
        return f"failed: {', '.join(self.failed)}"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Guardrails that failed, the reaction, and since when the rollout had its standing.

    `is_first_look`: the reaction follows only if a second look fails, too.
    """

    cohort_id: str
    failed: tuple[str, ...]
    reaction: Reaction
    since: datetime
    is_first_look: bool = False

    @property
    def reason(self) -> str:
        """What failed, for the cohort's journal."""
        guardrails = ", ".join(self.failed)
        return f"{guardrails}, in a first look" if self.is_first_look else guardrails


class RolloutActivities:
    """The acts of a rollout on the database; each can be repeated."""

    def __init__(self, database: Database, clock: Clock, operators: Sequence[str] = ()) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators

    def quick(self) -> list[Callable[..., Any]]:
        """The short acts, which workflows run as local activities."""
        return [self.record, self.describe_anew, self.look_up, self.assess, self.notify]

    def long(self) -> list[Callable[..., Any]]:
        """The walks through many accounts."""
        return [self.release_held, self.take_back, self.renew_policies]

    @activity.defn(no_thread_cancel_exception=True)
    def record(self, change: StandingChange) -> Written | None:
        """Write down where the rollout stands, and why; a repeated change adds no second entry.

        Returns what the database says instead, if it knows another step of that version, or a later one.
        """
        with beyond_retrying(), self._database.transaction() as session:
            return standings.write(session, change)

    @activity.defn(no_thread_cancel_exception=True)
    def describe_anew(self, described: Described) -> Written | None:
        """Write down an edit, and where the rollout stands by it; a repeated edit changes nothing.

        Returns what the database says instead, as `record` does.
        """
        with beyond_retrying(), self._database.transaction() as session:
            return standings.describe(session, described)

    @activity.defn(no_thread_cancel_exception=True)
    def look_up(self, remembered: Remembered) -> Written | None:
        """What the database says of a rollout, if that is later than what the rollout remembers."""
        with beyond_retrying(), self._database.reading() as session:
            return standings.look_up(session, remembered)

    @activity.defn(no_thread_cancel_exception=True)
    def assess(self, cohort_id: str) -> Judgement:
        """Measure every guardrail, keep the measurements, and say what follows."""
        now = self._clock()
        with beyond_retrying(), self._database.reading() as session:
            # Measuring a large cohort takes seconds, during which no writer should have to wait.
            seen = looks.look(session, cohort_id, now=now)
            funnel = measurements.funnel(session, cohort_id)
            draw = draws.read(session, cohort_id)
            everybody_ended = not members.has_running(session, cohort_id)
        with self._database.transaction() as session:
            tallies.record(session, cohort_id, at=now, assessments=seen.assessments, funnel=funnel, draw=draw)
            tell = partial(self._tell_of_hold, session, cohort_id, now)
            slice_holds.follow(session, cohort_id, seen.assessments, at=now, tell=tell)
        verdict = judgement(seen.assessments, suspected_at=seen.standing.suspected_at, waves=seen.waves)
        return replace(verdict, everybody_ended=everybody_ended, version=seen.standing.version)

    @activity.defn(no_thread_cancel_exception=True)
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
                    reason=alarm.reason,
                    at=self._clock(),
                )

    @activity.defn
    async def release_held(self, cohort_id: str) -> None:
        """Let every journey that waited for the rollout go on."""
        while await in_transaction(self._database, self._release, cohort_id):
            activity.heartbeat()

    @activity.defn
    async def take_back(
        self, cohort_id: str, stage: Stage, wave: int, waves: tuple[int, ...] | None = None
    ) -> int:
        """Leave nobody of a rollout that was given up with less than they can use; returns for how many accounts.

        Whoever is under notice keeps text-message codes, and is told so. They are switched on again for everybody who
        has not signed in by a passkey since their codes were suspended; after a rollback, for everybody of `waves`
        (or of `wave`, if there are none) who is still in probation. The cohort's journal says how many people of each
        wave that were.
        """
        affected_waves = (waves or (wave,)) if stage is Stage.ROLLED_BACK else ()
        restored = 0
        while count := await in_transaction(self._database, self._restore, cohort_id, stage, affected_waves):
            restored += count
            activity.heartbeat(restored)
        await in_transaction(self._database, self._note_taken_back, cohort_id)
        log.info("sms_taken_back", cohort_id=cohort_id, accounts=restored)
        return restored

    @activity.defn
    async def renew_policies(self, cohort_id: str) -> None:
        """Let every running journey of the cohort follow its newest policy."""
        while await in_transaction(self._database, self._renew, cohort_id):
            activity.heartbeat()

    def _write_to_operators(self, session: Session, alarm: Alarm) -> bool:
        """Queue an e-mail to each operator; False if this alarm was raised before."""
        if cohorts.has_entry(
            session, alarm.cohort_id, "guardrail_failed", since=alarm.since, reason=alarm.reason
        ):
            return False
        reaction = "look_again" if alarm.is_first_look else alarm.reaction
        name = cohorts.get(session, alarm.cohort_id).name
        for address in self._operators:
            warning = NewMessage(
                key=f"rollout:{alarm.cohort_id}:{alarm.since.isoformat()}:{alarm.reason}:{digest(address)[:16]}",
                account_id=None,
                purpose=Purpose.NOTICE,
                template=Template.GUARDRAIL_FAILED,
                channel=Channel.EMAIL,
                recipient=address,
                locale="en",
                values={"cohort": name, "guardrails": ", ".join(alarm.failed), "reaction": reaction},
            )
            messages.add(session, warning, at=self._clock())
        return True

    def _tell_of_hold(self, session: Session, cohort_id: str, since: datetime, what: str) -> None:
        alarm = Alarm(cohort_id=cohort_id, failed=(what,), reaction=Reaction.HOLD_SLICE, since=since)
        self._write_to_operators(session, alarm)

    def _release(self, session: Session, cohort_id: str) -> int:
        return holds.release(session, cohort_id, at=self._clock(), batch=BATCH)

    def _restore(self, session: Session, cohort_id: str, stage: Stage, waves: tuple[int, ...]) -> int:
        account_ids = members.to_take_back(session, cohort_id, waves=waves, batch=BATCH)
        for account_id in account_ids:
            sms.restore(session, account_id, at=self._clock(), actor=Actor.STAFF, reason=stage)
        return len(account_ids)

    def _note_taken_back(self, session: Session, cohort_id: str) -> None:
        taken_back.note(session, cohort_id, at=self._clock())

    def _renew(self, session: Session, cohort_id: str) -> int:
        policy_id, now = cohorts.get(session, cohort_id).policy_id, self._clock()
        account_ids = members.to_renew(session, cohort_id, policy_id, batch=BATCH)
        promises.keep(session, account_ids, at=now)
        for account_id in account_ids:
            journeys.renew(session, account_id, policy_id)
            journal.append(session, account_id, EventKind.POLICY_CHANGED, at=now, actor=Actor.STAFF)
        return len(account_ids)


def judgement(
    assessments: tuple[Assessment, ...],
    *,
    suspected_at: datetime | None = None,
    waves: tuple[int, ...] = (),
) -> Judgement:
    """The verdict on a wave; of all failed guardrails, the strongest reaction counts. A rollback takes two looks."""
    reactions = {reaction for assessment in assessments if (reaction := _reaction(assessment))}
    by_weight = (Reaction.ROLLBACK, Reaction.PAUSE, Reaction.NOTIFY)
    strongest = next((reaction for reaction in by_weight if reaction in reactions), None)
    is_suspected = any(assessment.is_suspected for assessment in assessments)
    is_cleared = suspected_at is not None and second_looks.is_cleared(assessments)
    return Judgement(
        verdict=overall(assessments),
        failed=tuple(
            assessment.failure
            for assessment in assessments
            if assessment.verdict is Verdict.FAILED or assessment.is_suspected
        ),
        reaction=strongest,
        is_suspected=is_suspected and not is_cleared and strongest is not Reaction.ROLLBACK,
        is_cleared=is_cleared,
        waves=waves,
    )


def _reaction(assessment: Assessment) -> Reaction | None:
    if assessment.guardrail.reaction is Reaction.ROLLBACK:
        return Reaction.ROLLBACK if second_looks.rolls_back(assessment) else None
    if assessment.verdict is not Verdict.FAILED:
        return None
    if assessment.guardrail.reaction is Reaction.HOLD_SLICE:
        # Where slices have failed, they are held, and account for it; otherwise nothing less than all of it helps.
        return Reaction.NOTIFY if assessment.slices else Reaction.PAUSE
    return assessment.guardrail.reaction
