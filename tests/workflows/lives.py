"""One account and its journey on a clock that the test moves: what happens to the person, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from domain.facts import Facts, Milestone
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate
from domain.policy import Policy
from domain.presets import STANDARD
from store import Database, Session
from store.journeys import facts, journeys, policies, sms
from store.messages import fates, messages
from store.messages.messages import Message
from store.people import accounts, journal, passkeys
from store.people.accounts import Account
from tests import factories
from tests.waiting import eventually
from workflows import running_journeys
from workflows.migration import MigrationWorkflow


@dataclass
class Life:
    """Drives one journey the way the API and the relay do: rows first, then a snapshot of facts by signal."""

    environment: WorkflowEnvironment
    database: Database
    account_id: str
    skipped: timedelta = field(default_factory=timedelta)

    @classmethod
    async def begin(
        cls,
        environment: WorkflowEnvironment,
        database: Database,
        policy: Policy = STANDARD,
        **account: Any,
    ) -> "Life":
        """A new account whose journey has just started."""
        with database.transaction() as session:
            account_id = factories.make_account(session, **account).account_id
            policy_id = policies.store(session, policy, at=datetime.now(UTC))
            journeys.open_(session, account_id, policy_id, at=datetime.now(UTC))
        life = cls(environment, database, account_id)
        await life.tell()
        return life

    @property
    def now(self) -> datetime:
        """The time by this journey's own clock."""
        return datetime.now(UTC) + self.skipped

    @property
    def handle(self) -> WorkflowHandle[MigrationWorkflow, str]:
        """The journey in Temporal."""
        return self.environment.client.get_workflow_handle_for(
            MigrationWorkflow.run,
            running_journeys.workflow_id(self.account_id),
        )

    async def tell(self) -> None:
        """Signal the facts as they are now."""
        start = running_journeys.input_of(self.database, self.account_id)
        if start:
            await running_journeys.tell(self.environment.client, start)

    async def pass_(self, time: timedelta) -> None:
        """Let time go by, when the journey has acted on what it was told, and until it has acted on that too."""
        await self.settled()  # a skip in the middle of an act would be a time-out of it
        await self.environment.fast_forward(self.handle, time)
        self.skipped += time
        await self.settled()

    async def settled(self) -> None:
        """Wait until the journey has acted on everything it was told."""
        await eventually(self._is_settled, "the journey acts on what it was told")

    async def _is_settled(self) -> bool:
        events = [event.WhichOneof("attributes") or "" for event in (await self.history()).events]
        acted = [at for at, name in enumerate(events) if name.startswith("workflow_task_completed")]
        signals = [
            at for at, name in enumerate(events) if name.startswith(("workflow_execution_s", "timer_fired"))
        ]
        return bool(acted) and acted[-1] > signals[-1] and not events[-1].startswith("workflow_task_s")

    async def verify_email(self) -> None:
        """The person confirms the address."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            account.email_verified_at = self.now
            session.add(account)
            self._happened(session, EventKind.EMAIL_VERIFIED)
        await self.tell()

    async def bind_passkey(self, **changes: Any) -> str:
        """The person creates a passkey."""
        with self.database.transaction() as session:
            passkey = factories.make_passkey(session, self.account_id, bound_at=self.now, **changes)
            self._happened(session, EventKind.PASSKEY_BOUND)
            passkey_id = passkey.passkey_id
        await self.tell()
        return passkey_id

    async def sign_in_with(self, passkey_id: str) -> None:
        """The person signs in with a passkey."""
        with self.database.transaction() as session:
            passkey = passkeys.get(session, self.account_id, passkey_id)
            passkeys.note_use(session, passkey, at=self.now, day=self.now.date())
            self._happened(session, EventKind.PASSKEY_PROVEN)
        await self.tell()

    async def remove_passkey(self, passkey_id: str) -> None:
        """The person removes a passkey."""
        with self.database.transaction() as session:
            passkeys.get(session, self.account_id, passkey_id).removed_at = self.now
            self._happened(session, EventKind.PASSKEY_REMOVED)
        await self.tell()

    async def keep_recovery_codes(self) -> None:
        """The person keeps recovery codes, and has typed one back."""
        with self.database.transaction() as session:
            factories.make_recovery_codes(session, self.account_id, at=self.now)
            self._happened(session, EventKind.RECOVERY_CODES_PROVEN)
        await self.tell()

    async def restore_sms(self) -> None:
        """The person switches text-message codes on again."""
        with self.database.transaction() as session:
            sms.restore(session, self.account_id, at=self.now, actor=Actor.PERSON, reason="person")
        await self.tell()

    def send_everything(self) -> None:
        """The providers take what they have not taken yet."""
        with self.database.transaction() as session:
            factories.send_everything(session, self.account_id, at=self.now)

    async def bounce_everything(self) -> None:
        """The providers say that nothing they took has arrived."""
        with self.database.transaction() as session:
            for message in messages.of_account(session, self.account_id):
                fates.note(session, message.key, Fate.BOUNCED, reason="bounced", at=self.now)
        await self.tell()

    async def change_email(self, email: str) -> None:
        """The host tells another address."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            account.email = account.host_email = email
            session.add(account)
            self._happened(session, EventKind.ACCOUNT_CHANGED)
        await self.tell()

    async def get_ready(self) -> str:
        """The person does everything in one go, with a passkey that owes nothing to a text message."""
        await self.verify_email()
        passkey_id = await self.bind_passkey()
        await self.sign_in_with(passkey_id)
        await self.keep_recovery_codes()
        return passkey_id

    def facts(self) -> Facts:
        """What is true of the account."""
        with self.database.reading() as session:
            return facts.read(session, self.account_id)

    def account(self) -> Account:
        """The account's row."""
        with self.database.reading() as session:
            return accounts.get(session, self.account_id)

    def messages(self) -> list[Message]:
        """Everything that was said to the person, oldest first."""
        with self.database.reading() as session:
            return list(reversed(messages.of_account(session, self.account_id)))

    def nudges(self, milestone: Milestone) -> list[Message]:
        """The reminders of one milestone, oldest first."""
        return [message for message in self.messages() if message.milestone == milestone]

    def happened(self) -> list[str]:
        """The kinds of the journal's entries, oldest first."""
        with self.database.reading() as session:
            return [entry.kind for entry in journal.of_account(session, self.account_id)]

    async def history(self) -> WorkflowHistory:
        """The journey's history in Temporal."""
        return await self.handle.fetch_history()

    def _happened(self, session: Session, kind: EventKind) -> None:
        journal.append(session, self.account_id, kind, at=self.now, actor=Actor.PERSON)
