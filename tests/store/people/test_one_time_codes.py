"""A code is good once, for five tries, for ten minutes, and in the browser that asked for it."""

from datetime import datetime, timedelta

import pytest

from domain.codes import TRIES
from domain.errors import CodeRejected
from domain.messages.messages import CODE_LIFETIME
from store import Database
from store.people import one_time_codes
from store.people.one_time_codes import CodePurpose, OneTimeCode
from tests.clocks import START
from tests.factories import make_web_session
from tests.store.racing import at_once

SIGN_IN = CodePurpose.SIGN_IN


@pytest.fixture
def browser(database: Database) -> str:
    with database.transaction() as session:
        return make_web_session(session, "a token").session_id


def issue(
    database: Database,
    browser: str,
    account_id: str | None,
    digest: str = "right",
    *,
    at: datetime = START,
    purpose: CodePurpose = SIGN_IN,
) -> None:
    with database.transaction() as session:
        one_time_codes.issue(
            session, session_id=browser, purpose=purpose, account_id=account_id, digest=digest, now=at
        )


def take(
    database: Database, browser: str, digest: str, *, at: datetime = START, purpose: CodePurpose = SIGN_IN
) -> OneTimeCode | CodeRejected:
    with database.transaction() as session:
        code = one_time_codes.pending(session, browser, purpose, now=at)
        return one_time_codes.take(code, digest, now=at)


def tries_left(answer: OneTimeCode | CodeRejected) -> int:
    assert isinstance(answer, CodeRejected)
    return answer.tries_left


def test_the_right_code_is_taken_once(database: Database, account_id: str, browser: str) -> None:
    issue(database, browser, account_id)
    taken = take(database, browser, "right")
    assert isinstance(taken, OneTimeCode)
    assert taken.account_id == account_id
    assert tries_left(take(database, browser, "right")) == 0


def test_wrong_guesses_count_down_and_then_even_the_right_code_is_refused(
    database: Database, account_id: str, browser: str
) -> None:
    issue(database, browser, account_id)
    assert [tries_left(take(database, browser, "wrong")) for _ in range(TRIES + 1)] == [4, 3, 2, 1, 0, 0]
    assert tries_left(take(database, browser, "right")) == 0


def test_the_last_try_may_be_the_right_one(database: Database, account_id: str, browser: str) -> None:
    issue(database, browser, account_id)
    for _ in range(TRIES - 1):
        take(database, browser, "wrong")
    assert isinstance(take(database, browser, "right"), OneTimeCode)


def test_guessing_at_the_same_moment_gains_nothing(database: Database, account_id: str, browser: str) -> None:
    issue(database, browser, account_id)
    left = [tries_left(each) for each in at_once(lambda: take(database, browser, "wrong"))]
    assert sorted(left, reverse=True) == [4, 3, 2, 1, 0, 0, 0, 0]


def test_the_right_code_typed_twice_at_the_same_moment_signs_in_once(
    database: Database, account_id: str, browser: str
) -> None:
    issue(database, browser, account_id)
    taken = [isinstance(each, OneTimeCode) for each in at_once(lambda: take(database, browser, "right"))]
    assert taken.count(True) == 1


def test_a_code_expires(database: Database, account_id: str, browser: str) -> None:
    issue(database, browser, account_id)
    assert tries_left(take(database, browser, "right", at=START + CODE_LIFETIME)) == 0
    almost = START + CODE_LIFETIME - timedelta(seconds=1)
    assert isinstance(take(database, browser, "right", at=almost), OneTimeCode)


def test_a_new_code_voids_the_earlier_one(database: Database, account_id: str, browser: str) -> None:
    issue(database, browser, account_id, "earlier")
    issue(database, browser, account_id, "later", at=START + timedelta(seconds=1))
    at = START + timedelta(seconds=2)
    assert tries_left(take(database, browser, "earlier", at=at)) == TRIES - 1
    assert isinstance(take(database, browser, "later", at=at), OneTimeCode)


def test_an_earlier_code_does_not_come_back_when_the_newest_is_used(
    database: Database, account_id: str, browser: str
) -> None:
    for number in range(3):
        issue(database, browser, account_id, f"code {number}", at=START + timedelta(seconds=number))
    at = START + timedelta(seconds=3)
    assert isinstance(take(database, browser, "code 2", at=at), OneTimeCode)
    for digest in ("code 0", "code 1"):
        assert tries_left(take(database, browser, digest, at=at)) == 0


def test_a_new_code_leaves_those_of_other_browsers_and_purposes_alone(
    database: Database, account_id: str, browser: str
) -> None:
    with database.transaction() as session:
        other = make_web_session(session, "another token").session_id
    issue(database, other, account_id, "elsewhere")
    issue(database, browser, account_id, "for the address", purpose=CodePurpose.VERIFY_EMAIL)
    issue(database, browser, account_id, "newest", at=START + timedelta(seconds=1))
    at = START + timedelta(seconds=2)
    assert isinstance(take(database, other, "elsewhere", at=at), OneTimeCode)
    purpose = CodePurpose.VERIFY_EMAIL
    assert isinstance(take(database, browser, "for the address", at=at, purpose=purpose), OneTimeCode)


def test_a_used_code_keeps_the_time_of_its_use_when_another_is_asked_for(
    database: Database, account_id: str, browser: str
) -> None:
    issue(database, browser, account_id)
    used = take(database, browser, "right", at=START + timedelta(seconds=1))
    assert isinstance(used, OneTimeCode)
    issue(database, browser, account_id, at=START + timedelta(minutes=1))
    with database.reading() as session:
        kept = session.get(OneTimeCode, used.code_id)
    assert kept is not None
    assert kept.used_at == START + timedelta(seconds=1)


def test_a_code_for_one_purpose_is_none_for_another(
    database: Database, account_id: str, browser: str
) -> None:
    issue(database, browser, account_id, purpose=CodePurpose.VERIFY_EMAIL)
    assert tries_left(take(database, browser, "right")) == 0
    assert isinstance(take(database, browser, "right", purpose=CodePurpose.VERIFY_EMAIL), OneTimeCode)


def test_a_code_is_none_in_another_browser(database: Database, account_id: str, browser: str) -> None:
    with database.transaction() as session:
        other = make_web_session(session, "another token").session_id
    issue(database, browser, account_id)
    assert tries_left(take(database, other, "right")) == 0


def test_a_code_without_an_account_never_matches_and_counts_down_like_any_other(
    database: Database, browser: str
) -> None:
    issue(database, browser, None)
    assert [tries_left(take(database, browser, "right")) for _ in range(3)] == [4, 3, 2]


def test_what_was_asked_for_last_is_found_whatever_became_of_it(
    database: Database, account_id: str, browser: str
) -> None:
    with database.reading() as session:
        assert one_time_codes.latest(session, browser, SIGN_IN) is None
    issue(database, browser, account_id, "earlier")
    issue(database, browser, account_id, "later", at=START + timedelta(seconds=1))
    take(database, browser, "later", at=START + timedelta(seconds=2))
    with database.reading() as session:
        code = one_time_codes.latest(session, browser, SIGN_IN)
    assert code is not None
    assert code.digest == "later"
