"""Recovery codes work once, come in sets, and the old set works until one of the new was typed back."""

import pytest

from store import Database
from store.people import recovery_codes
from tests.clocks import START
from tests.factories import make_account, make_recovery_codes, prove_recovery_codes
from tests.store.racing import at_once


@pytest.fixture
def digests(database: Database, account_id: str) -> list[str]:
    with database.transaction() as session:
        return make_recovery_codes(session, account_id, proven=False)


def use(database: Database, account_id: str, digest: str) -> bool:
    with database.transaction() as session:
        code = recovery_codes.find(session, account_id, digest)
        if code:
            recovery_codes.use(session, code, at=START)
        return code is not None


def left(database: Database, account_id: str) -> tuple[int, bool]:
    with database.reading() as session:
        return recovery_codes.left(session, account_id)


def test_without_codes_none_are_left(database: Database, account_id: str) -> None:
    assert left(database, account_id) == (0, False)


def test_a_code_works_once(database: Database, account_id: str, digests: list[str]) -> None:
    assert use(database, account_id, digests[0])
    assert not use(database, account_id, digests[0])
    assert left(database, account_id) == (7, False)


def test_a_code_typed_by_many_at_once_works_once(
    database: Database, account_id: str, digests: list[str]
) -> None:
    assert sorted(at_once(lambda: use(database, account_id, digests[0]))) == [False] * 7 + [True]
    assert left(database, account_id)[0] == 7


def test_a_code_of_somebody_else_does_not_work(database: Database, digests: list[str]) -> None:
    with database.transaction() as session:
        other = make_account(session).account_id
    assert not use(database, other, digests[0])


def test_a_set_is_proven_once_one_of_it_was_typed_back(
    database: Database, account_id: str, digests: list[str]
) -> None:
    assert left(database, account_id) == (len(digests), False)
    with database.transaction() as session:
        prove_recovery_codes(session, account_id, digests)
    assert left(database, account_id) == (len(digests), True)


def test_an_old_set_works_until_its_successor_takes_its_place(
    database: Database, account_id: str, digests: list[str]
) -> None:
    with database.transaction() as session:
        prove_recovery_codes(session, account_id, digests)
        new = make_recovery_codes(session, account_id, proven=False)
    assert use(database, account_id, digests[0])
    assert left(database, account_id) == (7, True)
    with database.transaction() as session:
        prove_recovery_codes(session, account_id, new)
        code = recovery_codes.find(session, account_id, new[0])
        assert code
        (former,) = recovery_codes.other_sets(session, account_id, code.set_id)
        recovery_codes.void_set(session, account_id, former.set_id, at=START)
    assert not use(database, account_id, digests[1])
    assert left(database, account_id) == (8, True)


def test_a_set_that_was_never_typed_back_is_void_as_soon_as_there_is_another(
    database: Database, account_id: str, digests: list[str]
) -> None:
    with database.transaction() as session:
        make_recovery_codes(session, account_id, proven=False)
    assert left(database, account_id) == (8, False)
    assert not use(database, account_id, digests[0])


def test_of_sets_made_at_once_one_stays(database: Database, account_id: str) -> None:
    def make() -> None:
        with database.transaction() as session:
            make_recovery_codes(session, account_id, proven=False)

    at_once(make)
    assert left(database, account_id) == (8, False)
