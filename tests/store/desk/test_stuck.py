"""Whoever does not get on is in the list, with every reason, once, and on the right page."""

import itertools
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from domain.facts import Channel, Milestone
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome, StuckReason
from domain.messages.messages import Fate
from domain.presets import GENTLE, STANDARD
from domain.prompts import CannotReason
from domain.trust import Way
from domain.words.stuck_words import HELP, NAMES
from store import Database, Session
from store.desk import list_rows, obstacles, stuck, stuck_queries, stuck_rows
from store.desk.stuck import Count
from store.journeys import journeys, troubles
from store.journeys.troubles import Trouble
from store.messages import contact_faults
from store.people import accounts, journal
from store.rollouts import holds
from tests.clocks import START
from tests.factories import (
    by_sms,
    keep_cohort,
    make_account,
    make_journey,
    make_member,
    make_passkey,
)
from tests.store.rollouts.plans import SORTING, explained

DAY = timedelta(days=1)
LATER = START + timedelta(hours=5)


def report(session: Session, account_id: str, reason: StuckReason) -> None:
    account = accounts.get(session, account_id)
    account.stuck_since, account.stuck_reason = START, reason
    session.add(account)
    session.flush()


def dispute(session: Session, account_id: str) -> None:
    accounts.get(session, account_id).disputed_since = START


def fail_workflow(session: Session, account_id: str) -> None:
    troubles.note(session, [Trouble(account_id=account_id, run_id="r", error="RuntimeError: boom")], at=START)


def hold(session: Session, account_id: str) -> None:
    holds.hold(session, account_id, at=START)


def fault(channel: Channel, fate: Fate) -> Callable[[Session, str], None]:
    def note(session: Session, account_id: str) -> None:
        contact = contact_faults.contacts(accounts.get(session, account_id))[channel]
        contact_faults.note(session, account_id, channel, contact=contact, fate=fate, reason="550", at=START)

    return note


def fail_prompt(session: Session, account_id: str) -> None:
    detail = {"ceremony": "registration", "name": "NotAllowedError", "platform": "Android"}
    kind = EventKind.CEREMONY_FAILED
    journal.append(session, account_id, kind, at=START, actor=Actor.PERSON, **detail)


def decline(session: Session, account_id: str) -> None:
    account = accounts.get(session, account_id)
    account.cannot_since, account.cannot_reason = START, CannotReason.NO_DEVICE


def bind_by_text_message(session: Session, account_id: str) -> None:
    make_passkey(session, account_id, used_on=[START.date()], **by_sms(START))


def bind_what_nobody_was_told_of(session: Session, account_id: str) -> None:
    unknown = by_sms(START) | {"way": Way.CONFIRMATION, "established_from": None}
    make_passkey(session, account_id, used_on=[START.date()], **unknown)


def bind_with_no_address(session: Session, account_id: str) -> None:
    alone = by_sms(START, wait=timedelta()) | {"way": Way.SIM_WINDOW}
    make_passkey(session, account_id, used_on=[START.date()], **alone)


HINDER: dict[Obstacle, Callable[[Session, str], None]] = {
    Obstacle.OBJECTION_OPEN: dispute,
    Obstacle.WORKFLOW_FAILING: fail_workflow,
    Obstacle.HELD: hold,
    Obstacle.NUMBER_TOO_NEW: lambda session, account_id: report(
        session, account_id, StuckReason.NUMBER_TOO_NEW
    ),
    Obstacle.HOST_REFUSED: lambda session, account_id: report(session, account_id, StuckReason.HOST_REFUSED),
    Obstacle.HOST_SILENT: lambda session, account_id: report(session, account_id, StuckReason.HOST_SILENT),
    Obstacle.NOTICE_MISSED: lambda session, account_id: report(
        session, account_id, StuckReason.NOTICE_MISSED
    ),
    Obstacle.UNREACHABLE: lambda session, account_id: report(session, account_id, StuckReason.UNREACHABLE),
    Obstacle.EMAIL_BOUNCED: fault(Channel.EMAIL, Fate.BOUNCED),
    Obstacle.NUMBER_UNDELIVERABLE: fault(Channel.SMS, Fate.UNDELIVERABLE),
    Obstacle.PROMPT_FAILED: fail_prompt,
    Obstacle.CANNOT_NOW: decline,
    Obstacle.NO_REMINDERS: fault(Channel.EMAIL, Fate.UNSUBSCRIBED),
    Obstacle.NUDGES_USED_UP: lambda session, account_id: report(
        session, account_id, StuckReason.NUDGES_USED_UP
    ),
    Obstacle.UNCONFIRMED: bind_what_nobody_was_told_of,
    Obstacle.SIM_UNKNOWN: bind_with_no_address,
    Obstacle.COOLING_OFF: bind_by_text_message,
}


def make_stuck(session: Session, *reasons: Obstacle, later: timedelta = timedelta()) -> str:
    account_id = make_account(session).account_id
    make_journey(session, account_id, at=START - timedelta(days=1))
    for reason in reasons:
        HINDER[reason](session, account_id)
    account = accounts.get(session, account_id)
    if account.stuck_since:
        account.stuck_since = START + later
    session.add(account)
    session.flush()
    return account_id


def listed(database: Database, filters: Filters | None = None, sort: Sort = Sort.OLDEST) -> list[str]:
    with database.reading() as session:
        people = stuck.page(session, filters or Filters(), now=LATER, sort=sort).people
    return [person.account_id for person in people]


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_is_found_by_list_count_and_account(database: Database, obstacle: Obstacle) -> None:
    with database.transaction() as session:
        make_stuck(session)
        account_id = make_stuck(session, obstacle)
    with database.reading() as session:
        counted = stuck.counts(session, Filters(), now=LATER)
        person = list_rows.describe(session, [account_id], now=LATER)[account_id]
    assert listed(database) == listed(database, Filters(obstacle=obstacle)) == [account_id]
    assert {reason for reason, count in counted.items() if count.people} == {obstacle}
    assert [hurdle.obstacle for hurdle in person.hurdles] == [obstacle]
    assert person.hurdles[0].since == START


def test_every_obstacle_has_a_name_and_help() -> None:
    assert set(NAMES) == set(HELP) == set(HINDER) == set(Obstacle)


@pytest.mark.parametrize(
    "obstacle", [obstacle for obstacle in Obstacle if obstacle is not Obstacle.OBJECTION_OPEN]
)
def test_who_has_arrived_is_not_stuck(database: Database, obstacle: Obstacle) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, obstacle)
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    assert listed(database) == []


def test_an_objection_is_open_whether_a_journey_runs_or_not(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, disputed_since=START).account_id
    assert listed(database) == [account_id]


@pytest.mark.parametrize("sort", Sort)
def test_a_person_with_several_reasons_is_listed_once_the_weightiest_first(
    database: Database, sort: Sort
) -> None:
    with database.transaction() as session:
        several = make_stuck(
            session, Obstacle.NUDGES_USED_UP, Obstacle.PROMPT_FAILED, Obstacle.HELD, later=timedelta(hours=1)
        )
        other = make_stuck(session, Obstacle.NUDGES_USED_UP, later=timedelta(minutes=5))
    assert sorted(listed(database, sort=sort)) == sorted([several, other])
    assert listed(database, Filters(obstacle=Obstacle.PROMPT_FAILED), sort) == [several]
    with database.reading() as session:
        hurdles = list_rows.describe(session, [several], now=LATER)[several].hurdles
    assert [hurdle.obstacle for hurdle in hurdles] == [
        Obstacle.HELD,
        Obstacle.PROMPT_FAILED,
        Obstacle.NUDGES_USED_UP,
    ]


def test_a_passkey_that_works_makes_up_for_a_failed_prompt(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.PROMPT_FAILED)
        journal.append(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=LATER, actor=Actor.PERSON)
    assert listed(database) == []


def test_progress_takes_back_that_somebody_cannot(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.CANNOT_NOW)
        journal.append(session, account_id, EventKind.EMAIL_VERIFIED, at=LATER, actor=Actor.PERSON)
    assert listed(database) == []


def test_a_fault_of_another_address_is_none(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.EMAIL_BOUNCED)
        accounts.get(session, account_id).email = "new@example.org"
    assert listed(database) == []


def test_a_cooling_off_ends(database: Database) -> None:
    with database.transaction() as session:
        make_stuck(session, Obstacle.COOLING_OFF)
    over = START + STANDARD.cooling_off
    with database.reading() as session:
        assert stuck.page(session, Filters(), now=over - timedelta(seconds=1)).people
        assert not stuck.page(session, Filters(), now=over).people


def test_a_sim_is_unknown_until_somebody_has_found_it_clear(database: Database) -> None:
    with database.transaction() as session:
        unknown, checked, swapped, told = (make_account(session).account_id for _ in range(4))
        for account_id in (unknown, checked, swapped):
            make_journey(session, account_id, at=START - timedelta(days=1))
            bind_with_no_address(session, account_id)
        make_journey(session, told, at=START - timedelta(days=1))
        bind_by_text_message(session, told)
        for account_id in (checked, swapped):
            accounts.get(session, account_id).sim_checked_at = START
        accounts.get(session, swapped).sim_changed_at = START
    now = START + timedelta(days=4)
    with database.reading() as session:
        people = stuck.page(session, Filters(), now=now).people
        counted = stuck.counts(session, Filters(), now=now)
    assert {person.account_id for person in people} == {unknown, swapped}
    assert counted[Obstacle.SIM_UNKNOWN] == Count(people=2)


def test_filters_narrow_the_list_and_the_counts(database: Database) -> None:
    with database.transaction() as session:
        verified = make_stuck(session, Obstacle.NUDGES_USED_UP)
        accounts.get(session, verified).email_verified_at = START
        young = make_stuck(session, Obstacle.NUDGES_USED_UP, later=timedelta(hours=2))
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, young, wave=1)
        gentle = make_account(session, stuck_since=START, stuck_reason="nudges_used_up").account_id
        make_journey(session, gentle, GENTLE)
        report(session, gentle, StuckReason.NUDGES_USED_UP)
    expected = {
        young: [
            Filters(cohort_id=cohort_id),
            Filters(cohort_id=cohort_id, wave=1),
        ],
        verified: [Filters(milestone=Milestone.PASSKEY_ENROLLED)],
        gentle: [Filters(policy=GENTLE.name)],
    }
    for account_id, filters in expected.items():
        assert all(listed(database, narrowed) == [account_id] for narrowed in filters)
    assert listed(database, Filters(cohort_id=cohort_id, wave=0)) == []
    assert young not in listed(database, Filters(before=START + timedelta(hours=1)))
    with database.reading() as session:
        counted = stuck.counts(session, Filters(cohort_id=cohort_id), now=LATER)
    assert counted[Obstacle.NUDGES_USED_UP] == Count(people=1)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("obstacle", [None, Obstacle.NUDGES_USED_UP])
def test_pages_hold_everybody_once_and_in_order(
    database: Database, sort: Sort, obstacle: Obstacle | None
) -> None:
    with database.transaction() as session:
        everybody = [
            make_stuck(
                session, Obstacle.NUDGES_USED_UP, Obstacle.EMAIL_BOUNCED, later=timedelta(minutes=number // 2)
            )
            for number in range(9)
        ]
    seen: list[str] = []
    after = None
    with database.reading() as session:
        while True:
            filters = Filters(obstacle=obstacle)
            some = stuck.page(session, filters, now=LATER, sort=sort, after=after, limit=2)
            seen += [person.account_id for person in some.people]
            if (after := some.after) is None:
                break
            assert Mark.read(str(after)) == after
    assert sorted(seen) == sorted(everybody)
    if obstacle and sort is Sort.NEWEST:
        assert seen == sorted(
            everybody, key=lambda account_id: (everybody.index(account_id) // 2, account_id), reverse=True
        )


def pages(database: Database, filters: Filters, sort: Sort, limit: int) -> list[list[str]]:
    """Every page of a list."""
    with database.reading() as session:
        some = stuck.page(session, filters, now=LATER, sort=sort, limit=limit)
        found_ = [[person.account_id for person in some.people]]
        while some.after:
            some = stuck.page(session, filters, now=LATER, sort=sort, after=some.after, limit=limit)
            found_.append([person.account_id for person in some.people])
    return found_


def make_alternating(database: Database, number: int) -> tuple[list[str], list[str]]:
    """Stuck people, the longest first, of whom every other has verified an address: those, and the others."""
    with database.transaction() as session:
        people = [
            make_stuck(session, Obstacle.NUDGES_USED_UP, later=timedelta(minutes=place))
            for place in range(number)
        ]
        for account_id in people[::2]:
            accounts.get(session, account_id).email_verified_at = START
    return people[::2], people[1::2]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("obstacle", [None, Obstacle.NUDGES_USED_UP])
def test_pages_of_a_milestone_are_full_while_somebody_follows(
    database: Database, sort: Sort, obstacle: Obstacle | None
) -> None:
    verified, unverified = make_alternating(database, 42)
    for milestone, waiting in (
        (Milestone.PASSKEY_ENROLLED, verified),
        (Milestone.EMAIL_VERIFIED, unverified),
    ):
        seen = pages(database, Filters(obstacle=obstacle, milestone=milestone), sort, 7)
        assert [len(page) for page in seen] == [7, 7, 7]
        assert sorted(itertools.chain(*seen)) == sorted(waiting)


def test_counts_and_file_go_by_the_milestone_too(database: Database) -> None:
    verified, _ = make_alternating(database, 21)
    filters = Filters(milestone=Milestone.PASSKEY_ENROLLED)
    with database.reading() as session:
        counted = stuck.counts(session, filters, now=LATER)
        _, *rows = stuck_rows.rows(session, filters, now=LATER)
    assert counted[Obstacle.NUDGES_USED_UP] == Count(people=len(verified))
    assert [row[1] for row in rows] == verified


def test_where_few_of_many_wait_for_it_the_list_goes_on_after_so_many_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stuck, "MOST_LOOKED_AT", 10)
    monkeypatch.setattr(stuck_queries, "MOST_ASKED", 10)
    _, unverified = make_alternating(database, 40)
    with database.transaction() as session:
        for account_id in unverified[:-1]:
            accounts.get(session, account_id).email_verified_at = START
    filters = Filters(milestone=Milestone.EMAIL_VERIFIED)
    seen = pages(database, filters, Sort.OLDEST, 5)
    assert seen[0] == []
    assert list(itertools.chain(*seen)) == unverified[-1:]
    with database.reading() as session:
        counted = stuck.counts(session, filters, now=LATER)[Obstacle.NUDGES_USED_UP]
        rows = list(stuck_rows.rows(session, filters, now=LATER))
    assert counted == Count(people=0, or_more=True)
    assert [row[1] for row in rows[1:]] == unverified[-1:]


def test_the_last_page_does_not_lead_on(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(4):
            make_stuck(session, Obstacle.HELD, Obstacle.PROMPT_FAILED)
    assert [len(page) for page in pages(database, Filters(), Sort.OLDEST, 2)] == [2, 2]


@pytest.mark.parametrize(
    "text_", ["", "~", "nonsense~x", "2026-03-02T12:00:00~x", "2026-03-02T12:00:00+00:00~"]
)
def test_what_is_no_mark_is_none(text_: str) -> None:
    assert Mark.read(text_) is None


def test_everybody_comes_out_for_a_file(database: Database) -> None:
    with database.transaction() as session:
        everybody = {make_stuck(session, Obstacle.HELD) for _ in range(5)}
    with database.reading() as session:
        assert {person.account_id for person in stuck.each(session, Filters(), now=LATER)} == everybody


def test_a_file_has_no_contacts_and_no_formulas(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_stuck(session, Obstacle.NUDGES_USED_UP, Obstacle.EMAIL_BOUNCED)
        account = accounts.get(session, account_id)
        account.external_id, email = "=cmd()", account.email or ""
    with database.reading() as session:
        header, row = stuck_rows.rows(session, Filters(), now=LATER)
    cells = dict(zip(header, row, strict=True))
    assert (cells["external_id"], cells["reason"]) == ("'=cmd()", Obstacle.EMAIL_BOUNCED)
    assert (cells["other_reasons"], cells["milestone"]) == ("nudges_used_up", "email_verified")
    assert email not in row


def test_a_file_of_one_reason_tells_that_reason_first(database: Database) -> None:
    with database.transaction() as session:
        make_stuck(session, Obstacle.HELD, Obstacle.NUDGES_USED_UP, later=timedelta(hours=1))
    with database.reading() as session:
        header, row = stuck_rows.rows(session, Filters(obstacle=Obstacle.NUDGES_USED_UP), now=LATER)
    cells = dict(zip(header, row, strict=True))
    assert (cells["reason"], cells["other_reasons"]) == (Obstacle.NUDGES_USED_UP, Obstacle.HELD)
    assert cells["since"] == (START + timedelta(hours=1)).isoformat()


INDEXES = {
    Obstacle.OBJECTION_OPEN: "ix_account_disputed_since",
    Obstacle.WORKFLOW_FAILING: "ix_journey_trouble_since",
    Obstacle.HELD: "ix_account_held_since",
    Obstacle.NUMBER_TOO_NEW: "ix_account_stuck_since",
    Obstacle.HOST_REFUSED: "ix_account_stuck_since",
    Obstacle.HOST_SILENT: "ix_account_stuck_since",
    Obstacle.NOTICE_MISSED: "ix_account_stuck_since",
    Obstacle.UNREACHABLE: "ix_account_stuck_since",
    Obstacle.EMAIL_BOUNCED: "ix_contact_fault_since",
    Obstacle.NUMBER_UNDELIVERABLE: "ix_contact_fault_since",
    Obstacle.PROMPT_FAILED: "ix_failed_ceremony_at",
    Obstacle.CANNOT_NOW: "ix_account_cannot_since",
    Obstacle.NO_REMINDERS: "ix_contact_fault_since",
    Obstacle.NUDGES_USED_UP: "ix_account_stuck_since",
    Obstacle.UNCONFIRMED: "ix_passkey_confirmation",
    Obstacle.SIM_UNKNOWN: "ix_passkey_sim_window",
    Obstacle.COOLING_OFF: "ix_passkey_established",
}


@pytest.mark.plans
@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_list_and_count_follows_an_index(database: Database, obstacle: Obstacle) -> None:
    with database.transaction() as session:
        make_stuck(session, obstacle)
        source = obstacles.source(session, obstacle, now=LATER)
        queries = (
            stuck_queries.listing(source, Filters(), {}, Sort.OLDEST, after=None, limit=50),
            stuck_queries.counting(source, Filters(), {}),
        )
        plans = [explained(database, session, query, kept_from=SORTING) for query in queries]
    for plan in plans:
        assert INDEXES[obstacle] in plan, plan
        assert "SCAN journey" not in plan.replace("SCAN journey_trouble", ""), plan
        assert not re.search("SCAN account(?! USING (COVERING )?INDEX ix_account_)", plan), plan


@pytest.mark.plans
@pytest.mark.parametrize(
    ("obstacle", "index"),
    [
        (Obstacle.HELD, "ix_account_held_progress"),
        (Obstacle.CANNOT_NOW, "ix_account_cannot_progress"),
        (Obstacle.NUDGES_USED_UP, "ix_account_stuck_progress"),
    ],
)
def test_long_lists_have_an_index_of_progress(database: Database, obstacle: Obstacle, index: str) -> None:
    with database.transaction() as session:
        make_stuck(session, obstacle)
        source = obstacles.source(session, obstacle, now=LATER)
        query = stuck_queries.listing(source, Filters(), {}, Sort.LEAST_PROGRESS, after=None, limit=50)
        plan = explained(database, session, query, kept_from=SORTING)
    assert index in plan, plan


def test_people_are_counted_up_to_a_limit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stuck_queries, "MOST_COUNTED", 2)
    with database.transaction() as session:
        for _ in range(3):
            make_stuck(session, Obstacle.HELD)
    with database.reading() as session:
        counted = stuck.counts(session, Filters(), now=LATER)
    assert counted[Obstacle.HELD] == Count(people=2, or_more=True)


def test_queries_and_rows_find_the_same(database: Database) -> None:
    with database.transaction() as session:
        everyone = [make_stuck(session, obstacle) for obstacle in Obstacle]
    with database.reading() as session:
        described = list_rows.describe(session, everyone, now=LATER)
        for obstacle, source in obstacles.sources(session, now=LATER).items():
            by_query = {tuple(row) for row in session.execute(source.select(source.whose, source.since))}
            by_row = {
                (person.account_id, hurdle.since)
                for person in described.values()
                for hurdle in person.hurdles
                if hurdle.obstacle is obstacle
            }
            assert by_query == by_row
