"""An account on its way, its journey in virtual time, and a host that is asked and may say anything."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from activities.journeys import JourneyActivities
from activities.steps import Step
from domain.facts import Facts, SmsState
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.journal import Actor, EventKind
from domain.journey import Plan, due, plan
from domain.policy import Policy
from services.host import host_word
from store import Database
from store.journeys import facts, sms
from store.messages import messages
from store.people import accounts, journal, passkeys
from store.people.accounts import Account
from store.people.journal import JournalEntry
from tests import factories
from tests.clocks import START
from workflows.migration import ACTIVITIES, AFTER_REFUSAL

DAY = timedelta(days=1)
HOST_POLICY = factories.make_policy(
    name="with the host's word",
    host_confirms=True,
    notice=2 * DAY,
    probation=3 * DAY,
    rest_after_restore=2 * DAY,
)
_MOST_ACTS = 400


@dataclass(kw_only=True)
class HostStage:
    """One account that is ready to leave text messages. Activities run as the workflow would run them."""

    database: Database
    account_id: str
    now: datetime = START
    events: int = 0
    acts: list[str] = field(default_factory=list)

    def let_pass(self, duration: timedelta) -> None:
        """Let the time pass; the journey does what it plans."""
        until, idle_until = self.now + duration, self.now
        for _ in range(_MOST_ACTS):
            next_plan = self.plan()
            moment = due(self.account_id, next_plan, self.facts(), self.policy(), self.now)
            if next_plan.act is None or moment is None or max(moment, idle_until) > until:
                self.now = until
                return
            self.now = max(self.now, moment, idle_until)
            if not self._act(next_plan):
                idle_until = self.now + min(AFTER_REFUSAL, self.policy().notice)
        raise AssertionError(f"the journey never comes to rest: {self.acts[-9:]}")

    def act(self) -> None:
        """Let the journey do what is due at this moment."""
        self.let_pass(timedelta())

    def hear(
        self,
        kind: HostEventKind,
        *,
        at: datetime | None = None,
        request_id: str | None = None,
        reason: str | None = None,
    ) -> EventOutcome:
        """The host tells something. `at` is when it happened there."""
        self.events += 1
        answered = {"request_id": request_id, "reason": reason}
        event = HostEvent(
            source="host",
            event_id=str(self.events),
            kind=kind,
            external_id="any",
            at=at or self.now,
            data={name: value for name, value in answered.items() if value},
        )
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            return host_word.take(session, account, event, now=self.now)

    def asked(self) -> list[dict[str, Any]]:
        """What the host was asked, oldest first: each with its change, id and deadline."""
        return [entry.detail for entry in self.journal() if entry.kind == EventKind.HOST_ASKED]

    def changes(self) -> list[str]:
        """The changes that the host was asked for, oldest first."""
        return [detail["change"] for detail in self.asked()]

    def restore(self) -> None:
        """The person switches codes on again, if they are not gone."""
        if self.account().sms == SmsState.REMOVED:
            return
        with self.database.transaction() as session:
            sms.restore(session, self.account_id, at=self.now, actor=Actor.PERSON, reason="person")

    def lose_passkeys(self) -> None:
        """The person removes every passkey, which recovery codes allow."""
        with self.database.transaction() as session:
            for passkey in passkeys.active_of(session, [self.account_id]).get(self.account_id, ()):
                passkey.removed_at = self.now
            journal.append(
                session, self.account_id, EventKind.PASSKEY_REMOVED, at=self.now, actor=Actor.PERSON
            )

    def make_passkeys(self) -> None:
        """The person sets up again what the proof needs."""
        days = [self.now.date() - DAY, self.now.date()]
        with self.database.transaction() as session:
            factories.make_passkey(session, self.account_id, used_on=days, last_used_at=self.now)
            factories.make_passkey(session, self.account_id)
            journal.append(
                session, self.account_id, EventKind.PASSKEY_PROVEN, at=self.now, actor=Actor.PERSON
            )

    def plan(self) -> Plan:
        """What the journey does next."""
        return plan(self.account_id, self.facts(), self.policy())

    def facts(self) -> Facts:
        """What is true of the account."""
        with self.database.reading() as session:
            return facts.read(session, self.account_id)

    def policy(self) -> Policy:
        """The rules of the journey."""
        return HOST_POLICY

    def account(self) -> Account:
        """The account's row."""
        with self.database.reading() as session:
            return accounts.get(session, self.account_id)

    def journal(self) -> list[JournalEntry]:
        """All entries, oldest first."""
        with self.database.reading() as session:
            return list(journal.of_account(session, self.account_id, limit=5000))

    def letters(self) -> list[str]:
        """The templates of what the person was told, oldest first, each channel counted."""
        with self.database.reading() as session:
            told = messages.of_account(session, self.account_id, limit=5000)
            return [message.template for message in reversed(told)]

    def proofs(self) -> list[str]:
        """The states for which a proof is stored."""
        with self.database.reading() as session:
            return [proof.state for proof in sms.proofs(session, self.account_id)]

    def _act(self, next_plan: Plan) -> bool:
        """Do an act; returns whether the facts have changed by it."""
        assert next_plan.act
        before, nudge = self.facts().version, next_plan.nudge
        self.acts.append(next_plan.act)
        step = Step(account_id=self.account_id, at=self.now)
        if nudge:
            step = Step(
                account_id=self.account_id,
                at=self.now,
                milestone=nudge.milestone,
                ordinal=nudge.ordinal,
                channel=nudge.channel,
            )
        ACTIVITIES[next_plan.act](JourneyActivities(self.database), step)
        with self.database.transaction() as session:
            factories.send_everything(session, self.account_id, at=self.now)
        return self.facts().version > before


def make_stage(database: Database) -> HostStage:
    """An account whose journey has nothing left to do but to retire SMS, with the host's word."""
    with database.transaction() as session:
        account_id = factories.make_ready_account(session).account_id
        factories.make_recovery_codes(session, account_id)
        factories.make_journey(session, account_id, HOST_POLICY)
    return HostStage(database=database, account_id=account_id)
