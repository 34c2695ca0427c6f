"""A challenge is good for one answer, in its session, for its ceremony, and for a short time."""

from datetime import datetime, timedelta

import pytest

from domain.codes import CHALLENGE_LIFETIME, MOST_CHALLENGES
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
    database: Database,
    browser: str,
    challenge: bytes = b"challenge",
    ceremony: Ceremony = Ceremony.REGISTRATION,
    *,
    at: datetime = START,
) -> datetime:
    with database.transaction() as session:
        return challenges.take(session, browser, ceremony, challenge, now=at)


def refusal(
    database: Database,
    browser: str,
    challenge: bytes = b"challenge",
    ceremony: Ceremony = Ceremony.REGISTRATION,
    *,
    at: datetime = START,
) -> str:
    with pytest.raises(CeremonyRejected) as refused:
        take(database, browser, challenge, ceremony, at=at)
    return refused.value.reason


def test_a_challenge_is_answered_once(database: Database, browser: str) -> None:
    issue(database, browser)
    assert take(database, browser) == START
    assert refusal(database, browser) == "challenge_unknown"


def test_a_challenge_answered_by_many_at_once_is_good_for_one(database: Database, browser: str) -> None:
    issue(database, browser)

    def answered() -> bool:
        try:
            return take(database, browser) == START
        except CeremonyRejected:
            return False

    assert sorted(at_once(answered)) == [False] * 7 + [True]


def test_a_challenge_expires(database: Database, browser: str) -> None:
    issue(database, browser)
    assert refusal(database, browser, at=START + CHALLENGE_LIFETIME) == "challenge_expired"


def test_a_challenge_lasts_until_it_expires(database: Database, browser: str) -> None:
    issue(database, browser)
    almost = START + CHALLENGE_LIFETIME - timedelta(seconds=1)
    assert take(database, browser, at=almost) == START


def test_each_tab_has_its_own_challenge_and_a_wrong_one_uses_up_none(
    database: Database, browser: str
) -> None:
    issue(database, browser, b"earlier")
    issue(database, browser, b"later", at=START + timedelta(seconds=1))
    assert refusal(database, browser, b"never asked") == "challenge_unknown"
    assert take(database, browser, b"later") == START + timedelta(seconds=1)
    assert take(database, browser, b"earlier") == START
    assert refusal(database, browser, b"earlier") == "challenge_unknown"


def test_a_browser_has_a_handful_of_challenges_and_the_oldest_gives_way(
    database: Database, browser: str
) -> None:
    for number in range(MOST_CHALLENGES + 1):
        issue(database, browser, b"%d" % number, at=START + timedelta(seconds=number))
    issue(database, browser, b"of another ceremony", Ceremony.AUTHENTICATION)
    assert refusal(database, browser, b"0") == "challenge_unknown"
    for number in range(1, MOST_CHALLENGES + 1):
        assert take(database, browser, b"%d" % number) == START + timedelta(seconds=number)


def test_tabs_that_ask_at_once_all_get_their_challenge(database: Database, browser: str) -> None:
    names = [b"%d" % number for number in range(MOST_CHALLENGES)]
    waiting = list(names)
    at_once(lambda: issue(database, browser, waiting.pop()), times=MOST_CHALLENGES)
    assert [take(database, browser, name) for name in names] == [START] * MOST_CHALLENGES


def test_a_challenge_is_bound_to_its_ceremony(database: Database, browser: str) -> None:
    issue(database, browser, b"to register", Ceremony.REGISTRATION)
    assert refusal(database, browser, b"to register", Ceremony.AUTHENTICATION) == "challenge_unknown"
    issue(database, browser, b"to sign in", Ceremony.AUTHENTICATION)
    assert take(database, browser, b"to register", Ceremony.REGISTRATION) == START
    assert take(database, browser, b"to sign in", Ceremony.AUTHENTICATION) == START


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
    assert [take(database, browser, at=later) for browser in browsers] == [later] * 8
