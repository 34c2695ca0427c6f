"""A stage for plays about trust: one account, a clock, what carries messages, and who has done what."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from domain.errors import NotSafeYet, Refused
from domain.facts import Channel, Facts
from domain.journal import Actor
from domain.journey import JourneyAct, Plan, plan
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.policy import Policy
from domain.presets import STANDARD
from domain.safety.objections import Outcome
from domain.staff.staff import Author
from services.container import Services
from services.people import door_notes
from services.safety import deadlines, objections, settlements, waiting_changes
from store import Database, Session
from store.journeys import facts, sms
from store.messages import fates, messages
from store.messages.messages import ClaimOutcome, Message
from store.people import accounts, contacts, passkeys
from store.people.accounts import Account
from store.people.contacts import KnownContact
from store.people.passkeys import Passkey
from store.safety import objections as kept_objections
from store.safety.objections import Objection
from tests.api.world import make_world
from tests.clocks import FakeClock
from tests.factories import make_account, make_journey, make_passkey
from tests.services.safety.unsigned_passkeys import UnsignedPasskeys, new_credential

Read = TypeVar("Read")

POLICY = replace(STANDARD, proving_days=1)
GONE = (MessageState.SENT, MessageState.GATHERED)
UNSENT = (MessageState.QUEUED, MessageState.HANDED)
SUPPORT = Author(by="sam@example.com", together_with="kim@example.com")


@dataclass
class TrustStage:
    """One account and all that happens to it.

    `broken` are channels by which nothing arrives; `codes` are the newest codes that went out, by their templates.
    """

    services: Services
    account_id: str
    verifier: UnsignedPasskeys
    policy: Policy = POLICY
    broken: set[Channel] = field(default_factory=set)
    is_relay_down: bool = False
    codes: dict[str, str] = field(default_factory=dict)
    _planned: tuple[int, Plan] | None = None
    _read: dict[str, object] = field(default_factory=dict)
    _read_at: int = -1

    @property
    def now(self) -> datetime:
        return self.services.clock()

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def account(self) -> Account:
        return self._once("account", lambda session: accounts.get(session, self.account_id))

    @property
    def facts(self) -> Facts:
        return self._once("facts", lambda session: facts.read(session, self.account_id))

    def passkeys(self) -> Sequence[Passkey]:
        """All passkeys that the account ever had."""
        return self._once("passkeys", lambda session: passkeys.ever_bound(session, self.account_id))

    def passkey(self, passkey_id: str) -> Passkey:
        return next(passkey for passkey in self.passkeys() if passkey.passkey_id == passkey_id)

    def told(self) -> list[KnownContact]:
        """The contacts that hear of changes now."""
        with self.database.reading() as session:
            return contacts.to_tell(session, accounts.get(session, self.account_id), now=self.now)

    def messages(self) -> list[Message]:
        """All messages of the account, oldest first."""

        def read(session: Session) -> list[Message]:
            sent = messages.of_account(session, self.account_id, limit=10_000)
            return sorted(sent, key=lambda message: (message.created_at, message.key))

        return self._once("messages", read)

    def objections(self) -> list[Objection]:
        """The objections that nobody has settled, oldest first."""
        kept = self._once("objections", lambda session: kept_objections.of_account(session, self.account_id))
        return sorted((row for row in kept if row.settled_at is None), key=lambda row: row.made_at)

    def arrived(self, address: str, template: Template | None = None) -> list[Message]:
        """The notices that have reached an address, oldest first."""
        return [
            message
            for message in self.messages()
            if message.recipient == address
            and message.purpose == Purpose.NOTICE
            and message.state in GONE
            and message.settled_at
            and template in (None, message.template)
        ]

    def deliver(self) -> None:
        """Hand over what waits and may go; by a broken channel it comes back."""
        while door_notes.write_up(self.database, self.services.clock):
            pass
        for key in self._waiting():
            self._hand_over(key)

    def report_delivered(self) -> None:
        """The provider reports, late, that all e-mails have arrived."""
        with self.database.transaction() as session:
            for message in self.messages():
                if message.channel == Channel.EMAIL and message.state == MessageState.SENT:
                    fates.note(session, message.key, Fate.DELIVERED, reason="", at=self.now)

    def let_pass(
        self,
        time: timedelta,
        *,
        daily: Iterable[Callable[[], None]] = (),
        at_most: timedelta = timedelta(hours=12),
    ) -> None:
        """Let time go by, `at_most` so much at a time; the machinery runs, then everybody does what they do daily."""
        daily = tuple(daily)
        while time > timedelta():
            span = min(time, at_most)
            time -= span
            assert isinstance(self.services.clock, FakeClock)
            self.services.clock.advance(span)
            self.run_machinery()
            for act in daily:
                act()

    def run_machinery(self) -> None:
        """What runs by itself, unless the relay is down."""
        if self.is_relay_down:
            return
        self.deliver()
        waiting_changes.carry_out_due(self.database, now=self.now)
        deadlines.settle_overdue(self.database, now=self.now)
        self.act_as_journey()

    def act_as_journey(self) -> None:
        """Take the next step of the journey towards the end of SMS, if its moment has come."""
        step = self._plan()
        if step.act is None or step.at is None or step.at > self.now:
            return
        try:
            with self.database.transaction() as session:
                match step.act:
                    case JourneyAct.GIVE_NOTICE:
                        sms.give_notice(session, self.account_id, self.policy, at=self.now)
                    case JourneyAct.SUSPEND_SMS:
                        sms.suspend(session, self.account_id, self.policy, at=self.now)
                    case JourneyAct.REMOVE_SMS:
                        sms.remove(session, self.account_id, self.policy, at=self.now)
                    case JourneyAct.RESTORE_SMS:
                        why = "proof_lost"
                        sms.restore(session, self.account_id, at=self.now, actor=Actor.JOURNEY, reason=why)
        except NotSafeYet:
            return

    def settle(self, objection: Objection, outcome: Outcome) -> bool:
        """Two members of support settle a dispute; False if the rules refuse it."""
        try:
            with self.database.transaction() as session:
                settlements.settle(
                    session,
                    SUPPORT,
                    self.account_id,
                    objection.objection_id,
                    outcome=outcome,
                    reason="they called",
                    at=self.now,
                )
        except Refused:
            return False
        return True

    def object(self, message_key: str) -> bool:
        """Somebody opens the link in a notice and presses; False if that has no force."""
        try:
            with self.database.transaction() as session:
                objections.make(session, message_key, at=self.now)
        except Refused:
            return False
        return True

    def _once(self, name: str, read: Callable[[Session], Read]) -> Read:
        """What the database says; it is asked once until somebody may have written."""
        writes = getattr(self.database, "writes", None)
        if writes is None or writes != self._read_at:
            self._read, self._read_at = {}, writes if writes is not None else -1
        if name not in self._read:
            with self.database.reading() as session:
                self._read[name] = read(session)
        return cast(Read, self._read[name])

    def _plan(self) -> Plan:
        """The journey's plan, which changes with the facts alone."""
        version = self.account.facts_version
        if self._planned is None or self._planned[0] != version:
            self._planned = version, plan(self.account_id, self.facts, self.policy)
        return self._planned[1]

    def _waiting(self) -> list[str]:
        return [
            message.key
            for message in reversed(self.messages())
            if message.state in UNSENT and (message.not_before is None or message.not_before <= self.now)
        ]

    def _hand_over(self, key: str) -> None:
        with self.database.transaction() as session:
            outcome, claimed = messages.claim(session, key, now=self.now)
            if outcome is not ClaimOutcome.GRANTED or claimed is None:
                return
            if claimed.sealed:
                self.codes[claimed.template] = json.loads(self.services.seal.open(claimed.sealed))["code"]
            messages.settle(session, claimed, MessageState.SENT, at=self.now)
            if Channel(claimed.channel) in self.broken:
                fates.note(session, claimed.key, Fate.BOUNCED, reason="no such mailbox", at=self.now)


def make_stage(database: Database, clock: FakeClock, **changes: object) -> TrustStage:
    """An account on its journey, with a number and an address that the host has told; keywords change the account."""
    verifier = UnsignedPasskeys()
    services = replace(make_world(database, clock).services, passkeys=verifier)
    with database.transaction() as session:
        account = make_account(session, **({"created_at": clock(), "progress_at": clock()} | changes))
        account_id = account.account_id
        make_journey(session, account_id, POLICY, at=clock())
    return TrustStage(services=services, account_id=account_id, verifier=verifier)


def keep_passkey(stage: TrustStage, *, at: datetime | None = None) -> str:
    """A passkey that the account has had from the beginning, established and proven; returns its credential id."""
    since = at or stage.now
    credential_id = new_credential()
    with stage.database.transaction() as session:
        make_passkey(
            session,
            stage.account_id,
            credential_id=credential_id,
            bound_at=since,
            rooted_at=since,
            established_from=since,
            used_on=[since.date()],
            last_used_at=since,
        )
    stage.verifier.owners[credential_id] = stage.account_id
    return credential_id
