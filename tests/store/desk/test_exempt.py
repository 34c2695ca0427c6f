"""Whoever is exempt is in the list while it lasts, with what for and until when, once and on the right page."""

from datetime import datetime, timedelta

import pytest

from domain.desk.acts import Rest
from domain.desk.exemptions import ExemptionStanding
from store import Database
from store.desk import exempt, exemption_records
from store.desk.exempt import EVERYBODY, ExemptFilter
from store.people import accounts
from tests.clocks import START
from tests.exempted import exempted
from tests.factories import keep_cohort, make_account, make_journey, make_member
from tests.store.rollouts.plans import SORTING, explained

NOW = START + timedelta(hours=1)
DAY = timedelta(days=1)


def make_exempt(database: Database, basis: str, *, days: int, external_id: str = "") -> str:
    """Somebody whom support has exempted."""
    with database.transaction() as session:
        changes = {"external_id": external_id} if external_id else {}
        account = make_account(session, **changes)
        make_journey(session, account.account_id)
        exempted(session, account, basis, days=days, at=NOW)
        return account.account_id


def listed(
    database: Database, wanted: ExemptFilter = EVERYBODY, *, limit: int = 50, now: datetime = NOW
) -> list[str]:
    """Whom the list has, page after page."""
    people: list[str] = []
    after = None
    with database.reading() as session:
        while True:
            some = exempt.page(session, wanted, now=now, after=after, limit=limit)
            people += [row.person.account_id for row in some.people]
            if some.after is None:
                return people
            after = some.after


def test_who_is_exempt_is_listed_with_what_for_and_until_when(database: Database) -> None:
    machine = make_exempt(database, Rest.MACHINE_ACCOUNT, days=30)
    with database.reading() as session:
        (row,) = exempt.page(session, EVERYBODY, now=NOW).people
    assert (row.person.account_id, row.rest, row.until) == (machine, Rest.MACHINE_ACCOUNT, NOW + 30 * DAY)
    assert row.person.policy
    assert (row.review_at, row.is_due) == (NOW + 16 * DAY, False)


def test_who_is_paused_or_no_longer_exempt_is_not_listed(database: Database) -> None:
    make_exempt(database, Rest.OTHER, days=3)
    with database.transaction() as session:
        make_account(session, rest=Rest.PAUSED, rests_until=NOW + DAY)
    assert listed(database, now=NOW + 3 * DAY) == []
    assert listed(database, ExemptFilter(basis=Rest.PAUSED)) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_the_next_to_end_come_first_each_once_whatever_a_page_holds(database: Database, limit: int) -> None:
    ends = [5, 1, 9, 1, 5, 1]
    people = [(make_exempt(database, Rest.OTHER, days=days), days) for days in ends]
    in_order = [account_id for account_id, _ in sorted(people, key=lambda person: (person[1], person[0]))]
    assert listed(database, limit=limit) == in_order


def test_one_basis_is_listed_alone_and_every_basis_is_counted(database: Database) -> None:
    machine = make_exempt(database, Rest.MACHINE_ACCOUNT, days=3)
    for days in (1, 2):
        make_exempt(database, Rest.NO_CAPABLE_DEVICE, days=days)
    assert listed(database, ExemptFilter(basis=Rest.MACHINE_ACCOUNT)) == [machine]
    with database.reading() as session:
        counted = exempt.counts(session, now=NOW)
    assert (counted.by_basis, counted.due) == ({Rest.MACHINE_ACCOUNT: 1, Rest.NO_CAPABLE_DEVICE: 2}, 0)


def test_one_cohort_is_listed_alone(database: Database) -> None:
    member, _ = (make_exempt(database, Rest.OTHER, days=days) for days in (3, 4))
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, member)
    assert listed(database, ExemptFilter(cohort_id=cohort_id)) == [member]
    with database.reading() as session:
        assert [record.account_id for record in exemption_records.records(session, cohort_id=cohort_id)] == [
            member
        ]


def test_what_is_to_be_looked_at_is_listed_and_counted_as_due(database: Database) -> None:
    soon, later = (make_exempt(database, Rest.OTHER, days=days) for days in (20, 300))
    due = ExemptFilter(is_due=True)
    assert listed(database, due) == []
    assert listed(database, due, now=NOW + 10 * DAY) == [soon]
    assert listed(database, due, now=NOW + 90 * DAY) == [later]
    with database.reading() as session:
        assert exempt.census(session, now=NOW + 10 * DAY) == {
            ExemptionStanding.IN_FORCE: 1,
            ExemptionStanding.REVIEW_DUE: 1,
        }


@pytest.mark.plans
def test_an_index_has_the_list_in_order(database: Database) -> None:
    make_exempt(database, Rest.OTHER, days=1)
    with database.reading() as session:
        query = exempt.listing(EVERYBODY, now=NOW, after=None, limit=50)
        assert "ix_exemption_expires" in explained(database, session, query, kept_from=SORTING)


def test_the_file_holds_everybody_and_nothing_that_a_spreadsheet_carries_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exempt, "_AT_ONCE", 2)
    for number in range(5):
        make_exempt(database, Rest.OTHER, days=number + 1, external_id=f"=cmd{number}")
    with database.reading() as session:
        head, *rows = exempt.rows(session, EVERYBODY, now=NOW)
    assert head == exempt.COLUMNS
    assert [row[0] for row in rows] == [f"'=cmd{number}" for number in range(5)]
    with database.reading() as session:
        account = accounts.get(session, rows[0][1])
    assert account.phone
    assert account.phone not in str(rows)


def test_everybodys_exemptions_are_read_as_evidence_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exemption_records, "_AT_ONCE", 2)
    people = [make_exempt(database, Rest.OTHER, days=number + 1) for number in range(5)]
    with database.transaction() as session:
        again = accounts.lock(session, people[0])
        exempted(session, again, Rest.MACHINE_ACCOUNT, days=9, at=NOW + timedelta(hours=1))
        kept = list(exemption_records.records(session))
        own = list(exemption_records.records(session, account_id=people[0]))
    assert sorted(record.account_id for record in kept) == sorted([*people, people[0]])
    assert [(record.basis, record.ended_because) for record in own] == [
        (Rest.OTHER, "superseded"),
        (Rest.MACHINE_ACCOUNT, None),
    ]
    assert own[1].renews == own[0].exemption_id
