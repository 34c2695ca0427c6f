"""`offramp account lift-hold` lets a suspected passkey sign in again, as two people who answer for it."""

import pytest

from domain.passkeys import Suspicion
from store import Database
from store.people import held_passkeys, passkeys
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import make_account, make_passkey
from tests.offramp.conftest import Run

WHY = ("--reason", "restored from a backup", "--by", "sam", "--with", "sue")


@pytest.fixture
def passkey_id(home_database: Database) -> str:
    with home_database.transaction() as session:
        passkey = make_passkey(session, make_account(session).account_id)
        held_passkeys.suspect(session, passkey, Suspicion.SIGN_COUNT_WENT_BACK)
        held_passkeys.freeze(session, passkey, at=START)
        return passkey.passkey_id


def test_lifting_lets_it_sign_in_and_keeps_both_names(
    offramp: Run, home_database: Database, passkey_id: str
) -> None:
    ran = offramp("account", "lift-hold", passkey_id, *WHY)
    assert (ran.code, ran.out) == (0, "the passkey can sign in again\n")
    with home_database.reading() as session:
        passkey = passkeys.look_up(session, passkey_id)
        assert passkey
        assert passkey.is_active
        (entry,) = audit.read(session, Sought(account_id=passkey.account_id))
    assert (entry.by, entry.detail["act"]) == ("sam", "lift_hold")
    assert entry.detail["together_with"] == "sue"
    again = offramp("account", "lift-hold", passkey_id, *WHY)
    assert (again.code, "No passkey is on hold" in again.err) == (1, True)


def test_one_person_alone_lifts_nothing(offramp: Run, home_database: Database, passkey_id: str) -> None:
    assert offramp("account", "lift-hold", passkey_id, *WHY[:-1], "sam").code != 0
    assert offramp("account", "lift-hold", "nothing", *WHY).code == 1
    with home_database.reading() as session:
        assert not passkeys.is_usable(session, passkey_id)
