"""One request to get back in, on a clock that the test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.facts import Channel
from domain.journal import Actor
from domain.recovery import Proof, RecoveryStage, StopReason
from domain.recovery_rules import ProofKind
from domain.trust import Root
from store import Database
from store.messages import messages
from store.messages.messages import Message
from store.people import accounts
from store.safety import recoveries
from store.safety.recoveries import Recovery
from tests import factories
from tests.workflows.lives import Life
from workflows import running_recoveries
from workflows.recovery import RecoveryWorkflow

DAY = timedelta(days=1)


@dataclass
class RecoveryLife(Life):
    """Drives one request the way the services and the relay do: rows first, then a snapshot by signal."""

    recovery_id: str = ""

    @classmethod
    async def ask(cls, environment: WorkflowEnvironment, database: Database, **account: Any) -> Self:
        """Somebody has shown one thing."""
        with database.transaction() as session:
            account_id = factories.make_account(session, **account).account_id
            recovery = recoveries.begin(session, account_id, at=datetime.now(UTC))
            recovery_id = recovery.recovery_id
            proof = Proof(kind=ProofKind.RECOVERY_CODE, root=Root.SMS)
            recoveries.add_proof(session, recovery, proof, at=datetime.now(UTC))
        life = cls(environment, database, account_id, recovery_id=recovery_id)
        await life.tell()
        return life

    @property
    def handle(self) -> WorkflowHandle[RecoveryWorkflow, RecoveryStage]:  # type: ignore[override]
        """The request in Temporal."""
        with self.database.reading() as session:
            recovery = recoveries.find(session, self.recovery_id)
            assert recovery
            workflow_id = running_recoveries.workflow_id(recoveries.state(session, recovery))
        return self.environment.client.get_workflow_handle_for(RecoveryWorkflow.run, workflow_id)

    async def tell(self) -> None:
        """Signal the state as it is now, as often as the relay may."""
        with self.database.reading() as session:
            recovery = recoveries.find(session, self.recovery_id)
            state = recoveries.state(session, recovery) if recovery else None
        if state:
            await running_recoveries.tell(self.environment.client, state)

    async def show_second(self, wait: timedelta) -> None:
        """Show the second thing; from now on the request waits."""
        with self.database.transaction() as session:
            recoveries.begin_waiting(session, self._locked(session), wait, at=self.now)
        await self.tell()

    async def open_at(self, moment: datetime) -> None:
        """Let it open at another moment."""
        with self.database.transaction() as session:
            recoveries.move(session, self._locked(session), moment)
        await self.tell()

    async def stop(self) -> None:
        """The owner says that it was not them."""
        with self.database.transaction() as session:
            recovery, reason = self._locked(session), StopReason.OBJECTED
            recoveries.stop(session, recovery, reason, at=self.now, actor=Actor.PERSON)
        await self.tell()

    async def dispute(self, *, is_open: bool) -> None:
        """The owner objects to something else, or that is settled."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.account_id)
            account.disputed_since = self.now if is_open else None
            session.add(account)

    def recovery(self) -> Recovery:
        """The request as it is now."""
        with self.database.reading() as session:
            recovery = recoveries.find(session, self.recovery_id)
        assert recovery
        return recovery

    def told(self) -> list[tuple[str, str]]:
        """What was said and by which channel, the first first."""
        with self.database.reading() as session:
            rows: list[Message] = list(messages.of_account(session, self.account_id))
        return [(row.template, Channel(row.channel)) for row in reversed(rows)]

    def _locked(self, session: Any) -> Recovery:
        accounts.lock(session, self.account_id)
        return recoveries.reread(session, self.recovery_id)
