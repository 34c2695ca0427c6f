"""`offramp cohort if-ended-today` and `move-end`."""

import json
from datetime import timedelta

from domain.safety.end_dates import EndDate
from store import Database
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_journey, make_member, make_policy
from tests.offramp.conftest import Run

END = START + timedelta(days=60)


def ending(database: Database) -> None:
    policy = make_policy(end=EndDate(at=END), name="of spring")
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(policy=policy))
        for _ in range(2):
            account_id = make_account(session, country="DE").account_id
            make_journey(session, account_id, policy)
            make_member(session, cohort_id, account_id)


def test_it_says_what_the_end_date_comes_to(offramp: Run, home_database: Database) -> None:
    ending(home_database)
    shown = offramp("cohort", "if-ended-today", "spring").out
    assert "if it ended on 2026-05-01 12:00:00 UTC" in shown
    assert (
        "2 people would be let in only to set up a passkey; of 2 of them nobody knows that they could"
        in shown
    )
    assert "by today's pace, never" in shown
    answer = json.loads(offramp("cohort", "if-ended-today", "spring", "--on", "2026-06-01", "--json").out)
    assert answer["on"].startswith("2026-06-01")
    assert answer["people"]["not_seen"] == 2
    assert answer["countries"] == {"DE": 2}


def test_mistakes_are_told_and_change_nothing(offramp: Run, home_database: Database) -> None:
    ending(home_database)
    wrong = offramp("cohort", "if-ended-today", "spring", "--on", "soon")
    assert wrong.code == 2
    assert "must be a day like 2027-02-01" in wrong.err
    neither = offramp("cohort", "move-end", "spring", "--reason", "r")
    assert neither.code == 2
    assert "name a day, or say --lift" in neither.err
    both = offramp("cohort", "move-end", "spring", "--to", "2026-08-01", "--lift", "--reason", "r")
    assert "name a day, or say --lift" in both.err
