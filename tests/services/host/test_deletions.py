"""An account that its host deletes: every way in goes, nothing personal stays, and nobody counts it as a person."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from domain.desk.act_rules import Doer, NotAllowed, allowed
from domain.desk.acts import Act
from domain.facts import Channel, Method, SmsState
from domain.host.webhooks import TRIED_FOR, HookState, NotTaken
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome, plan
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.presets import STANDARD
from domain.rollouts.cohorts import Who
from domain.staff.staff import Role
from domain.words.standings import standing
from services.host import deletions, webhooks
from services.people import host_imports
from store import Database, Session, housekeeping
from store.acts import subjects
from store.desk import cases
from store.figures import census
from store.host.webhook_upkeep import KEPT_FOR
from store.invariants import breaches
from store.journeys import facts, journeys
from store.messages import contact_faults, fates, messages
from store.messages.messages import NewMessage
from store.people import accounts, imports, journal, sessions
from store.people.accounts import Account
from store.people.deletions import tombstone
from store.people.told_accounts import ImportedAccount
from store.rollouts import cohorts, measurements, members, plans
from tests.clocks import START, FakeClock
from tests.factories import (
    make_account,
    make_cohort,
    make_journey,
    make_ready_account,
    make_web_session,
    put_sms,
)
from tests.fakes import FakeCourier
from tests.webhooks import AUTHOR, Telling

LATER = START + timedelta(days=3)
PHONE, EMAIL = "+442079460101", "ada.lovelace@example.com"


@pytest.fixture
def ada(database: Database) -> str:
    """Somebody on a journey, with every way in, a session, and a message that waits."""
    with database.transaction() as session:
        account = make_ready_account(
            session,
            external_id="ada.lovelace",
            phone=PHONE,
            email=EMAIL,
            country="GB",
            attributes={"name": "Lovelace"},
            time_zone="Europe/London",
            cannot_reason="no_device",
            cannot_since=START,
            stuck_since=START,
            stuck_reason="unreachable",
        )
        make_journey(session, account.account_id, STANDARD, at=START)
        make_web_session(session, "her browser", account_id=account.account_id, method=Method.PASSKEY)
        messages.add(session, letter(account), at=START)
        return account.account_id


def letter(account: Account) -> NewMessage:
    return NewMessage(
        key=f"{account.account_id}:letter",
        account_id=account.account_id,
        purpose=Purpose.NOTICE,
        template=Template.PASSKEY_BOUND,
        channel=Channel.EMAIL,
        recipient=EMAIL,
        locale="en",
        values={"device": "Ada Lovelace's telephone"},
    )


def delete(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        deletions.delete(session, accounts.lock(session, account_id), at=LATER)


def kinds(session: Session, account_id: str) -> list[str]:
    return [entry.kind for entry in journal.of_account(session, account_id)]


def test_nothing_personal_stays_in_any_table(database: Database, ada: str) -> None:
    delete(database, ada)
    with database.reading() as session:
        for table in inspect(session.connection()).get_table_names():
            rows = session.execute(text(f'SELECT * FROM "{table}"')).mappings().all()
            kept = json.dumps([dict(row) for row in rows], default=str).lower()
            assert not [word for word in (PHONE, EMAIL, "lovelace", "london") if word.lower() in kept], table


def test_every_way_in_goes_and_every_session_ends(database: Database, ada: str) -> None:
    delete(database, ada)
    with database.reading() as session:
        account = accounts.get(session, ada)
        account_facts = facts.read(session, ada)
        assert sessions.open_ones(session, ada, now=LATER) == []
    assert (account.external_id, account.deleted_at) == (tombstone(ada), LATER)
    assert (account_facts.passkeys, account_facts.recovery_codes_left) == (0, 0)
    assert (account_facts.channels, account_facts.phone_missing) == ((), True)


def test_what_waits_to_be_sent_is_dropped(database: Database, ada: str) -> None:
    delete(database, ada)
    with database.reading() as session:
        (message,) = messages.of_account(session, ada)
    assert (message.state, message.reason, message.recipient, message.values) == (
        MessageState.SKIPPED,
        "account_deleted",
        "",
        {},
    )


def test_the_journey_ends_and_its_workflow_hears_of_it(database: Database, ada: str) -> None:
    delete(database, ada)
    with database.reading() as session:
        journey = journeys.find(session, ada)
        entries = journal.of_account(session, ada)
        assert ada in journeys.policies_to_tell(session, [ada])
        assert journeys.running(session) == []
        account_facts = facts.read(session, ada)
    assert journey is not None
    assert (journey.outcome, journey.ended_at) == (JourneyOutcome.DELETED, LATER)
    deleted, ended = entries[-2:]
    assert (deleted.kind, deleted.actor, deleted.published_at) == (
        EventKind.ACCOUNT_DELETED,
        Actor.HOST,
        None,
    )
    assert (ended.kind, ended.detail) == (EventKind.JOURNEY_ENDED, {"outcome": "deleted"})
    assert account_facts.deleted_at == LATER
    assert plan(ada, account_facts, STANDARD).act is None


def test_an_account_whose_sms_is_off_goes_like_any_other(database: Database, ada: str) -> None:
    with database.transaction() as session:
        put_sms(session, accounts.get(session, ada), SmsState.SUSPENDED, at=START)
    delete(database, ada)
    with database.reading() as session:
        assert facts.read(session, ada).sms is SmsState.ON
        assert [breach for breach in breaches(session, now=LATER) if breach.count] == []


def test_no_promise_is_broken(database: Database, ada: str) -> None:
    delete(database, ada)
    with database.reading() as session:
        assert [breach for breach in breaches(session, now=LATER) if breach.count] == []


def test_the_guard_still_keeps_the_last_way_in_of_everybody_else(database: Database, ada: str) -> None:
    with database.transaction() as session:
        bob = make_account(session).account_id
    delete(database, ada)
    with pytest.raises(DBAPIError, match="the last proven way in stays"), database.transaction() as session:
        session.execute(text("UPDATE account SET phone = NULL WHERE account_id = :bob"), {"bob": bob})


def test_the_id_is_free_for_a_new_account(database: Database, ada: str) -> None:
    delete(database, ada)
    told = ImportedAccount(external_id="ada.lovelace", phone=PHONE, email=EMAIL)
    with database.transaction() as session:
        assert host_imports.take(session, [told], at=LATER).new == 1
        account = accounts.by_external_id(session, "ada.lovelace")
        assert account is not None
        assert account.account_id != ada
        assert kinds(session, account.account_id) == [EventKind.ACCOUNT_IMPORTED]


def test_whoever_shared_a_contact_hears_that_it_is_theirs_alone(database: Database, ada: str) -> None:
    with database.transaction() as session:
        bob = make_account(session, phone=PHONE).account_id
    delete(database, ada)
    with database.reading() as session:
        entry = journal.of_account(session, bob)[-1]
        assert not facts.read(session, bob).phone_shared
    assert (entry.kind, entry.detail) == (EventKind.CONTACT_SHARED, {"channel": "sms", "shared": False})


def test_nobody_counts_a_deleted_account(database: Database, ada: str) -> None:
    described = make_cohort(include=Who(), holdout_percent=0)
    with database.transaction() as session:
        row = cohorts.add(session, described, at=START, by="ada", reason="a test")
        members.enrol(session, row.cohort_id, described, salt=row.salt, after="", at=START, batch=10)
    delete(database, ada)
    with database.reading() as session:
        assert accounts.count(session) == 0
        assert imports.count_without_phone(session) == 0
        assert journeys.without_journey(session) == []
        assert census.take(session, now=LATER) == []
        assert plans.census(session, described, now=LATER).members == 0
        assert sum(row.members for row in measurements.funnel(session, row.cohort_id)) == 0


def test_a_member_who_is_gone_is_not_launched_nor_passed_over(database: Database) -> None:
    described = make_cohort(include=Who(), holdout_percent=0)
    with database.transaction() as session:
        account_id = make_account(session).account_id
        row = cohorts.add(session, described, at=START, by="ada", reason="a test")
        members.enrol(session, row.cohort_id, described, salt=row.salt, after="", at=START, batch=10)
    first = members.LaunchPosition()
    with database.reading() as session:
        assert members.to_launch(session, row.cohort_id, below=10_000, after=first, batch=5)
    delete(database, account_id)
    with database.reading() as session:
        assert members.to_launch(session, row.cohort_id, below=10_000, after=first, batch=5) == []


def test_the_case_says_so_and_nothing_can_be_done_but_noted(database: Database, ada: str) -> None:
    delete(database, ada)
    doer = Doer(role=Role.ADMIN)
    with database.reading() as session:
        case = cases.draw(session, ada, now=LATER)
        subject = subjects.read(session, ada, now=LATER)
    assert standing(case, LATER).startswith("Deleted by the service on ")
    assert case.hurdles == ()
    able = [act for act in Act if not isinstance(allowed(act, subject, doer, LATER), NotAllowed)]
    assert able == [Act.NOTE]


def test_a_provider_that_tells_late_of_a_message_brings_nothing_back(database: Database, ada: str) -> None:
    with database.transaction() as session:
        _, claimed = messages.claim(session, f"{ada}:letter", now=START)
    assert claimed is not None
    delete(database, ada)
    with database.transaction() as session:
        messages.settle(session, claimed, MessageState.SENT, at=LATER)
        fates.note(session, claimed.key, Fate.BOUNCED, reason="a_reason", at=LATER)
    with database.reading() as session:
        assert contact_faults.of_account(session, accounts.get(session, ada)) == {}
        assert [breach for breach in breaches(session, now=LATER) if breach.count] == []
        assert cases.draw(session, ada, now=LATER).hurdles == ()
        assert [message.recipient for message in messages.of_account(session, ada)] == [""]


def test_events_on_their_way_name_the_account_as_the_host_did(
    database: Database, clock: FakeClock, ada: str
) -> None:
    courier = FakeCourier()
    telling = Telling(database, clock, courier)
    telling.subscribe()
    telling.happens(ada, EventKind.PASSKEY_PROVEN)
    delete(database, ada)
    telling.tell_due()
    told = [json.loads(hook.body) for hook in courier.taken]
    types = [event["type"] for event in told]
    assert (types[0], types[-1]) == ("passkey_proven", "journey_ended")
    assert "account_deleted" in types
    assert {(event["data"]["external_id"], event["data"]["account_id"]) for event in told} == {
        ("ada.lovelace", ada)
    }
    assert {delivery.external_id for delivery in telling.deliveries()} == {None}


def test_what_is_dead_names_the_account_when_it_is_sent_again(
    database: Database, clock: FakeClock, ada: str
) -> None:
    courier = FakeCourier(trouble=[NotTaken("status_500")] * 1000)
    telling = Telling(database, clock, courier)
    telling.subscribe(kinds=["account_deleted"])
    delete(database, ada)
    clock.advance(LATER - START)
    telling.live(TRIED_FOR + timedelta(days=1), step=timedelta(hours=1))
    courier.trouble = []
    with database.transaction() as session:
        delivery_id = int(telling.only(HookState.DEAD).delivery_id or 0)
        webhooks.send_again(session, AUTHOR, delivery_id, at=clock())
    telling.tell_due()
    (hook,) = courier.taken
    assert json.loads(hook.body)["data"]["external_id"] == "ada.lovelace"
    assert telling.only(HookState.DELIVERED).external_id is None


@pytest.mark.parametrize("way", ["given up", "left dead", "ended"])
def test_the_hosts_id_goes_with_the_events_that_nobody_takes(
    database: Database, clock: FakeClock, ada: str, way: str
) -> None:
    telling = Telling(database, clock, FakeCourier(trouble=[NotTaken("status_500")] * 1000))
    telling.subscribe(kinds=["account_deleted"])
    delete(database, ada)
    clock.advance(LATER - START)
    (waiting,) = telling.deliveries()
    assert waiting.external_id == "ada.lovelace"
    if way == "ended":
        with database.transaction() as session:
            webhooks.end(session, AUTHOR, "crm", at=clock())
    else:
        telling.live(TRIED_FOR + timedelta(days=1), step=timedelta(hours=1))
        assert telling.only(HookState.DEAD).external_id == "ada.lovelace"
        with database.transaction() as session:
            if way == "given up":
                webhooks.give_up(session, AUTHOR, int(waiting.delivery_id or 0), at=clock())
            housekeeping.clear(session, now=clock() + (KEPT_FOR if way == "left dead" else timedelta()))
    assert {delivery.external_id for delivery in telling.deliveries()} == {None}
