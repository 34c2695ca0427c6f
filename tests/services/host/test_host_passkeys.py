"""Passkeys that live with the host: whatever order their events come in, the facts are the same."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import SmsState
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.journal import EventKind
from domain.messages.messages import Fate, Template
from domain.presets import STANDARD
from domain.safety.objections import Outcome
from domain.trust import Root, Trust, Way
from services.safety import objections
from store import Database
from store.invariants import breaches, count_gone_at_host
from store.journeys import facts, sms
from store.messages import fates, messages
from store.people import accounts, held_passkeys, host_routes, journal, passkeys, trust
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy, put_sms, send_everything
from tests.host_events import hear, make_event, take

BOUND, USED, REMOVED = (
    HostEventKind.PASSKEY_BOUND,
    HostEventKind.PASSKEY_USED,
    HostEventKind.PASSKEY_REMOVED,
)
DAY = timedelta(days=1)
HEEDED, OVERTAKEN = EventOutcome.HEEDED, EventOutcome.OVERTAKEN


pytestmark = pytest.mark.usefixtures("orchestrated")


@pytest.fixture
def account_id(database: Database) -> str:
    """An account on its way, with a verified address."""
    with database.transaction() as session:
        account = make_account(session, email_verified_at=START, progress_at=START)
        make_journey(session, account.account_id)
        return account.account_id


def bound(host_id: str = "k1", *, days: int = 0, rooted_in: str = "host", **data: Any) -> HostEvent:
    return make_event(
        BOUND, at=START + days * DAY, passkey_id=host_id, synced=False, rooted_in=rooted_in, **data
    )


def used(host_id: str = "k1", *, days: int = 1) -> HostEvent:
    return make_event(USED, at=START + days * DAY, passkey_id=host_id)


def removed(host_id: str = "k1", *, days: int = 5) -> HostEvent:
    return make_event(REMOVED, at=START + days * DAY, passkey_id=host_id)


def hear_all(
    database: Database, account_id: str, events: list[HostEvent], *, days: int = 9
) -> list[EventOutcome]:
    return [take(database, account_id, event, now=START + days * DAY) for event in events]


def counts(database: Database, account_id: str) -> tuple[int, int, int, int]:
    with database.reading() as session:
        known = facts.read(session, account_id)
    return known.passkeys, known.proven_passkeys, known.passkey_days, known.synced_passkeys


def trust_of(database: Database, account_id: str, host_id: str = "k1") -> Trust:
    with database.reading() as session:
        passkey = host_routes.find_passkey(session, account_id, host_id)
        assert passkey
        return trust.of_row(passkey)


def kinds(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]


def test_in_every_order_the_facts_are_the_same(database: Database) -> None:
    events = [bound(), used(days=1), used(days=2), used(days=2)]
    seen = set()
    for order in itertools.permutations(events):
        with database.transaction() as session:
            account_id = make_account(session).account_id
        hear_all(database, account_id, list(order))
        seen.add(counts(database, account_id))
    assert seen == {(1, 1, 2, 0)}


def test_a_passkey_that_was_removed_never_counts_whenever_one_hears_of_it(database: Database) -> None:
    for order in itertools.permutations([bound(), used(), removed()]):
        with database.transaction() as session:
            account_id = make_account(session).account_id
        hear_all(database, account_id, list(order))
        assert counts(database, account_id) == (0, 0, 0, 0)


def test_an_event_that_comes_again_changes_nothing(database: Database, account_id: str) -> None:
    events = [bound(), used()]
    assert hear_all(database, account_id, events) == [HEEDED, HEEDED]
    before = counts(database, account_id)
    assert hear_all(database, account_id, events)[0] is OVERTAKEN
    assert counts(database, account_id) == before
    assert kinds(database, account_id).count(EventKind.PASSKEY_PROVEN) == 1


def test_a_late_use_counts_for_its_own_day(database: Database, account_id: str) -> None:
    hear_all(database, account_id, [bound(), used(days=3)])
    hear_all(database, account_id, [used(days=2)], days=30)
    assert counts(database, account_id)[2] == 2
    with database.reading() as session:
        passkey = host_routes.find_passkey(session, account_id, "k1")
    assert passkey
    assert passkey.last_used_at == START + 3 * DAY


def test_a_clock_of_the_host_that_is_ahead_takes_nothing_into_the_future(
    database: Database, account_id: str
) -> None:
    take(database, account_id, bound(days=40), now=START)
    assert trust_of(database, account_id).bound_at == START


def test_a_passkey_that_the_host_vouches_for_is_established_at_once(
    database: Database, account_id: str
) -> None:
    hear_all(database, account_id, [bound()])
    bound_trust = trust_of(database, account_id)
    assert (bound_trust.root, bound_trust.way, bound_trust.established_from) == (
        Root.HOST,
        Way.VOUCHED,
        START,
    )


@pytest.mark.parametrize("rooted_in", ["sms", "recovery_code", "a guess"])
def test_a_passkey_of_a_weak_session_waits_until_its_owner_has_heard_of_it(
    database: Database, account_id: str, rooted_in: str
) -> None:
    take(database, account_id, bound(rooted_in=rooted_in), now=START + DAY)
    assert trust_of(database, account_id).way is Way.NOTICE
    assert trust_of(database, account_id).established_from is None
    with database.transaction() as session:
        send_everything(session, account_id, at=START + 2 * DAY)
    bound_trust = trust_of(database, account_id)
    assert (bound_trust.root, bound_trust.established_from) == (
        Root.SMS,
        START + 2 * DAY + STANDARD.cooling_off,
    )


def test_where_nobody_can_be_told_the_window_begins_when_offramp_hears_of_it(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, email=None).account_id
    take(database, account_id, bound(rooted_in="sms"), now=START + 20 * DAY)
    bound_trust = trust_of(database, account_id)
    assert (bound_trust.way, bound_trust.established_from) == (
        Way.SIM_WINDOW,
        START + 20 * DAY + STANDARD.sim_swap_window,
    )


def test_a_session_that_is_called_high_is_worth_no_more_than_the_passkey_that_opened_it(
    database: Database, account_id: str
) -> None:
    take(database, account_id, bound("thief", rooted_in="sms"), now=START)
    take(database, account_id, bound("second", days=1, rooted_in="high"), now=START + DAY)
    bound_trust = trust_of(database, account_id, "second")
    assert (bound_trust.root, bound_trust.rooted_at) == (Root.SMS, START)
    assert bound_trust.established_from is None


def test_an_established_passkey_vouches_for_what_its_session_binds(
    database: Database, account_id: str
) -> None:
    hear_all(database, account_id, [bound("first"), bound("second", days=1, rooted_in="high")])
    assert trust_of(database, account_id, "second").established_from == START + DAY


def test_the_owner_is_told_at_all_contacts_and_can_object(database: Database, account_id: str) -> None:
    take(database, account_id, bound("thief", rooted_in="sms", name="Pixel"), now=START)
    with database.transaction() as session:
        send_everything(session, account_id, at=START)
        sent_notices = [
            message
            for message in messages.of_account(session, account_id)
            if message.template == Template.PASSKEY_BOUND
        ]
        assert {notice.channel for notice in sent_notices} == {"email", "sms"}
        by_email = next(notice for notice in sent_notices if notice.channel == "email")
        assert by_email.values["device"] == "Pixel"
        objection = objections.make(session, by_email.key, at=START + DAY)
        objection_id = objection.objection_id
    assert counts(database, account_id)[0] == 0
    with database.transaction() as session:
        objections.settle(
            session, objection_id, outcome=Outcome.UPHELD, by="sam", reason="it was a thief", at=START + DAY
        )
        assert passkeys.kept(session, account_id) == []
    assert take(database, account_id, used("thief", days=3), now=START + 3 * DAY) is OVERTAKEN


def test_an_objection_takes_what_the_disputed_passkey_has_bound_in_turn(
    database: Database, account_id: str
) -> None:
    take(database, account_id, bound("thief", rooted_in="sms"), now=START)
    take(database, account_id, bound("second", days=1, rooted_in="high"), now=START + DAY)
    with database.transaction() as session:
        send_everything(session, account_id, at=START + DAY)
        first = host_routes.find_passkey(session, account_id, "thief")
        assert first
        notice = next(
            message
            for message in messages.of_account(session, account_id)
            if message.values.get("passkey_id") == first.passkey_id and message.channel == "email"
        )
        objections.make(session, notice.key, at=START + 2 * DAY)
    assert counts(database, account_id)[0] == 0


def test_what_a_held_passkey_does_counts_for_nothing(database: Database, account_id: str) -> None:
    hear_all(database, account_id, [bound()])
    with database.transaction() as session:
        passkey = host_routes.find_passkey(session, account_id, "k1")
        assert passkey
        held_passkeys.freeze(session, passkey, at=START + DAY)
    assert take(database, account_id, used(days=2), now=START + 2 * DAY) is EventOutcome.IGNORED


def test_the_last_way_in_that_goes_at_the_host_is_believed_all_the_same(
    database: Database, account_id: str
) -> None:
    hear_all(database, account_id, [bound(), used()])
    with database.transaction() as session:
        put_sms(session, accounts.lock(session, account_id), SmsState.SUSPENDED, at=START)
    assert take(database, account_id, removed(), now=START + 9 * DAY) is HEEDED
    assert counts(database, account_id) == (0, 0, 0, 0)
    with database.transaction() as session:
        notice = next(
            message
            for message in messages.of_account(session, account_id)
            if message.template == Template.PASSKEY_REMOVED
        )
        assert notice.values["device"] == "A device"


def test_the_proof_cites_the_events_that_it_rests_on(database: Database) -> None:
    policy = make_policy(proving_days=2, notice=DAY)
    with database.transaction() as session:
        account_id = make_account(session, progress_at=START).account_id
        make_journey(session, account_id, policy)
    for event in (
        bound("k1"),
        bound("k2"),
        bound("gone"),
        removed("gone", days=1),
        used("k1", days=1),
        used("k1", days=2),
        used("k1", days=3),
    ):
        take(database, account_id, event, now=event.at)
    hear(
        database,
        account_id,
        HostEventKind.EMAIL_VERIFIED,
        at=START + 4 * DAY,
        email=_email(database, account_id),
    )
    with database.transaction() as session:
        sms.give_notice(session, account_id, policy, at=START + 4 * DAY)
        send_everything(session, account_id, at=START + 4 * DAY)
    with database.transaction() as session:
        sms.suspend(session, account_id, policy, at=START + 6 * DAY)
        (proof,) = sms.proofs(session, account_id)
    cited = [(event["kind"], event["at"][:10]) for event in proof.evidence["host_events"]]
    days = [(START + number * DAY).date().isoformat() for number in range(5)]
    assert cited == [
        ("passkey.bound", days[0]),
        ("passkey.bound", days[0]),
        ("passkey.used", days[1]),
        ("passkey.used", days[2]),
        ("email.verified", days[4]),
    ]
    assert all(event["source"] and event["id"] for event in proof.evidence["host_events"])
    with database.reading() as session:
        assert {breach.count for breach in breaches(session, now=START + 6 * DAY)} == {0}


def _email(database: Database, account_id: str) -> str:
    with database.reading() as session:
        return accounts.get(session, account_id).email or ""


def test_whom_the_host_has_left_without_a_way_in_is_counted_apart(
    database: Database, account_id: str
) -> None:
    hear_all(database, account_id, [bound(), used()])
    with database.transaction() as session:
        put_sms(session, accounts.lock(session, account_id), SmsState.REMOVED, at=START)
    hear_all(database, account_id, [removed()])
    with database.reading() as session:
        assert count_gone_at_host(session) == 1
        assert {breach.count for breach in breaches(session, now=START + 9 * DAY)} == {0}
    hear_all(database, account_id, [bound("k2", days=9), used("k2", days=9)])
    with database.reading() as session:
        assert count_gone_at_host(session) == 0


def test_the_host_may_vouch_later_for_a_passkey_that_waits(database: Database, account_id: str) -> None:
    take(database, account_id, bound(rooted_in="sms"), now=START)
    assert take(database, account_id, bound(days=1, rooted_in="high"), now=START + DAY) is OVERTAKEN
    assert take(database, account_id, bound(days=1, rooted_in="host"), now=START + DAY) is HEEDED
    assert trust_of(database, account_id).established_from == START + DAY
    assert EventKind.CONFIRMED in kinds(database, account_id)
    assert take(database, account_id, bound(days=2, rooted_in="host"), now=START + 2 * DAY) is OVERTAKEN


def test_while_a_dispute_is_open_no_word_of_the_host_establishes_what_is_disputed(
    database: Database, account_id: str
) -> None:
    take(database, account_id, bound(rooted_in="sms"), now=START)
    with database.transaction() as session:
        accounts.begin_dispute(session, accounts.lock(session, account_id), at=START)
    assert take(database, account_id, bound(days=1, rooted_in="host"), now=START + DAY) is OVERTAKEN
    assert trust_of(database, account_id).established_from is None


def test_a_notice_that_comes_back_lets_the_window_begin_when_offramp_heard_of_it(
    database: Database, account_id: str
) -> None:
    heard_at = START + 20 * DAY
    take(database, account_id, bound(rooted_in="sms"), now=heard_at)
    with database.transaction() as session:
        send_everything(session, account_id, at=heard_at)
        for message in messages.of_account(session, account_id):
            fates.note(session, message.key, Fate.BOUNCED, reason="bounced", at=heard_at + DAY)
    bound_trust = trust_of(database, account_id)
    assert (bound_trust.way, bound_trust.established_from) == (
        Way.SIM_WINDOW,
        heard_at + STANDARD.sim_swap_window,
    )
