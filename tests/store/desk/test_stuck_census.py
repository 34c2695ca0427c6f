"""The census of the stuck says the same as the desk's list: the same reasons, of the same people, by the same rules."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.counting import HOLDOUT, NOBODY
from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters
from domain.facts import Channel
from domain.messages.messages import Fate
from store import Database
from store.desk import list_rows, stuck, stuck_census
from store.desk.stuck_census import Age, Hindered
from store.people import accounts
from tests.clocks import START
from tests.factories import keep_cohort, make_member
from tests.store.desk.test_stuck import LATER, fault, make_stuck

DAY = timedelta(days=1)


def counted(database: Database) -> list[Hindered]:
    with database.reading() as session:
        return stuck_census.take(session, now=LATER)


def by_obstacle(hindered: list[Hindered]) -> Counter[Obstacle]:
    numbers: Counter[Obstacle] = Counter()
    for row in hindered:
        numbers[row.obstacle] += row.accounts
    return numbers


def test_with_nobody_stuck_there_is_nothing_to_tell(database: Database) -> None:
    with database.transaction() as session:
        make_stuck(session)
    assert counted(database) == []


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_counts(database: Database, obstacle: Obstacle) -> None:
    with database.transaction() as session:
        make_stuck(session)
        make_stuck(session, obstacle)
    (row,) = counted(database)
    assert (row.accounts, row.obstacle, row.age, row.is_weightiest) == (1, obstacle, Age.DAY, True)
    assert (row.cohort_id, row.wave) == (NOBODY, NOBODY)


def test_counts_are_those_of_the_desk(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        everyone = [make_stuck(session, obstacle) for obstacle in Obstacle]
        for obstacle in Obstacle:
            everyone.append(make_stuck(session, obstacle, Obstacle.HELD, Obstacle.NUDGES_USED_UP))
            make_member(session, cohort_id, everyone[-1])
    everybody = counted(database)
    of_cohort = [row for row in everybody if row.cohort_id == cohort_id]
    with database.reading() as session:
        for hindered, filters in ((everybody, Filters()), (of_cohort, Filters(cohort_id=cohort_id))):
            counts = stuck.counts(session, filters, now=LATER)
            assert by_obstacle(hindered) == {
                reason: count.people for reason, count in counts.items() if count.people
            }
        people = list_rows.describe(session, everyone, now=LATER).values()
    weightiest = by_obstacle([row for row in everybody if row.is_weightiest])
    assert weightiest == Counter(person.hurdles[0].obstacle for person in people)


def test_a_reason_that_is_on_record_twice_counts_once_since_the_first_time(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.NO_REMINDERS)
        fault(Channel.SMS, Fate.UNSUBSCRIBED)(session, account_id)
    assert by_obstacle(counted(database)) == {Obstacle.NO_REMINDERS: 1}


def test_ages_are_those_of_the_reason_and_of_the_oldest_one(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.HELD, Obstacle.CANNOT_NOW, Obstacle.NUDGES_USED_UP)
        account = accounts.get(session, account_id)
        account.cannot_since, account.stuck_since = START - 20 * DAY, START - 40 * DAY
    ages = {row.obstacle: (row.age, row.oldest, row.is_weightiest) for row in counted(database)}
    assert ages == {
        Obstacle.HELD: (Age.DAY, Age.OLDER, True),
        Obstacle.CANNOT_NOW: (Age.MONTH, Age.OLDER, False),
        Obstacle.NUDGES_USED_UP: (Age.OLDER, Age.OLDER, False),
    }


def test_places_are_those_of_the_launch_or_of_the_holdout(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        launched, held_out = (make_stuck(session, Obstacle.OBJECTION_OPEN) for _ in range(2))
        make_member(session, cohort_id, launched, wave=1)
        make_member(session, cohort_id, held_out, held_out=True)
    assert {(row.cohort_id, row.wave) for row in counted(database)} == {
        (cohort_id, "2"),
        (cohort_id, HOLDOUT),
    }
