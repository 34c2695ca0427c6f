"""A host that hears of the journal, and the days in which it is told, on a clock that the test moves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from activities.webhooks import WebhookActivities
from domain.host.webhooks import Courier, HookState
from domain.journal import Actor, EventKind
from domain.staff.staff import Author
from providers.sealing import FernetSeal
from providers.webhooks import WebhookCourier
from services.host import webhooks
from store import Database
from store.host import webhook_sending
from store.people import journal
from store.webhooks.deliveries import WebhookDelivery
from tests import factories
from tests.clocks import FakeClock
from tests.fakes import FakeCourier

SEAL = FernetSeal("a secret key for tests")
AUTHOR = Author(by="olga")


@dataclass
class Telling:
    """A database whose entries are told, one attempt after the other, by a clock that the test moves."""

    database: Database
    clock: FakeClock
    courier: Courier = field(default_factory=FakeCourier)

    @property
    def teller(self) -> WebhookActivities:
        return WebhookActivities(self.database, self.clock, self.courier, SEAL)

    def subscribe(
        self, url: str = "https://host.example/", *, name: str = "crm", kinds: Sequence[str] | None = None
    ) -> str:
        """Subscribe a receiver; returns its secret."""
        with self.database.transaction() as session:
            made = webhooks.make(
                session,
                AUTHOR,
                name=name,
                url=url,
                kinds=kinds,
                courier=FakeCourier(),
                seal=SEAL,
                allows_http=True,
                at=self.clock(),
            )
        return made.secret

    def account(self) -> str:
        with self.database.transaction() as session:
            return factories.make_account(session).account_id

    def happens(self, account_id: str, *kinds: EventKind, actor: Actor = Actor.PERSON, **detail: Any) -> None:
        """Each kind in a transaction of its own."""
        for kind in kinds:
            with self.database.transaction() as session:
                journal.append(session, account_id, kind, at=self.clock(), actor=actor, **detail)

    def asks(self, account_id: str, *changes: str) -> None:
        """The host is asked for changes."""
        for number, change in enumerate(changes):
            deadline = self.clock() + timedelta(days=1)
            self.happens(
                account_id,
                EventKind.HOST_ASKED,
                actor=Actor.JOURNEY,
                change=change,
                request_id=f"{change}-{number}",
                deadline=deadline.isoformat(),
            )

    def tell_due(self) -> int:
        """Send whatever is due now, until nothing is; returns the number of attempts."""
        attempts = 0
        while due := self._due():
            for delivery in due:
                self.teller.deliver(delivery.delivery_id)
            attempts += len(due)
        return attempts

    def live(self, span: timedelta, *, step: timedelta = timedelta(minutes=10)) -> None:
        """Let time go by, and send what comes due."""
        end = self.clock() + span
        while self.clock() < end:
            self.clock.advance(step)
            with self.database.transaction() as session:
                webhook_sending.requeue_lost(session, now=self.clock())
            self.tell_due()

    def states(self) -> Counter[str]:
        return Counter(delivery.state for delivery in self.deliveries())

    def deliveries(self) -> Sequence[WebhookDelivery]:
        with self.database.reading() as session:
            return session.exec(select(WebhookDelivery).order_by(col(WebhookDelivery.delivery_id))).all()

    def only(self, state: HookState) -> WebhookDelivery:
        (delivery,) = [delivery for delivery in self.deliveries() if delivery.state == state]
        return delivery

    def _due(self) -> list[webhook_sending.DueDelivery]:
        with self.database.reading() as session:
            return webhook_sending.due(session, now=self.clock())


def on_loopback(*, patience: timedelta = timedelta(seconds=20)) -> WebhookCourier:
    """A courier that may reach a receiver of the tests."""
    return WebhookCourier(allows_private=True, patience=patience)
