"""A cohort with its people, its operators and a host: what they do, and machines that die in the middle."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

from sqlmodel import select
from temporalio.service import RPCError

from activities.journeys import JourneyActivities
from activities.rollouts import Judgement
from activities.sim_checks import SimActivities
from activities.waves import WaveActivities
from domain.errors import Refused
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import MessageState
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.guardrails import Verdict
from domain.rollouts.rollout import Command, Order, Standing
from store import Database, Session
from store.journeys import journeys, sms
from store.messages.messages import Message
from store.people import accounts, journal, passkeys
from store.people.accounts import Account
from store.rollouts import cohorts
from tests import factories
from tests.workflows.cohort_scene import ACCOUNT_IDS, SALT, SPRING, Judged, Watched
from tests.workflows.pocket_client import PocketClient
from tests.workflows.pocket_temporal import PocketTemporal
from tests.workflows.virtual_loop import VirtualLoop
from workflows import reconciling, rollouts, running_journeys

_WITH_MAIL = select(Message.account_id).where(Message.state == MessageState.QUEUED).distinct()
_VERSIONS = select(Account.account_id, Account.facts_version)


@dataclass
class CohortPlay:
    """One cohort on the real database, workflows, activities and stores. `committed` is told of every commit."""

    inner: Database
    committed: Callable[[], None] = lambda: None
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    people: list[str] = field(default_factory=list)
    cohort_id: str = ""
    refused: Callable[[Order, Exception], None] = lambda _order, _refusal: None
    edit_refused: Callable[[Cohort, Cohort, Exception], None] = lambda _before, _cohort, _refusal: None
    is_mail_late: bool = False
    is_relay_down: bool = False

    @contextmanager
    def begun(self) -> Iterator["CohortPlay"]:
        """The play, from the launch of its cohort on."""
        self.temporal = PocketTemporal(self.loop)
        self.watched = Watched(self.inner, self._after_commit)
        self.database = cast("Database", self.watched)
        self.judged = Judged(self.database, self.loop.now)
        client: Any = PocketClient(self.temporal)
        self.client = client
        with self.temporal.in_place():
            start_journeys = partial(running_journeys.start_all, client, self.database)
            waves = WaveActivities(self.database, self.loop.now, start_journeys)
            acts = [*self.judged.quick(), *self.judged.long(), *waves.all()]
            acts += [*JourneyActivities(self.database).all(), *SimActivities(self.database, None).all()]
            self.temporal.activities = {act.__name__: act for act in acts}
            self._told: dict[str, int] = {}
            self._has_news = False
            self._populate()
            self.does(self._launch())
            yield self

    def passes(self, time: timedelta) -> None:
        """Let time go by."""
        self.loop.run_until_complete(asyncio.sleep(time.total_seconds()))

    def does(self, deed: Coroutine[Any, Any, Any], *, within: timedelta = timedelta(seconds=1)) -> None:
        """Begin to do something, and give it a moment; it may take longer."""

        async def done() -> None:
            await asyncio.wait([self._in_background(deed)], timeout=within.total_seconds())

        self.loop.run_until_complete(done())

    _deeds: set[Any] = field(default_factory=set)

    def orders(self, command: Command, *, sees: bool = True, **more: Any) -> None:
        """An operator gives an order, and looks at the rollout before."""
        seen = self.standing().version if sees else None
        order = Order(command=command, by="olga", reason="a play", seen=seen, **more)
        self.does(self._order(order))

    def edits(self, **changes: Any) -> None:
        """An operator describes the cohort anew."""
        self.does(self._edit(replace(self.described(), **changes)))

    def standing(self) -> Standing:
        """Where the rollout stands by the database."""
        with self.inner.reading() as session:
            return cohorts.standing(cohorts.get(session, self.cohort_id))

    def described(self) -> Cohort:
        """The description of the cohort by the database."""
        with self.inner.reading() as session:
            return cohorts.description(cohorts.get(session, self.cohort_id))

    def forgets_everything(self) -> None:
        """Temporal loses its data, and the operators reconcile."""

        async def forgotten() -> None:
            for workflow_id, run in list(self.temporal.runs.items()):
                if run.is_open:
                    await self.client.get_workflow_handle(workflow_id).terminate()
            await asyncio.sleep(0)
            await rollouts.reconcile(self.client, self.database)
            await reconciling.reconcile_journeys(self.client, self.database)

        self.does(forgotten())

    def dies(self, *, in_transactions: int, after_commit: bool) -> None:
        """Some worker will die at its so-manieth transaction from now on."""
        self.watched.dies_in, self.watched.dies_after_commit = in_transactions, after_commit

    def gets_ready(self, number: int) -> None:
        """A person reaches every milestone at once, by a passkey that the host vouches for."""
        with self.database.transaction() as session:
            account_id, now = self.people[number], self.loop.now()
            if passkeys.active_of(session, [account_id]):
                return
            account = accounts.lock(session, account_id)
            account.email_verified_at = now
            session.add(account)
            passkey = factories.make_passkey(session, account_id, bound_at=now, established_from=now)
            factories.make_passkey(session, account_id, bound_at=now, established_from=now)
            passkeys.note_use(session, passkey, at=now, day=now.date())
            self._happened(session, account_id, EventKind.PASSKEY_PROVEN)

    def signs_in(self, number: int) -> None:
        """A person signs in by passkey, who has one."""
        with self.database.transaction() as session:
            account_id, now = self.people[number], self.loop.now()
            for passkey in list(passkeys.active_of(session, [account_id]).get(account_id, ()))[:1]:
                passkeys.note_use(session, passkey, at=now, day=now.date())
                self._happened(session, account_id, EventKind.PASSKEY_PROVEN)

    def restores(self, number: int) -> None:
        """A person takes SMS back, where that is possible."""
        with self.database.transaction() as session:
            account_id = self.people[number]
            if accounts.get(session, account_id).sms in (SmsState.NOTICE, SmsState.SUSPENDED):
                sms.restore(session, account_id, at=self.loop.now(), actor=Actor.PERSON, reason="person")

    def classes(self, number: int, risk_tier: str | None) -> None:
        """The host puts a person into a risk tier."""
        with self.database.transaction() as session:
            account = accounts.lock(session, self.people[number])
            account.risk_tier = risk_tier
            session.add(account)
            self._happened(session, account.account_id, EventKind.ACCOUNT_CHANGED)

    def mail_is(self, *, late: bool) -> None:
        """Messages are sent at once, or wait until this is called again."""
        self.is_mail_late = late
        self._news()

    def relay_is(self, *, down: bool) -> None:
        """Journeys hear of facts at once, or not before this is called again."""
        self.is_relay_down = down
        self._news()

    @property
    def is_disturbed(self) -> bool:
        """Whether messages or facts wait, so that what is due may be late."""
        return self.is_mail_late or self.is_relay_down

    def calms_down(self) -> None:
        """Everything outside of the cohort works again, and the guardrails pass."""
        self.mail_is(late=False)
        self.relay_is(down=False)
        self.temporal.latency = timedelta()
        self.watched.dies_in = None
        self.judged.judgement = Judgement(verdict=Verdict.PASSED)

    def is_running(self, workflow_id: str) -> bool:
        """Whether a workflow runs."""
        run = self.temporal.runs.get(workflow_id)
        return run is not None and run.is_open

    def running_journeys(self) -> Sequence[str]:
        """The members whose journeys ought to run."""
        with self.inner.reading() as session:
            return journeys.running(session)

    def _populate(self) -> None:
        with self.inner.transaction() as session:
            for account_id in ACCOUNT_IDS:
                factories.make_account(session, account_id=account_id)
        self.people = ACCOUNT_IDS

    async def _launch(self) -> None:
        self.cohort_id = await rollouts.launch(
            self.client, self.database, SPRING, by="olga", reason="a play", now=self.loop.now()
        )
        with self.inner.transaction() as session:
            cohorts.get(session, self.cohort_id).salt = SALT

    async def _order(self, order: Order) -> None:
        try:
            await rollouts.command(self.client, self.database, self.cohort_id, order, now=self.loop.now())
        except Refused as refusal:
            self.refused(order, refusal)
        except TimeoutError:
            return  # whoever gave the order is told that it may still be carried out

    async def _edit(self, cohort: Cohort) -> None:
        before = self.described()
        change = Edit(cohort=cohort, by="olga", reason="a play", seen=self.standing().version)
        try:
            await rollouts.edit(self.client, self.database, self.cohort_id, change, now=self.loop.now())
        except (Refused, RPCError) as refusal:
            self.edit_refused(before, cohort, refusal)
        except TimeoutError:
            return

    def _happened(self, session: Session, account_id: str, kind: EventKind) -> None:
        journal.append(session, account_id, kind, at=self.loop.now(), actor=Actor.PERSON)

    def _after_commit(self) -> None:
        self.committed()
        self._news()

    def _news(self) -> None:
        if not self._has_news:
            self._has_news = True
            self.loop.call_soon(lambda: self._in_background(self._machinery()))

    def _in_background(self, deed: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = self.loop.create_task(deed, context=Context())
        self._deeds.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._deeds.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            self.temporal.failures.append(failure)

    async def _machinery(self) -> None:
        """What the sender and the relay do once something was written."""
        self._has_news = False
        if not self.is_mail_late:
            self._send()
        if not self.is_relay_down:
            await self._tell()

    def _send(self) -> None:
        with self.inner.transaction() as session:
            for account_id in session.exec(_WITH_MAIL).all():
                factories.send_everything(session, account_id or "", at=self.loop.now())

    async def _tell(self) -> None:
        with self.inner.reading() as session:
            versions = dict(session.exec(_VERSIONS).all())
        news = [account_id for account_id in versions if versions[account_id] != self._told.get(account_id)]
        self._told = versions
        for start in running_journeys.inputs_of(self.inner, news) if news else ():
            await running_journeys.tell(self.client, start)
