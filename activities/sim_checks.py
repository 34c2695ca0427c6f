"""Asks the carrier about an account's SIM, once for each passkey that was bound by text message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from temporalio import activity

from activities.refusals import beyond_retrying
from activities.steps import Step, is_held, is_outdated
from domain.facts import Facts
from domain.policy import Policy
from domain.ports import NotHandedOver, SimChecker
from domain.safety.sim import SimAnswer, SimFinding, SimReport, judge, sim_check_due_at
from store import Database, Session
from store.journeys import facts, journeys, sim_checks
from store.people import accounts

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What is asked of the carrier, and by which rules the answer counts."""

    phone: str
    rooted_at: datetime
    policy: Policy


NOBODY = "none"
"""The source of an answer if nobody is set up to be asked."""


def ask_again(database: Database, checker: SimChecker | None, *, at: datetime) -> int:
    """Where nobody, or another provider, knew nothing of a SIM, let journeys ask this one; returns how many will."""
    if checker is None:
        return 0
    total = 0
    while True:
        with database.transaction() as session:
            reopened = sim_checks.ask_again(session, checker.provider, at=at)
        total += reopened
        if not reopened:
            return total


class SimActivities:
    """The look-up of a SIM. Without a `checker` the answer is `unknown`."""

    def __init__(self, database: Database, checker: SimChecker | None) -> None:
        self._database = database
        self._checker = checker
        self._source = checker.provider if checker else NOBODY

    def all(self) -> list[Callable[..., Any]]:
        """The activities that a worker registers."""
        return [self.check_sim]

    @activity.defn(no_thread_cancel_exception=True)
    def check_sim(self, step: Step) -> Facts:
        """Ask the carrier, if nobody has asked yet. A question that was certainly not billed is asked again later."""
        with beyond_retrying():
            question = self._claim(step)
            if question and self._checker:
                self._ask(self._checker, step, question)
            with self._database.reading() as session:
                return facts.read(session, step.account_id)

    def _claim(self, step: Step) -> _Question | None:
        """Claim the look-up before the carrier is asked. If it cannot be made, the answer is noted instead."""
        with self._database.transaction() as session:
            if is_outdated(session, step):
                return None
            current_facts = facts.read(session, step.account_id)
            policy = journeys.require_policy(session, step.account_id)
            rooted_at = current_facts.passkey_rooted_in_sms_at
            due_at = sim_check_due_at(current_facts, policy)
            if rooted_at is None or due_at is None or due_at > step.at or is_held(session, step):
                return None
            phone = accounts.get(session, step.account_id).phone
            if phone is None or self._checker is None:
                self._note_unknown(session, step, "no_phone" if self._checker else "not_configured")
            elif not sim_checks.claim(session, step.account_id, rooted_at=rooted_at, at=step.at):
                self._note_unknown(session, step, "asker_lost")
            else:
                return _Question(phone=phone, rooted_at=rooted_at, policy=policy)
        return None

    def _ask(self, checker: SimChecker, step: Step, question: _Question) -> None:
        try:
            report = checker.ask(question.phone)
        except NotHandedOver as trouble:
            log.warning("sim_not_checked", account_id=step.account_id, reason=str(trouble))
            with self._database.transaction() as session:
                sim_checks.release(session, step.account_id)
            return
        except Exception:  # the question may have been billed, so it is not asked again
            log.exception("sim_check_lost", account_id=step.account_id)
            report = SimReport(reason="answer_lost")
        finding = judge(report, question.policy, rooted_at=question.rooted_at, now=step.at)
        with self._database.transaction() as session:
            sim_checks.note(session, step.account_id, finding, source=self._source, at=step.at)

    def _note_unknown(self, session: Session, step: Step, reason: str) -> None:
        finding = SimFinding(answer=SimAnswer.UNKNOWN, reason=reason)
        sim_checks.note(session, step.account_id, finding, source=self._source, at=step.at)
