"""A case says by itself why somebody is stuck, whatever the reason."""

from datetime import timedelta

import pytest

from domain.desk.cases import Case
from domain.desk.stuck import Obstacle
from domain.facts import Channel, Milestone, SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.passkeys import CeremonyFailure
from domain.switches import Switch
from domain.words.desk_words import what_was_said
from domain.words.names import exception
from domain.words.standings import standing, upcoming, when
from store import Database, Session
from store.desk import cases
from store.journeys import sms
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_journey,
    make_member,
    make_policy,
    make_ready_account,
    make_recovery_codes,
    send_everything,
)
from tests.store.desk.test_stuck import HINDER
from tests.switches import stop

NOW = START + timedelta(hours=5)
SAID = {
    Obstacle.OBJECTION_OPEN: "everything halts since Monday 13:00 their time",
    Obstacle.WORKFLOW_FAILING: "its workflow fails since Monday 13:00 their time",
    Obstacle.HELD: "because the cohort spring is paused or given up",
    Obstacle.NUMBER_TOO_NEW: "so new that it may be somebody else's",
    Obstacle.HOST_REFUSED: "the service refused",
    Obstacle.HOST_SILENT: "has not answered",
    Obstacle.NOTICE_MISSED: "has reached the person by no channel",
    Obstacle.UNREACHABLE: "neither e-mail nor text messages reach the person",
    Obstacle.EMAIL_BOUNCED: "e-mail to p•••@e•••.org does not arrive",
    Obstacle.NUMBER_UNDELIVERABLE: "do not arrive",
    Obstacle.PROMPT_FAILED: "(cancelled, or not answered in time), and none has worked since",
    Obstacle.CANNOT_NOW: "(no device that can do it)",
    Obstacle.NO_REMINDERS: "wants no reminders by e-mail",
    Obstacle.NUDGES_USED_UP: "after two reminders and with none left",
    Obstacle.UNCONFIRMED: "so an older passkey has to confirm it",
    Obstacle.SIM_UNKNOWN: "that the SIM had not been swapped",
    Obstacle.COOLING_OFF: "counts only from Monday 9 March 2026 13:00 their time",
}


def remind(session: Session, account_id: str, times: int) -> None:
    account = accounts.get(session, account_id)
    for ordinal in range(times):
        new = NewMessage(
            key=f"{account_id}:nudge:{ordinal}",
            account_id=account_id,
            purpose=Purpose.NUDGE,
            template=Template.NUDGE_EMAIL_VERIFIED,
            channel=Channel.EMAIL,
            recipient=account.email or "",
            locale="en",
            milestone=Milestone.EMAIL_VERIFIED,
        )
        messages.add(session, new, at=START)


def make_case(database: Database, *reasons: Obstacle) -> Case:
    with database.transaction() as session:
        account_id = make_account(session, time_zone="Europe/Berlin").account_id
        make_member(session, keep_cohort(session), account_id)
        make_journey(session, account_id, at=START - timedelta(days=1))
        remind(session, account_id, 2)
        for reason in reasons:
            HINDER[reason](session, account_id)
    with database.reading() as session:
        return cases.draw(session, account_id, now=NOW)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_the_sentence_says_why_somebody_is_stuck(sqlite_database: Database, obstacle: Obstacle) -> None:
    case = make_case(sqlite_database, obstacle)
    said = standing(case, NOW)
    assert said.startswith("Waiting for a ")
    assert SAID[obstacle] in said
    assert said.endswith("SMS stays on.")


def test_who_is_on_the_way_is_reminded_by_their_own_clock(database: Database) -> None:
    case = make_case(database)
    assert standing(case, NOW).startswith(
        "Waiting for a verified e-mail address; two reminders sent, the next on Sunday"
    )
    assert standing(case, NOW).endswith("their time; SMS stays on.")


def test_every_further_reason_is_named(database: Database) -> None:
    case = make_case(database, Obstacle.HELD, Obstacle.PROMPT_FAILED, Obstacle.CANNOT_NOW)
    assert "; also in the way: passkey failed on the device, said “I can’t do this now”;" in standing(
        case, NOW
    )


@pytest.mark.parametrize("failure", CeremonyFailure)
def test_nobody_reads_what_browsers_call_a_failure(
    sqlite_database: Database, failure: CeremonyFailure
) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        make_journey(session, account_id, at=START)
        detail = {"ceremony": "registration", "name": failure, "platform": "Android"}
        actor = Actor.PERSON
        journal.append(session, account_id, EventKind.CEREMONY_FAILED, at=START, actor=actor, **detail)
    with sqlite_database.reading() as session:
        case = cases.draw(session, account_id, now=NOW)
    hurdles = [hurdle for hurdle in case.hurdles if hurdle.obstacle is Obstacle.PROMPT_FAILED]
    lines = [standing(case, NOW), *map(what_was_said, hurdles), *(line.sentence for line in case.journal)]
    assert exception(failure) in lines[0]
    assert [line for line in lines if failure in line and failure is not CeremonyFailure.OTHER] == []


@pytest.mark.parametrize(
    ("times", "lost", "said"),
    [
        (0, 0, "; no reminders sent, the first "),
        (1, 0, "; one reminder sent, the next "),
        (1, 1, "; one reminder sent, which did not arrive, the next "),
        (2, 1, "; two reminders sent, of which one did not arrive, the next "),
        (2, 2, "; two reminders sent, of which none arrived, the next "),
    ],
)
def test_a_reminder_that_did_not_arrive_was_sent_all_the_same(
    sqlite_database: Database, times: int, lost: int, said: str
) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        make_journey(session, account_id, at=START - timedelta(days=1))
        remind(session, account_id, times)
        for message in messages.of_account(session, account_id)[:lost]:
            message.state, message.fate = MessageState.SENT, Fate.BLOCKED
            message.settled_at = message.fate_at = START
            session.add(message)
    with sqlite_database.reading() as session:
        case = cases.draw(session, account_id, now=NOW)
    assert said in standing(case, NOW)


def test_reminders_of_what_is_done_are_not_forgotten(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        make_journey(session, account_id, at=START - timedelta(days=1))
        remind(session, account_id, 1)
        accounts.get(session, account_id).email_verified_at = START
    with sqlite_database.reading() as session:
        case = cases.draw(session, account_id, now=NOW)
    assert "Waiting for a passkey; no reminder of this sent yet, the first " in standing(case, NOW)


def test_a_case_holds_no_contact(database: Database) -> None:
    case = make_case(database, Obstacle.EMAIL_BOUNCED, Obstacle.NUMBER_UNDELIVERABLE)
    with database.reading() as session:
        account = accounts.get(session, case.account_id)
    assert (account.email or "") not in repr(case)
    assert (account.phone or "")[3:-3] not in repr(case)
    assert [(line.channel, line.fault) for line in case.contacts] == [
        (Channel.EMAIL, Fate.BOUNCED),
        (Channel.SMS, Fate.UNDELIVERABLE),
    ]


def test_milestones_have_dates_and_the_proof_is_shown(database: Database) -> None:
    policy = make_policy(notice=timedelta(days=1))
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_recovery_codes(session, account_id)
        make_journey(session, account_id, policy)
        journal.append(session, account_id, EventKind.PASSKEY_PROVEN, at=START, actor=Actor.PERSON)
        journal.append(
            session, account_id, EventKind.SUPPORT_CASE, at=START, actor=Actor.HOST, reason="lost_phone"
        )
        sms.give_notice(session, account_id, policy, at=START)
        for message in messages.of_account(session, account_id):
            message.state, message.settled_at = MessageState.SENT, START
            session.add(message)
        session.flush()
        sms.suspend(session, account_id, policy, at=START + timedelta(days=2))
    with database.reading() as session:
        case = cases.draw(session, account_id, now=START + timedelta(days=2))
    assert all(case.milestones.values())
    assert set(case.reached_at.values()) == {START}
    assert case.lacks == ()
    assert [proof.state for proof in case.proofs] == [SmsState.SUSPENDED]
    assert [line.sentence for line in case.asked_for_help] == ["Support was asked for help: lost phone."]
    assert "SMS is suspended, can still be restored" in standing(case, NOW)


def test_what_is_missing_for_the_proof_is_named(database: Database) -> None:
    case = make_case(database)
    assert case.lacks == (*Milestone, "cooling_off")
    assert upcoming(case, NOW).startswith(
        "message 3 by text message, asking for a verified e-mail address, on Sunday"
    )


def test_a_far_day_comes_with_its_date(sqlite_database: Database) -> None:
    case = make_case(sqlite_database)
    assert when(case, START, START + timedelta(days=30)) == "Monday 2 March 2026 13:00 their time"


@pytest.mark.parametrize(
    ("seen_after", "said"),
    [
        (timedelta(days=1), "notice was given, and SMS is not suspended before Monday"),
        (timedelta(days=9), "notice was given, and SMS stays on until that is settled"),
    ],
)
def test_while_retiring_is_stopped_no_day_is_named_that_may_not_come(
    database: Database, seen_after: timedelta, said: str
) -> None:
    policy = make_policy(notice=timedelta(days=7))
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id, policy)
        sms.give_notice(session, account_id, policy, at=START)
        send_everything(session, account_id, at=START)
        assert "and SMS is suspended on" in standing(cases.draw(session, account_id, now=START), START)
    stop(database, Switch.RETIRING)
    with database.reading() as session:
        case = cases.draw(session, account_id, now=START + seen_after)
    assert said in standing(case, START + seen_after)
    assert upcoming(case, START + seen_after) == "Nothing while retiring is stopped."
