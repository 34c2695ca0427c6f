"""A challenge is good for one answer, in its session, for its ceremony, and for a short time."""

from datetime import datetime, timedelta

import pytest

from domain.codes import CHALLENGE_LIFETIME
from domain.errors import CeremonyRejected
from store import Database
from store.people import challenges
from store.people.challenges import Ceremony
from tests.clocks import START
from tests.factories import make_web_session
from tests.store.racing import at_once


@pytest.fixture
def browser(database: Database) -> str:
    with database.transaction() as session:
        return make_web_session(session, "a token").session_id


def issue(
    database: Database,
    browser: str,
    challenge: bytes = b"challenge",
    ceremony: Ceremony = Ceremony.REGISTRATION,
    *,
    at: datetime = START,
) -> None:
    with database.transaction() as session:
        challenges.issue(session, browser, ceremony, challenge, now=at)


def take(
    database: Database, browser: str, ceremony: Ceremony = Ceremony.REGISTRATION, *, at: datetime = START
) -> bytes:
    with database.transaction() as session:
        return challenges.take(session, browser, ceremony, now=at)


def refusal(
    database: Database, browser: str, ceremony: Ceremony = Ceremony.REGISTRATION, *, at: datetime = START
) -> str:
    with pytest.raises(CeremonyRejected) as refused:
        take(database, browser, ceremony, at=at)
    return refused.value.reason


def test_a_challenge_is_answered_once(database: Database, browser: str) -> None:
    issue(database, browser)
    assert take(database, browser) == b"challenge"
    assert refusal(database, browser) == "challenge_unknown"


def test_a_challenge_answered_by_many_at_once_is_good_for_one(database: Database, browser: str) -> None:
    issue(database, browser)

    def answered() -> bool:
        try:
            return take(database, browser) == b"challenge"
        except CeremonyRejected:
            return False

    assert sorted(at_once(answered)) == [False] * 7 + [True]


def test_a_challenge_expires(database: Database, browser: str) -> None:
    issue(database, browser)
    assert refusal(database, browser, at=START + CHALLENGE_LIFETIME) == "challenge_expired"


def test_a_challenge_lasts_until_it_expires(database: Database, browser: str) -> None:
    issue(database, browser)
    almost = START + CHALLENGE_LIFETIME - timedelta(seconds=1)
    assert take(database, browser, at=almost) == b"challenge"


def test_a_new_challenge_voids_the_earlier_one(database: Database, browser: str) -> None:
    issue(database, browser, b"earlier")
    issue(database, browser, b"later")
    assert take(database, browser) == b"later"
    assert refusal(database, browser) == "challenge_unknown"


def test_a_challenge_is_bound_to_its_ceremony(database: Database, browser: str) -> None:
    issue(database, browser, b"to register", Ceremony.REGISTRATION)
    assert refusal(database, browser, Ceremony.AUTHENTICATION) == "challenge_unknown"
    issue(database, browser, b"to sign in", Ceremony.AUTHENTICATION)
    assert take(database, browser, Ceremony.REGISTRATION) == b"to register"
    assert take(database, browser, Ceremony.AUTHENTICATION) == b"to sign in"


def test_a_challenge_is_bound_to_its_session(database: Database, browser: str) -> None:
    with database.transaction() as session:
        other = make_web_session(session, "another token").session_id
    issue(database, browser)
    assert refusal(database, other) == "challenge_unknown"


def test_challenges_that_nobody_answered_are_forgotten(database: Database, browser: str) -> None:
    with database.transaction() as session:
        other = make_web_session(session, "another token").session_id
    issue(database, browser)
    later = START + CHALLENGE_LIFETIME + timedelta(seconds=1)
    issue(database, other, at=later)
    assert refusal(database, browser, at=later) == "challenge_unknown"


def test_many_who_ask_while_old_challenges_are_forgotten_all_get_theirs(database: Database) -> None:
    with database.transaction() as session:
        browsers = [make_web_session(session, f"token {n}").session_id for n in range(8)]
    for browser in browsers:
        issue(database, browser)
    later = START + CHALLENGE_LIFETIME + timedelta(seconds=1)
    waiting = list(browsers)
    at_once(lambda: issue(database, waiting.pop(), at=later))
    assert [take(database, browser, at=later) for browser in browsers] == [b"challenge"] * 8
