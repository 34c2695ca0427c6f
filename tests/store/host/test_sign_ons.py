"""Sign-ons, statements and signing keys on both databases, also when two processes come at once."""

from datetime import timedelta
from functools import partial
from itertools import count

from domain.host.signing_keys import KeyTimes
from store import Database, housekeeping
from store.host import sign_ons, signing_keys, spent_statements
from store.host.sign_ons import SignOn
from tests.clocks import START
from tests.store.racing import at_once

DAY = timedelta(days=1)


def make_sign_on() -> SignOn:
    return SignOn(
        client_id="client",
        redirect_uri="https://shop.example.com/back",
        state="",
        nonce="",
        code_challenge="",
        wish="urn:offramp:setup",
        began_at=START,
        expires_at=START + DAY,
    )


def test_a_statement_is_spent_once_for_each_client(database: Database) -> None:
    def spend(client_id: str) -> bool:
        with database.transaction() as session:
            return spent_statements.spend(session, client_id=client_id, jti="1", expires_at=START + DAY)

    assert sum(at_once(partial(spend, "one"))) == 1
    assert spend("another")


def test_two_processes_that_make_the_same_key_keep_one(database: Database) -> None:
    numbers = count()

    def make() -> None:
        kid = f"key {next(numbers)}"
        with database.transaction() as session:
            times = KeyTimes(number=1, signs_from=START)
            signing_keys.add(session, times, kid=kid, public={"kid": kid}, sealed=b"", at=START)

    at_once(make)
    with database.reading() as session:
        (key,) = signing_keys.every(session)
    assert key.public == {"kid": key.kid}


def test_what_is_over_is_deleted_after_a_day(database: Database) -> None:
    with database.transaction() as session:
        sign_ons.begin(session, make_sign_on())
        spent_statements.spend(session, client_id="client", jti="1", expires_at=START + DAY)
    with database.transaction() as session:
        assert housekeeping.clear(session, now=START + 2 * DAY) == 0
        assert housekeeping.clear(session, now=START + 2 * DAY + timedelta(seconds=1)) == 2
