"""While the database is away the relay goes on without a word of its own, and does its work when it is back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from activities.messages import MessageActivities, Outside
from activities.webhooks import WebhookActivities
from domain.facts import Channel
from domain.journal import Actor, EventKind
from offramp import wiring
from offramp.config.settings import Settings
from offramp.relay import restores
from offramp.relay.database_news import by_writing, news_of
from offramp.relay.pacing import Pace
from offramp.relay.relay import Relay
from providers.sealing import FernetSeal
from store import Database
from store.engine.absences import DatabaseAway
from store.people import journal
from tests.absences import nobody_there
from tests.factories import make_account
from tests.fakes import FakeCourier, FakeMailer, FakeTexter, FakeWriter
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

SEAL = FernetSeal("a secret key for tests")
PACE = Pace(per_second={Channel.EMAIL: 0.0, Channel.SMS: 0.0})


def now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def at_work(settings: Settings, database: Database) -> AsyncIterator[None]:
    """A relay, as a worker runs it; Temporal is nowhere."""
    outside = Outside(
        mailer=FakeMailer(), texter=FakeTexter(), writer=FakeWriter(), seal=SEAL, origin="https://a.example"
    )
    relay = Relay(
        database,
        await wiring.connect(settings),
        MessageActivities(database, now, outside),
        WebhookActivities(database, now, FakeCourier(), SEAL),
        pace=PACE,
        clock=now,
        poll_seconds=0.05,
    )
    working = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


def leave_an_entry(database: Database) -> None:
    """Something for the relay to publish: facts of somebody on no journey, which concern nobody at Temporal."""
    with database.transaction() as session:
        account = make_account(session)
        journal.append(session, account.account_id, EventKind.PROMPT_SEEN, at=now(), actor=Actor.PERSON)


def is_published(database: Database) -> bool:
    with database.reading() as session:
        return journal.oldest_unpublished(session) is None


async def test_each_of_its_tasks_misses_the_database_in_silence(
    settings: Settings, sqlite_database: Database
) -> None:
    missed: list[Exception] = []
    sqlite_database.on_absence = missed.append
    with capture_logs() as lines:
        async with at_work(settings, sqlite_database):
            with nobody_there(sqlite_database):
                await eventually(lambda: len(missed) > 30, "the relay has missed the database many times")
            assert lines == []
            sqlite_database.on_absence = None
            leave_an_entry(sqlite_database)
            await eventually(lambda: is_published(sqlite_database), "the relay works again")


async def _shut_out_for_a_while(warden: Database, name: str, lines: Sequence[object]) -> None:
    """Let nobody into a database until it is said, and then until the return is said, too."""
    shut(warden, name)
    await eventually(lambda: bool(lines), "the process says that the database has gone")
    let_in(warden, name)
    await eventually(lambda: len(lines) == 2, "the process says that the database is back")


@pytest.mark.postgres
async def test_a_server_that_lets_nobody_in_is_said_once_and_so_is_its_return(
    settings: Settings, postgres: "PostgresServer"
) -> None:
    with postgres.fresh_database() as url, postgres.fresh_database() as other_url:
        database, warden = Database(url), Database(other_url)
        name = url.rpartition("/")[2]
        with news_of(database, by_writing(database, "test")):
            async with at_work(settings, database):
                leave_an_entry(database)
                await eventually(lambda: is_published(database), "the relay works")
                with capture_logs() as lines:
                    await _shut_out_for_a_while(warden, name, lines)
        assert [line["event"] for line in lines] == ["database_away", "database_back"]
        for each in (database, warden):
            each.close()


def shut(warden: Database, name: str) -> None:
    """Let nobody into a database any more, and put out who is in."""
    with warden.transaction() as session:
        session.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    with warden.transaction() as session:
        put_out = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name")
        session.execute(put_out, {"name": name})


def let_in(warden: Database, name: str) -> None:
    with warden.transaction() as session:
        session.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


async def test_whoever_tells_of_a_restore_waits_for_the_database_without_a_word(
    settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restores, "TRIES_EVERY", timedelta(milliseconds=20))
    missed: list[DatabaseAway] = []
    sqlite_database.on_absence = missed.append
    client = await wiring.connect(settings)
    with capture_logs() as lines:
        with nobody_there(sqlite_database):
            telling = asyncio.create_task(restores.tell(client, sqlite_database, now))
            await eventually(lambda: len(missed) > 1, "the database has been missed more than once")
        await asyncio.wait_for(telling, 60)
    sqlite_database.on_absence = None
    assert lines == []
