"""What the doctor says of journeys that know more than the database, and of how many it has asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from offramp.checkup import ahead_checks
from offramp.checkup.ahead_checks import ASKED_FIRST, BATCH, ahead_findings
from offramp.checkup.findings import Diagnosis
from store import Database
from store.engine import epochs
from store.journeys import journeys
from tests.clocks import START
from tests.factories import make_account, make_journey

PEOPLE = 25


@dataclass
class FakeJourneys:
    """Journeys of which some are ahead; `asked` are the accounts in the order in which they were asked."""

    are_ahead: set[str] = field(default_factory=set)
    is_silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def ahead(self, account_ids: Sequence[str]) -> list[str]:
        self.asked += account_ids
        return [account_id for account_id in account_ids if account_id in self.are_ahead]


@pytest.fixture
def people(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """More accounts with journeys than are asked first; the last ones changed last."""
    monkeypatch.setattr(ahead_checks, "ASKED_FIRST", 4)
    monkeypatch.setattr(ahead_checks, "BATCH", 4)
    with database.transaction() as session:
        account_ids = [make_account(session).account_id for _ in range(PEOPLE)]
        for account_id in account_ids:
            make_journey(session, account_id)
    return account_ids


async def test_everybody_is_asked_once_and_those_first_who_changed_last(
    database: Database, people: list[str]
) -> None:
    journeys_asked = FakeJourneys()
    [found] = await ahead_findings(journeys_asked, database)
    assert (found.verdict, found.detail) == (Diagnosis.WELL, "none of all 25 knows more than the database")
    assert journeys_asked.asked[:4] == list(reversed(people))[:4]
    assert sorted(journeys_asked.asked) == sorted(people)


async def test_a_journey_is_found_whose_account_changed_long_ago_by_the_database(
    database: Database, people: list[str]
) -> None:
    [found] = await ahead_findings(FakeJourneys(are_ahead={people[0]}), database)
    assert found.verdict is Diagnosis.UNWELL
    assert found.detail.startswith("1 of the ")
    assert "`offramp restored`" in found.detail


async def test_what_was_not_asked_in_time_is_said(database: Database, people: list[str]) -> None:
    journeys_asked = FakeJourneys()
    [found] = await ahead_findings(journeys_asked, database, within=timedelta())
    assert len(journeys_asked.asked) == 4 < len(people)
    assert found.verdict is Diagnosis.WELL
    assert found.detail.startswith("none of the 4 that were asked in time, of 25, knows more")


async def test_what_is_left_out_differs_from_time_to_time(
    database: Database, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead_checks, "ASKED_FIRST", 0)
    begun_at = set[str]()
    for place in (0, 10, 24):
        monkeypatch.setattr(ahead_checks, "randbelow", lambda _count, place=place: place)
        journeys_asked = FakeJourneys()
        await ahead_findings(journeys_asked, database, within=timedelta())
        begun_at.add(journeys_asked.asked[0])
    assert begun_at == {people[1], people[11], people[0]}  # behind the last one begins the first


async def test_silence_is_no_clean_bill(database: Database, people: list[str]) -> None:
    [found] = await ahead_findings(FakeJourneys(is_silent=True), database)
    assert found.verdict is Diagnosis.NOTE


async def test_without_journeys_all_is_well(database: Database) -> None:
    [found] = await ahead_findings(FakeJourneys(), database)
    assert found.verdict is Diagnosis.WELL


async def test_while_a_restored_backup_is_told_of_nobody_is_asked(
    database: Database, people: list[str]
) -> None:
    with database.transaction() as session:
        epochs.renew(session, by="ada", at=START)
    journeys_asked = FakeJourneys()
    assert await ahead_findings(journeys_asked, database) == []
    assert journeys_asked.asked == []


def test_the_place_among_running_journeys_is_counted_from_0(database: Database, people: list[str]) -> None:
    assert ASKED_FIRST >= BATCH
    with database.reading() as session:
        assert [journeys.running_at(session, place) for place in (0, 24, 25)] == [people[0], people[24], ""]
