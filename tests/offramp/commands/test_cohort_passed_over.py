"""`offramp cohort passed-over`, and what `status` says of those whom it lists."""

import json
import re

from domain.rollouts.cohorts import Ineligibility
from store import Database
from store.rollouts import passed_over
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_member
from tests.offramp.conftest import Run


def test_who_was_passed_over_is_counted_and_listed_with_the_reason(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        cohort_id = keep_cohort(session)
    assert offramp("cohort", "passed-over", "spring").out == "nobody has been passed over\n"
    assert "passed over" not in offramp("cohort", "status", "spring").out
    with home_database.transaction() as session:
        reasons = {}
        for external_id, because in (("ada", Ineligibility.EXCLUDED), ("ben", Ineligibility.NO_PHONE)):
            account_id = make_account(session, external_id=external_id).account_id
            make_member(session, cohort_id, account_id, wave=None, launched_at=None)
            reasons[account_id] = because
        passed_over.note(session, cohort_id, reasons, at=START)
    shown = offramp("cohort", "passed-over", "spring").out
    assert re.search(r"ada +2026-03-02 12:00:00 UTC +they are excluded by the description", shown)
    assert re.search(r"ben .* they have no phone number", shown)
    (member,) = json.loads(offramp("cohort", "passed-over", "spring", "--because", "no_phone", "--json").out)
    assert (member["external_id"], member["because"]) == ("ben", "no_phone")
    counted = "2 passed over: 1 because they have no phone number, 1 because they are excluded"
    assert counted in offramp("cohort", "status", "spring").out
    answer = json.loads(offramp("cohort", "status", "spring", "--json").out)
    assert answer["passed_over"] == {"no_phone": 1, "excluded": 1}
    assert sum(wave["passed_over"] for wave in answer["waves"]) == 2


def test_only_the_first_of_many_who_were_passed_over_are_shown_to_people(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        cohort_id = keep_cohort(session)
        ids = [make_member(session, cohort_id, wave=None, launched_at=None) for _ in range(201)]
        passed_over.note(session, cohort_id, dict.fromkeys(ids, Ineligibility.EXEMPT), at=START)
    ran = offramp("cohort", "passed-over", "spring")
    assert (len(ran.out.splitlines()), ran.err) == (201, "and 1 more; --json shows all\n")
    assert len(json.loads(offramp("cohort", "passed-over", "spring", "--json").out)) == 201
