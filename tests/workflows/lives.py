"""One account and its journey on a clock that the test moves: what happens to the person, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from domain.facts import Facts, Milestone
from domain.host.events import HostEvent, HostEventKind
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate
from domain.policy import Policy
from domain.presets import STANDARD
from domain.prompts import CannotReason
from services.host import deletions, host_word
from store import Database, Session
from store.journeys import facts, journeys, policies, promises, sms
from store.messages import fates, messages
from store.messages.messages import Message
from store.people import accounts, authenticator_apps, journal, passkeys
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
    ) -> Self:
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
        """Wait until the journey has acted on everything it was told, and on every timer that is due by now."""
        moment = self.now
        await eventually(lambda: self._is_settled(moment), "the journey acts on what it was told")

    async def _is_settled(self, moment: datetime) -> bool:
        history = await self.history()
        events = [event.WhichOneof("attributes") or "" for event in history.events]
        acted = [at for at, name in enumerate(events) if name.startswith("workflow_task_completed")]
        signals = [
            at for at, name in enumerate(events) if name.startswith(("workflow_execution_s", "timer_fired"))
        ]
        has_acted = bool(acted) and acted[-1] > signals[-1] and not events[-1].startswith("workflow_task_s")
        return has_acted and all(due > moment for due in _timers(history))

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

    async def say_that_no_device_can_do_it(self) -> None:
        """The person says why they cannot make a passkey."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            accounts.note_cannot(session, account, CannotReason.NO_DEVICE, at=self.now, until=self.now)
            self._happened(session, EventKind.CANNOT_NOW)
        await self.tell()

    async def set_up_an_app(self, **changes: Any) -> str:
        """The person sets up an authenticator app, and types its first code."""
        with self.database.transaction() as session:
            app = factories.make_app(session, self.account_id, at=self.now, **changes)
            self._happened(session, EventKind.AUTHENTICATOR_APP_BOUND)
            app_id = app.app_id
        await self.tell()
        return app_id

    async def use_the_app(self, app_id: str) -> None:
        """The person signs in by the app on another day."""
        with self.database.transaction() as session:
            app = authenticator_apps.find(session, self.account_id, app_id)
            assert app
            assert authenticator_apps.note_day(session, app, self.now.date())
            self._happened(session, EventKind.AUTHENTICATOR_APP_PROVEN)
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

    async def sign_in_many_times(self, passkey_id: str) -> None:
        """The person signs in so often that the journey's history grows long."""
        for _ in range(15):
            await self.sign_in_with(passkey_id)
            await self.settled()

    async def note(self, kind: EventKind, **columns: Any) -> None:
        """Somebody changes what is kept of the account, and the journal says so."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            account.sqlmodel_update(columns)
            session.add(account)
            journal.append(session, self.account_id, kind, at=self.now, actor=Actor.STAFF)
        await self.tell()

    async def delete(self) -> None:
        """The host deletes the account."""
        with self.database.transaction() as session:
            deletions.delete(session, accounts.lock(session, self.account_id), at=self.now)
        await self.tell()

    async def host_says(self, kind: HostEventKind, reason: str | None = None) -> None:
        """The host tells what it has done, or will not do."""
        event = HostEvent(
            source="host",
            event_id=str(self.now),
            kind=kind,
            external_id="any",
            at=self.now,
            data={"reason": reason} if reason else {},
        )
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            host_word.take(session, account, event, now=self.now)
        await self.tell()

    async def follow(self, policy: Policy) -> None:
        """The operators edit the policy of the cohort."""
        with self.database.transaction() as session:
            promises.keep(session, [self.account_id], at=self.now)
            journeys.renew(session, self.account_id, policies.store(session, policy, at=self.now))
            journal.append(session, self.account_id, EventKind.POLICY_CHANGED, at=self.now, actor=Actor.STAFF)
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


def _timers(history: WorkflowHistory) -> list[datetime]:
    """When the timers fire that a history has started, and that have neither fired nor been cancelled."""
    timers: dict[str, datetime] = {}
    for event in history.events:
        match event.WhichOneof("attributes"):
            case "timer_started_event_attributes":
                timer = event.timer_started_event_attributes
                length = timer.start_to_fire_timeout.ToTimedelta()
                timers[timer.timer_id] = event.event_time.ToDatetime(UTC) + length
            case "timer_fired_event_attributes":
                timers.pop(event.timer_fired_event_attributes.timer_id, None)
            case "timer_canceled_event_attributes":
                timers.pop(event.timer_canceled_event_attributes.timer_id, None)
            case "workflow_execution_completed_event_attributes":
                return []
    return list(timers.values())
