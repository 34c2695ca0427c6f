"""The look at the promises: what it stops, and whom it lets go on."""

from datetime import timedelta

from domain.journal import EventKind
from domain.rollouts.rollout import Stage, Standing
from domain.staff.staff import AuditKind, Author
from offramp.relay.watching import Watcher
from services.safety import guard, retiring
from store import Database
from store.journeys import retiring as switch
from store.people import accounts, journal
from store.rollouts import cohorts, holds
from store.rollouts.members import Member
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START, FakeClock
from tests.factories import keep_cohort, make_account


def is_stopped(database: Database) -> bool:
    with database.reading() as session:
        return switch.read(session).is_stopped


def held_account(database: Database) -> str:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        holds.hold(session, account_id, at=START)
    return account_id


def is_held(database: Database, account_id: str) -> bool:
    with database.reading() as session:
        return accounts.get(session, account_id).held_since is not None


def test_a_broken_promise_stops_retiring_at_the_second_look(database: Database, clock: FakeClock) -> None:
    watcher = Watcher(database, clock=clock)
    with database.transaction() as session:
        make_account(session, facts_version=2)
    watcher.look()
    assert not is_stopped(database)
    watcher.look()
    assert is_stopped(database)


def test_a_whole_database_stops_nothing(sqlite_database: Database, clock: FakeClock) -> None:
    watcher = Watcher(sqlite_database, clock=clock)
    watcher.look()
    watcher.look()
    assert not is_stopped(sqlite_database)


def test_whoever_waited_goes_on_when_retiring_does(database: Database, clock: FakeClock) -> None:
    watcher = Watcher(database, clock=clock)
    account_id = held_account(database)
    with database.transaction() as session:
        retiring.stop(session, Author(by="ada"), reason="a look", at=START)
    watcher.look()
    assert is_held(database, account_id)
    with database.transaction() as session:
        retiring.resume(session, Author(by="ada"), {}, reason="it is well", at=START)
    watcher.look()
    assert not is_held(database, account_id)
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id)]
    assert kinds == [EventKind.HELD, EventKind.RELEASED]


def test_whoever_is_held_by_a_cohort_stays_held(sqlite_database: Database, clock: FakeClock) -> None:
    account_id = held_account(sqlite_database)
    with sqlite_database.transaction() as session:
        cohort_id = keep_cohort(session)
        member = Member(
            cohort_id=cohort_id,
            account_id=account_id,
            bucket=1,
            held_out=False,
            enrolled_at=START,
            wave=0,
            launched_at=START,
        )
        session.add(member)
        paused = Standing(stage=Stage.PAUSED, since=START, version=2)
        cohorts.stand(session, cohort_id, paused)
    Watcher(sqlite_database, clock=clock).look()
    assert is_held(sqlite_database, account_id)


def test_it_notes_once_that_the_guard_has_ended(database: Database, clock: FakeClock) -> None:
    watcher, hour = Watcher(database, clock=clock), timedelta(hours=1)
    with database.transaction() as session:
        guard.put_up(session, Author(by="ada"), length=hour, reason="SIM swaps", at=clock())
    watcher.look()
    clock.advance(hour)
    watcher.look()
    watcher.look()
    with database.reading() as session:
        kinds = [entry.kind for entry in audit.latest(session, Sought(), limit=9)]
    assert kinds == [AuditKind.GUARD_ENDED, AuditKind.GUARD_RAISED]
