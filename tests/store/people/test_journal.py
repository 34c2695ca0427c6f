"""Every entry raises the version by one, and what journeys must be told waits until they were told."""

import itertools
from datetime import timedelta

import pytest

from domain.errors import Unknown
from domain.journal import Actor, EventKind, concerns_journey, is_progress
from store import Database
from store.people import accounts, journal
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.store.racing import at_once

LATER = START + timedelta(hours=1)


def append(
    database: Database,
    account_id: str,
    kind: EventKind = EventKind.EMAIL_VERIFIED,
    actor: Actor = Actor.PERSON,
) -> int:
    with database.transaction() as session:
        return journal.append(session, account_id, kind, at=START, actor=actor)


def claim(database: Database, *, limit: int = 10, after: timedelta = timedelta()) -> list[str]:
    with database.transaction() as session:
        return journal.claim_unpublished(session, now=START + after, limit=limit)


def test_versions_grow_by_one(database: Database, account_id: str) -> None:
    assert [append(database, account_id) for _ in range(3)] == [1, 2, 3]
    with database.reading() as session:
        assert accounts.get(session, account_id).facts_version == 3
        assert [entry.version for entry in journal.of_account(session, account_id)] == [1, 2, 3]


def test_versions_grow_by_one_even_when_many_write_at_once(database: Database, account_id: str) -> None:
    assert sorted(at_once(lambda: append(database, account_id))) == list(range(1, 9))
    with database.reading() as session:
        assert [entry.version for entry in journal.of_account(session, account_id)] == list(range(1, 9))


def test_an_entry_keeps_what_happened(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        kind, actor = EventKind.CANNOT_NOW, Actor.PERSON
        journal.append(session, account_id, kind, at=START, actor=actor, reason="no_device", times=2)
    with database.reading() as session:
        (entry,) = journal.of_account(session, account_id)
    assert (entry.kind, entry.actor, entry.at) == (EventKind.CANNOT_NOW, Actor.PERSON, START)
    assert entry.detail == {"reason": "no_device", "times": 2}


def test_the_latest_entries_come_oldest_first(database: Database, account_id: str) -> None:
    for _ in range(5):
        append(database, account_id)
    with database.reading() as session:
        assert [entry.version for entry in journal.of_account(session, account_id, limit=2)] == [4, 5]


def test_nobody_has_no_journal(database: Database) -> None:
    with pytest.raises(Unknown):
        append(database, "nobody")


def test_an_account_that_was_changed_keeps_its_change_and_gets_its_version(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        account = accounts.get(session, account_id)
        account.skips_used = 3
        journal.append(session, account_id, EventKind.PROMPT_SKIPPED, at=START, actor=Actor.PERSON)
        assert (account.skips_used, account.facts_version) == (3, 1)
        account.skips_used = 4
    with database.reading() as session:
        kept = accounts.get(session, account_id)
        assert (kept.skips_used, kept.facts_version) == (4, 1)


@pytest.mark.parametrize("kind", [EventKind.EMAIL_VERIFIED, EventKind.PROMPT_SEEN])
def test_progress_is_noted_and_ends_being_stuck(database: Database, kind: EventKind) -> None:
    with database.transaction() as session:
        account_id = make_account(session, stuck_since=START, stuck_reason="nudges_used_up").account_id
        journal.append(session, account_id, kind, at=LATER, actor=Actor.PERSON)
        account = accounts.get(session, account_id)
        assert account.progress_at == (LATER if is_progress(kind) else None)
        assert account.stuck_since == (None if is_progress(kind) else START)
        assert account.stuck_reason == (None if is_progress(kind) else "nudges_used_up")


def test_only_what_a_journey_decides_by_and_did_not_do_itself_waits_to_be_told(database: Database) -> None:
    expected = []
    with database.transaction() as session:
        for kind, actor in itertools.product(EventKind, Actor):
            account_id = make_account(session).account_id
            journal.append(session, account_id, kind, at=START, actor=actor)
            if concerns_journey(kind) and actor is not Actor.JOURNEY:
                expected.append(account_id)
    assert claim(database, limit=1000) == expected


def test_the_account_that_waits_longest_is_told_first_and_once_for_all_its_entries(
    database: Database,
) -> None:
    with database.transaction() as session:
        first, second = (make_account(session).account_id for _ in range(2))
    for account_id in (second, first, second, second):
        append(database, account_id)
    assert claim(database) == [second, first]


def test_what_one_relay_has_claimed_another_leaves_alone_until_the_claim_lapses(
    database: Database, account_id: str
) -> None:
    append(database, account_id)
    assert claim(database) == [account_id]
    assert claim(database) == []
    assert claim(database, after=journal.CLAIM_LIFETIME) == [account_id]


def test_a_claim_that_is_given_back_can_be_taken_at_once(database: Database, account_id: str) -> None:
    append(database, account_id)
    claim(database)
    with database.transaction() as session:
        journal.release_claim(session, account_id)
    assert claim(database) == [account_id]


def test_relays_that_claim_at_once_share_the_work(database: Database) -> None:
    with database.transaction() as session:
        everybody = [make_account(session).account_id for _ in range(20)]
    for account_id in everybody:
        append(database, account_id)
    claimed = [
        account_id for each in at_once(lambda: claim(database, limit=5), times=4) for account_id in each
    ]
    assert len(claimed) == len(set(claimed))
    left = claim(database, limit=100)
    assert {*claimed, *left} == {*everybody}


def test_what_came_after_the_snapshot_is_still_to_be_told(
    database: Database, account_id: str, clock: FakeClock
) -> None:
    for _ in range(3):
        append(database, account_id)
    with database.transaction() as session:
        journal.mark_published(session, account_id, up_to_version=2, at=clock())
    with database.reading() as session:
        assert [entry.published_at for entry in journal.of_account(session, account_id)] == [
            START,
            START,
            None,
        ]
    assert claim(database) == [account_id]


def test_telling_one_account_says_nothing_of_another(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        other = make_account(session).account_id
    append(database, account_id)
    append(database, other)
    with database.transaction() as session:
        journal.mark_published(session, account_id, up_to_version=99, at=START)
    assert claim(database) == [other]


def test_the_lag_is_the_age_of_the_oldest_entry_that_nobody_was_told_of(
    database: Database, account_id: str
) -> None:
    with database.reading() as session:
        assert journal.oldest_unpublished(session) is None
    with database.transaction() as session:
        for at in (LATER, START):
            journal.append(session, account_id, EventKind.PROMPT_SEEN, at=at, actor=Actor.PERSON)
    with database.reading() as session:
        assert journal.oldest_unpublished(session) == START
