"""Rescue passes: two people, a delay, once; whatever is stopped stays stopped."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.desk.acts import Act, ActRefused
from domain.desk.exemptions import STANDARD_BASES
from domain.errors import Refused
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journey import passkey_counts_from
from domain.staff.approvals import RESCUE_LIFETIME, SHOWN_WITHIN, ApprovalRefused, Hand, require_second
from domain.staff.staff import Author, Role
from store import Database, Session
from store.acts import decisions, doing
from store.acts.orders import ActOrder
from store.journeys import facts
from store.messages import messages
from store.people import accounts, journal
from store.safety import rescues
from store.safety.objections import Objection
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy, make_ready_account
from tests.staff import make_staff, make_staff_passkey
from tests.store.racing import at_once

DELAY = timedelta(hours=24)
OPEN = START + DELAY
SECOND = timedelta(seconds=1)


@dataclass
class Desk:
    """A desk with three members, and one account that needs rescuing."""

    database: Database
    account_id: str
    sam: Hand
    sue: Hand
    ada: Hand

    def ask(self, hand: Hand | None = None, *, at: datetime = START, account_id: str = "") -> str:
        order = ActOrder(
            act=Act.ASK_FOR_RESCUE,
            account_id=account_id or self.account_id,
            author=_author(hand or self.sam),
            role=Role.SUPPORT,
            reason="lost the phone",
            hand=hand or self.sam,
        )
        with self.database.transaction() as session:
            return str(doing.perform(session, order, at=at))

    def approve(self, request_id: str, hand: Hand | None = None, *, at: datetime = START) -> None:
        hand = hand or self.sue
        with self.database.transaction() as session:
            doing.approve(
                session,
                request_id,
                _author(hand),
                hand,
                role=Role.SUPPORT,
                at=at,
                rescue_delay=DELAY,
                bases=STANDARD_BASES,
            )

    def turn_down(self, request_id: str, hand: Hand, *, at: datetime = START) -> None:
        with self.database.transaction() as session:
            decisions.turn_down(session, request_id, _author(hand), hand, at=at)

    def show(self, request_id: str, hand: Hand | None = None, *, at: datetime = OPEN) -> None:
        with self.database.transaction() as session:
            rescues.show(session, request_id, hand or self.sam, "digest", at=at)

    def stop(self, request_id: str, *, at: datetime = START) -> None:
        with self.database.transaction() as session:
            rescues.stop(session, request_id, at=at, actor=Actor.STAFF, by="ada", reason="odd")

    def use(self, *, at: datetime = OPEN) -> bool:
        with self.database.transaction() as session:
            accounts.lock(session, self.account_id)
            rescue = rescues.find(session, self.account_id, "digest", now=at)
            if rescue:
                rescues.use(session, rescue, at=at)
            return rescue is not None

    def object_(self, *, at: datetime, settled: bool = False) -> None:
        with self.database.transaction() as session:
            key = f"{self.account_id}:rescue_asked:x:email"
            outcome: dict[str, Any] = {"settled_at": at, "outcome": "upheld"} if settled else {}
            objection = Objection(
                account_id=self.account_id, message_key=key, template="rescue_asked", made_at=at, **outcome
            )
            session.add(objection)


def _author(hand: Hand) -> Author:
    return Author(by=hand.session_id, staff_id=hand.staff_id, role=Role.SUPPORT)


def _hand(session: Session, name: str) -> Hand:
    member = make_staff(session, f"{name}@example.com", Role.SUPPORT)
    passkey = make_staff_passkey(session, member.staff_id)
    return Hand(staff_id=member.staff_id, session_id=name, passkey_id=passkey.passkey_id)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def make_desk(database: Database) -> Desk:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id)
        sam, sue, ada = (_hand(session, f"{name} of {account_id}") for name in ("sam", "sue", "ada"))
    return Desk(database=database, account_id=account_id, sam=sam, sue=sue, ada=ada)


def test_the_whole_way(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    with desk.database.reading() as session:
        notices = messages.of_account(session, desk.account_id)
        assert {(notice.template, notice.channel) for notice in notices} == {
            ("rescue_asked", "email"),
            ("rescue_asked", "sms"),
        }
    desk.show(request_id)
    assert desk.use()
    with desk.database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, desk.account_id)][-4:]
        account_facts = facts.read(session, desk.account_id)
        templates = {message.template for message in messages.of_account(session, desk.account_id)}
    assert kinds == ["rescue_asked", "rescue_approved", "rescue_shown", EventKind.RESCUED]
    assert "rescued" in templates
    policy = make_policy()
    assert account_facts.rescued_at == OPEN
    assert passkey_counts_from(account_facts, policy) == OPEN + policy.cooling_off
    assert account_facts.sms is SmsState.ON


def test_nobody_approves_their_own(desk: Desk) -> None:
    request_id = desk.ask()
    elsewhere = Hand(staff_id=desk.sam.staff_id, session_id="another browser", passkey_id="another")
    for hand in (desk.sam, elsewhere):
        with pytest.raises(ApprovalRefused, match="themselves"):
            desk.approve(request_id, hand)
    same_browser = Hand(staff_id=desk.sue.staff_id, session_id=desk.sam.session_id, passkey_id=None)
    same_key = Hand(staff_id=desk.sue.staff_id, session_id="x", passkey_id=desk.sam.passkey_id)
    for hand in (same_browser, same_key):
        with pytest.raises(ApprovalRefused, match="this very browser"):
            desk.approve(request_id, hand)


_ids = st.sampled_from(["a", "b", "c"])
_hands = st.builds(Hand, staff_id=_ids, session_id=_ids, passkey_id=st.none() | _ids)


@given(asking=_hands, deciding=_hands)
def test_whoever_approves_shares_neither_name_nor_browser_nor_key(asking: Hand, deciding: Hand) -> None:
    with suppress(ApprovalRefused):
        require_second(asking, deciding)
        assert asking.staff_id != deciding.staff_id
        assert asking.session_id != deciding.session_id
        assert asking.passkey_id is None or asking.passkey_id != deciding.passkey_id


def test_the_code_is_not_shown_before_its_time_nor_to_another_nor_twice(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    with pytest.raises(ApprovalRefused, match="not over yet"):
        desk.show(request_id, at=OPEN - SECOND)
    with pytest.raises(ApprovalRefused, match="nobody else"):
        desk.show(request_id, desk.sue)
    desk.show(request_id)
    with pytest.raises(ApprovalRefused, match="shown once"):
        desk.show(request_id)


def test_the_code_works_once_and_for_ten_minutes(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    assert not desk.use()
    desk.show(request_id)
    assert not desk.use(at=OPEN + RESCUE_LIFETIME)
    assert desk.use(at=OPEN + RESCUE_LIFETIME - SECOND)
    assert not desk.use()


def test_a_pass_that_nobody_shows_lapses(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    with pytest.raises(ApprovalRefused, match="lapsed"):
        desk.show(request_id, at=OPEN + SHOWN_WITHIN)
    desk.ask(at=OPEN + SHOWN_WITHIN)


@pytest.mark.parametrize("settled", [False, True])
def test_an_objection_stops_a_pass_for_good_however_it_is_settled(desk: Desk, *, settled: bool) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    desk.object_(at=START + SECOND, settled=settled)
    with pytest.raises(ApprovalRefused, match="was stopped"):
        desk.show(request_id)


def test_an_objection_after_the_showing_is_in_time(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    desk.show(request_id)
    desk.object_(at=OPEN + SECOND)
    assert not desk.use(at=OPEN + 2 * SECOND)


def test_support_stops_a_pass(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    desk.stop(request_id)
    with pytest.raises(ApprovalRefused, match="was stopped"):
        desk.show(request_id)
    with pytest.raises(ApprovalRefused, match="over already"):
        desk.stop(request_id)
    desk.ask()


def test_what_was_declined_or_withdrawn_is_not_approved(desk: Desk) -> None:
    for hand in (desk.sue, desk.sam):
        request_id = desk.ask()
        desk.turn_down(request_id, hand)
        with pytest.raises(ApprovalRefused, match="has been decided"):
            desk.approve(request_id)


def test_one_pass_at_a_time(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(ActRefused, match="under way"):
        desk.ask(desk.sue)


def test_a_request_lapses(desk: Desk) -> None:
    request_id = desk.ask()
    with pytest.raises(ApprovalRefused, match="waited too long"):
        desk.approve(request_id, at=START + timedelta(hours=72))


def test_nobody_asks_for_many_in_a_day(desk: Desk) -> None:
    with desk.database.transaction() as session:
        account_ids = [make_account(session).account_id for _ in range(6)]
    for account_id in account_ids[:5]:
        desk.ask(account_id=account_id)
    with pytest.raises(ApprovalRefused, match="within a day"):
        desk.ask(account_id=account_ids[5])
    desk.ask(desk.sue, account_id=account_ids[5])
    desk.ask(at=START + timedelta(days=1))


def test_of_two_approvals_at_once_one_counts(desk: Desk) -> None:
    request_id = desk.ask()

    def approve() -> bool:
        with suppress(ApprovalRefused):
            desk.approve(request_id)
            return True
        return False

    assert sum(at_once(approve, times=4)) == 1


def test_approving_and_declining_at_once_leaves_one_answer(desk: Desk) -> None:
    request_id = desk.ask()
    answers = iter([desk.approve, desk.turn_down] * 2)

    def decide() -> str:
        answer = next(answers)
        with suppress(ApprovalRefused):
            answer(request_id, desk.ada)
            return answer.__name__
        return ""

    said = [word for word in at_once(decide, times=4) if word]
    assert len(said) == 1
    with desk.database.reading() as session:
        assert len(rescues.of_account(session, desk.account_id, now=START)) == (said == ["approve"])


def test_a_code_typed_many_times_at_once_lets_one_in(desk: Desk) -> None:
    request_id = desk.ask()
    desk.approve(request_id)
    desk.show(request_id)
    assert sum(at_once(desk.use, times=4)) == 1


_moves = st.lists(
    st.tuples(
        st.sampled_from(["ask", "approve", "show", "stop", "use", "object"]),
        st.integers(0, 30),
        st.booleans(),
    ),
    max_size=9,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=_moves)
def test_whatever_happens_no_pass_works_early_twice_or_after_a_stop(
    sqlite_database: Database, moves: list[tuple[str, int, bool]]
) -> None:
    desk = make_desk(sqlite_database)
    now, request_id, approved_at, dead, used = START, "", None, False, 0
    for move, hours, by_sam in moves:
        now += timedelta(hours=hours)
        hand = desk.sam if by_sam else desk.sue
        with suppress(Refused):
            match move:
                case "ask":
                    request_id, approved_at, dead = desk.ask(at=now), None, dead and False
                case "approve":
                    desk.approve(request_id, hand, at=now)
                    assert not by_sam
                    approved_at = now
                case "show":
                    desk.show(request_id, hand, at=now)
                    assert approved_at is not None
                    assert now >= approved_at + DELAY
                    assert by_sam
                    assert not dead
                case "stop":
                    desk.stop(request_id, at=now)
                    dead = True
                case "object" if not dead:
                    with suppress(Exception):
                        desk.object_(at=now)
                    dead = approved_at is not None
                case "use" if desk.use(at=now):
                    assert not dead
                    used += 1
    assert used <= sum(move == "ask" for move, _, _ in moves)
