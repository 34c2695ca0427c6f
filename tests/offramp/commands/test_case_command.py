"""`offramp account case`, as it is typed."""

import pytest

from domain.journal import Actor, EventKind
from offramp.usage.options import os_user
from store import Database
from store.people import journal
from tests.factories import make_account
from tests.offramp.conftest import Run


@pytest.fixture
def ada(home_database: Database) -> str:
    with home_database.transaction() as session:
        return make_account(session, external_id="ada").account_id


@pytest.mark.parametrize(("option", "by"), [((), os_user()), (("--by", "bilal"), "bilal")])
def test_a_case_is_journalled_by_staff(
    offramp: Run, home_database: Database, ada: str, option: tuple[str, ...], by: str
) -> None:
    ran = offramp("account", "case", "ada", "--reason", "cannot find the passkey", *option)
    assert (ran.code, ran.out) == (0, "noted for ada\n")
    with home_database.reading() as session:
        entry = journal.of_account(session, ada)[-1]
    assert (entry.kind, entry.actor) == (EventKind.SUPPORT_CASE, Actor.STAFF)
    assert entry.detail == {"by": by, "reason": "cannot find the passkey"}


@pytest.mark.parametrize(
    ("reason", "refusal"), [(" ", "say in a few words"), ("x" * 201, "200 characters at most")]
)
def test_a_case_needs_a_short_reason(offramp: Run, ada: str, reason: str, refusal: str) -> None:
    ran = offramp("account", "case", "ada", "--reason", reason)
    assert ran.code == 2
    assert refusal in ran.err


def test_a_case_of_nobody_is_refused(offramp: Run, home_database: Database) -> None:
    ran = offramp("account", "case", "nobody", "--reason", "lost")
    assert (ran.code, "no account is called nobody" in ran.err) == (1, True)
