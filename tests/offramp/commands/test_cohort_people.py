"""`offramp cohort people`: the people behind the numbers, and what names none of them."""

import json

import pytest

from store import Database
from tests.factories import keep_cohort, make_account, make_member
from tests.offramp.conftest import Run


@pytest.fixture
def ada(home_database: Database) -> str:
    with home_database.transaction() as session:
        cohort_id, account = keep_cohort(session), make_account(session)
        make_member(session, cohort_id, account.account_id)
        make_member(session, cohort_id, held_out=True, wave=None, launched_at=None)
        return account.external_id


def test_it_lists_whom_the_options_name(offramp: Run, ada: str) -> None:
    assert ada in offramp("cohort", "people", "spring", "--wave", "1", "--step", "launched").out
    told = json.loads(offramp("cohort", "people", "spring", "--json").out)
    assert [person["external_id"] for person in told] == [ada]
    assert len(json.loads(offramp("cohort", "people", "spring", "--wave", "held_out", "--json").out)) == 1
    without = ("--step", "passkey_proven", "--without")
    assert ada in offramp("cohort", "people", "spring", *without).out
    assert "nobody: Wave 2" in offramp("cohort", "people", "spring", "--wave", "2").out


@pytest.mark.parametrize(
    "options", [("--wave", "last"), ("--step", "colour"), ("--without",)], ids=["wave", "step", "without"]
)
def test_what_names_nobody_is_wrong_usage(offramp: Run, ada: str, options: tuple[str, ...]) -> None:
    assert offramp("cohort", "people", "spring", *options).code == 2
