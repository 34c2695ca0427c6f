"""Recovery codes that live with the host: how many are left and proven, in whatever order the host tells of them."""

import itertools
from datetime import timedelta

import pytest

from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.trust import Way
from services.host import deletions
from services.host.event_bodies import checked
from store import Database
from store.journeys import facts
from store.messages import messages
from store.people import accounts, host_routes, journal, trust
from tests.clocks import START
from tests.factories import make_account, make_journey
from tests.host_events import make_event, take

DAY = timedelta(days=1)
NOW = START + 20 * DAY


pytestmark = pytest.mark.usefixtures("orchestrated")


@pytest.fixture
def account_id(database: Database) -> str:
    """An account on its way."""
    with database.transaction() as session:
        account_id = make_account(session, progress_at=START).account_id
        make_journey(session, account_id)
        return account_id


def made(set_id: str = "s1", *, days: int = 0, rooted_in: str = "host") -> HostEvent:
    kind, at = HostEventKind.RECOVERY_CODES_MADE, START + days * DAY
    return make_event(kind, at=at, set_id=set_id, count=8, rooted_in=rooted_in)


def proven(set_id: str = "s1", *, days: int = 1) -> HostEvent:
    return make_event(HostEventKind.RECOVERY_CODES_PROVEN, at=START + days * DAY, set_id=set_id)


def used(left: int, set_id: str = "s1", *, days: int = 2) -> HostEvent:
    kind = HostEventKind.RECOVERY_CODES_USED
    return make_event(kind, at=START + days * DAY, set_id=set_id, left=left)


def hear_all(database: Database, account_id: str, *events: HostEvent) -> list[EventOutcome]:
    return [take(database, account_id, event, now=NOW) for event in events]


def codes(database: Database, account_id: str) -> tuple[int, bool]:
    with database.reading() as session:
        known = facts.read(session, account_id)
    return known.recovery_codes_left, known.recovery_codes_proven


def test_in_every_order_as_many_codes_are_left(database: Database) -> None:
    seen = set()
    for order in itertools.permutations([made(), proven(), used(7), used(6, days=3)]):
        with database.transaction() as session:
            account_id = make_account(session).account_id
        hear_all(database, account_id, *order)
        seen.add(codes(database, account_id))
    assert seen == {(6, True)}


def test_what_the_host_tells_of_codes_is_on_record(database: Database, account_id: str) -> None:
    hear_all(database, account_id, made(), proven(), used(7))
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id) if entry.actor == Actor.HOST]
    assert kinds[-3:] == [
        EventKind.RECOVERY_CODES_MADE,
        EventKind.RECOVERY_CODES_PROVEN,
        EventKind.RECOVERY_CODE_USED,
    ]


def test_unproven_codes_are_no_second_way_in(database: Database, account_id: str) -> None:
    hear_all(database, account_id, made())
    assert codes(database, account_id) == (8, False)


def test_an_older_count_says_nothing_new(database: Database, account_id: str) -> None:
    outcomes = hear_all(database, account_id, made(), used(5), used(7))
    assert outcomes[-1] is EventOutcome.OVERTAKEN
    assert codes(database, account_id) == (5, False)


def test_a_new_set_takes_the_place_of_a_proven_one_at_once(database: Database, account_id: str) -> None:
    hear_all(database, account_id, made(), proven(), made("s2", days=5))
    assert codes(database, account_id) == (8, False)


def test_a_set_that_was_replaced_before_one_heard_of_it_never_counts(
    database: Database, account_id: str
) -> None:
    outcomes = hear_all(database, account_id, made("s2", days=5), made("s1"), proven("s1"))
    assert outcomes[1] is EventOutcome.OVERTAKEN
    assert codes(database, account_id) == (8, False)


def test_codes_of_which_nobody_says_in_what_session_they_were_made_wait_like_those_of_a_text_message(
    database: Database, account_id: str
) -> None:
    event = make_event(HostEventKind.RECOVERY_CODES_MADE, at=START, set_id="s1", count=8)
    hear_all(database, account_id, event)
    with database.reading() as session:
        code = host_routes.find_set(session, account_id, "s1")
        assert code
        assert trust.of_row(code).way is Way.NOTICE


def test_codes_of_a_session_that_the_host_vouches_for_count_at_once_as_they_come_in_the_events_body(
    database: Database, account_id: str
) -> None:
    kind = HostEventKind.RECOVERY_CODES_MADE
    body = checked(kind, {"set_id": "s1", "count": 8, "rooted_in": "host"})
    hear_all(database, account_id, make_event(kind, at=START, **body))
    with database.reading() as session:
        code = host_routes.find_set(session, account_id, "s1")
        assert code
        assert trust.of_row(code).is_established(NOW)


def test_nothing_of_the_hosts_events_stays_of_a_deleted_account(database: Database, account_id: str) -> None:
    hear_all(database, account_id, made(), proven())
    with database.transaction() as session:
        deletions.delete(session, accounts.lock(session, account_id), at=NOW)
    with database.reading() as session:
        assert host_routes.citations(session, account_id, uses=1) == []
        assert host_routes.of_route(session, account_id, HostEventKind.RECOVERY_CODES_MADE, "s1") == []


def test_the_owner_is_told_of_new_codes_and_of_each_use(database: Database, account_id: str) -> None:
    hear_all(database, account_id, made(), used(7))
    with database.reading() as session:
        said = {message.template for message in messages.of_account(session, account_id)}
    assert said == {Template.RECOVERY_CODES_MADE, Template.RECOVERY_CODE_USED}


def test_a_host_that_counts_too_many_codes_fills_no_table(database: Database, account_id: str) -> None:
    event = make_event(HostEventKind.RECOVERY_CODES_MADE, at=START, set_id="s1", count=10**6)
    hear_all(database, account_id, event)
    assert codes(database, account_id) == (50, False)
