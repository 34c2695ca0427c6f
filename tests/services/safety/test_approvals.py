"""What takes two members of staff is done by two, whichever door one of them tries alone."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from domain.desk.acts import Act, ConsoleOnly, Rest
from domain.desk.exemptions import STANDARD_BASES
from domain.errors import Refused, Unknown
from domain.facts import Facts, SmsState
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.staff.approvals import ASKED_FOR, ApprovalRefused, Hand
from domain.staff.staff import AuditKind, Author, Role
from services.container import Services
from services.safety import approvals, objections, settlements
from store import Database
from store.acts import doing, refusals
from store.acts.orders import ActOrder
from store.journeys import facts
from store.messages import notices
from store.people import accounts, journal, passkeys
from store.staff import audit, staff_requests
from store.staff.audit import AuditEntry, Sought
from tests.api.world import make_world
from tests.clocks import START, FakeClock
from tests.factories import make_journey, make_passkey, make_policy, make_ready_account
from tests.staff import make_staff

WHY = "they called"


@dataclass(frozen=True, kw_only=True)
class Helper:
    """A member of support in a browser."""

    services: Services
    author: Author
    hand: Hand

    def elsewhere(self) -> "Helper":
        """The same member with another passkey in another browser."""
        session_id = f"another of {self.hand.session_id}"
        return replace(
            self,
            hand=Hand(
                staff_id=self.hand.staff_id, session_id=session_id, passkey_id=f"passkey of {session_id}"
            ),
        )

    def does(self, act: Act, account_id: str, *, target: str = "") -> str | None:
        """Carry an act out, or ask for it."""
        order = ActOrder(
            act=act,
            account_id=account_id,
            author=self.author,
            role=Role.SUPPORT,
            reason=WHY,
            days=9,
            basis=STANDARD_BASES.find(Rest.OTHER),
            target=target,
            hand=self.hand,
        )
        with refusals.acting(self.services.database, order, at=self.services.clock()) as session:
            return doing.perform(session, order, at=self.services.clock())

    def asks_to_settle(self, account_id: str, objection_id: str, outcome: Outcome = Outcome.DISMISSED) -> str:
        """Ask for an objection to be settled."""
        with self.services.database.transaction() as session:
            return settlements.ask(
                session,
                self.author,
                self.hand,
                account_id,
                objection_id,
                outcome=outcome,
                reason=WHY,
                at=self.services.clock(),
            )

    def settles(self, account_id: str, objection_id: str) -> None:
        """Settle an objection without asking anybody."""
        with self.services.database.transaction() as session:
            settlements.settle(
                session,
                self.author,
                account_id,
                objection_id,
                outcome=Outcome.DISMISSED,
                reason=WHY,
                at=self.services.clock(),
            )

    def approves(self, request_id: str | None) -> None:
        """Approve what was asked for."""
        approvals.approve(self.services, str(request_id), self.author, self.hand, role=Role.SUPPORT)

    def declines(self, request_id: str) -> None:
        """Decline it, or withdraw it."""
        approvals.decline(self.services, request_id, self.author, self.hand)


def make_helper(services: Services, name: str) -> Helper:
    with services.database.transaction() as session:
        staff_id = make_staff(session, f"{name}@example.com", Role.SUPPORT).staff_id
    author = Author(by=f"{name}@example.com", staff_id=staff_id, role=Role.SUPPORT)
    hand = Hand(staff_id=staff_id, session_id=f"{name}'s browser", passkey_id=f"{name}'s passkey")
    return Helper(services=services, author=author, hand=hand)


@pytest.fixture
def services(database: Database, clock: FakeClock) -> Services:
    return make_world(database, clock).services


@pytest.fixture
def sam(services: Services) -> Helper:
    return make_helper(services, "sam")


@pytest.fixture
def sue(services: Services) -> Helper:
    return make_helper(services, "sue")


@pytest.fixture
def ada(database: Database) -> str:
    """The account of somebody whose text-message codes were just switched off."""
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
        make_journey(session, account_id, make_policy())
        return account_id


@pytest.fixture
def bob(database: Database) -> str:
    """The account of somebody who objects to a new passkey."""
    with database.transaction() as session:
        return make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id


@pytest.fixture
def objection_id(database: Database, bob: str) -> str:
    """Bob's objection; the passkey is on hold."""
    with database.transaction() as session:
        account = accounts.get(session, bob)
        passkey_id = make_passkey(session, bob).passkey_id
        values = {"device": "iPhone", "passkey_id": passkey_id}
        notices.tell(session, account, Template.PASSKEY_BOUND, event=passkey_id, at=START, values=values)
        key = f"{notices.event_key(bob, Template.PASSKEY_BOUND, passkey_id)}:email"
        return objections.make(session, key, at=START).objection_id


def facts_of(database: Database, account_id: str) -> Facts:
    with database.reading() as session:
        return facts.read(session, account_id)


def device_of(database: Database, account_id: str) -> str:
    """A passkey that is not the last way in, because it has never signed in."""
    with database.reading() as session:
        unproven = [row for row in passkeys.active(session, account_id) if row.last_used_at is None]
    return unproven[0].passkey_id


def audited(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        return list(audit.read(session, Sought()))


def test_one_member_of_support_cannot_remove_restore_and_settle_alone(
    database: Database, sam: Helper, sue: Helper, ada: str, bob: str, objection_id: str
) -> None:
    before = facts_of(database, ada), facts_of(database, bob)
    device = device_of(database, ada)
    requests = [
        sam.does(Act.REMOVE_DEVICE, ada, target=device),
        sam.does(Act.RESTORE_SMS, ada),
        sam.does(Act.EXEMPT, ada),  # it would switch text-message codes on, too
        sam.asks_to_settle(bob, objection_id),
    ]
    for alone in (sam, sam.elsewhere()):
        for request_id in requests:
            with pytest.raises(ApprovalRefused, match="asked for themselves"):
                alone.approves(request_id)
        with pytest.raises(Refused, match="two members"):
            alone.settles(bob, objection_id)
    assert (facts_of(database, ada), facts_of(database, bob)) == before
    for request_id in requests[:2] + requests[3:]:
        sue.approves(request_id)
    after = facts_of(database, ada)
    assert (after.sms, after.passkeys) == (SmsState.ON, before[0].passkeys - 1)
    assert facts_of(database, bob).disputed_since is None


@pytest.mark.parametrize("act", [Act.REMOVE_DEVICE, Act.RESTORE_SMS, Act.EXEMPT])
def test_neither_a_key_nor_an_open_console_gets_around_the_second_member(
    database: Database, sam: Helper, ada: str, act: Act
) -> None:
    before, device = facts_of(database, ada), device_of(database, ada)
    target = device if act is Act.REMOVE_DEVICE else ""
    key = replace(sam, author=replace(sam.author, key_id="a key", on_behalf_of="agent 7"))
    with pytest.raises(ConsoleOnly):
        key.does(act, ada, target=target)
    assert facts_of(database, ada) == before


def test_a_colleague_in_the_same_browser_or_with_the_same_passkey_is_no_second_member(
    database: Database, sam: Helper, sue: Helper, ada: str
) -> None:
    request_id = sam.does(Act.RESTORE_SMS, ada)
    staff_id = sue.hand.staff_id
    for borrowed in (
        replace(sam.hand, staff_id=staff_id, passkey_id="another"),
        replace(sam.hand, staff_id=staff_id, session_id="another"),
    ):
        with pytest.raises(ApprovalRefused, match="very browser or passkey"):
            replace(sue, hand=borrowed).approves(request_id)
    assert facts_of(database, ada).sms is SmsState.SUSPENDED


def test_both_who_settle_an_objection_are_in_the_journal_and_the_audit(
    database: Database, sam: Helper, sue: Helper, bob: str, objection_id: str
) -> None:
    request_id = sam.asks_to_settle(bob, objection_id, Outcome.UPHELD)
    sue.approves(request_id)
    sams, sues = sam.hand.staff_id, sue.hand.staff_id
    with database.reading() as session:
        settled = journal.of_account(session, bob)[-1]
    assert settled.detail["outcome"] == Outcome.UPHELD
    assert (settled.detail["by"], settled.detail["together_with"]) == (sues, sams)
    asked, approved, done = audited(database)
    assert (asked.kind, asked.staff_id, asked.reason) == (AuditKind.ASKED_FOR, sams, WHY)
    assert (approved.kind, approved.staff_id) == (AuditKind.APPROVED, sues)
    assert (done.kind, done.staff_id) == (AuditKind.CASE_ACTED_ON, sues)
    for entry in (asked, approved):
        assert entry.detail["request_id"] == request_id
        assert (entry.detail["target"], entry.detail["outcome"]) == (objection_id, Outcome.UPHELD)
    for entry in (approved, done):
        assert entry.detail["together_with"] == sams


def test_an_objection_is_asked_about_once_and_only_while_it_is_open(
    sam: Helper, sue: Helper, ada: str, bob: str, objection_id: str
) -> None:
    with pytest.raises(Unknown):
        sam.asks_to_settle(ada, objection_id)
    request_id = sam.asks_to_settle(bob, objection_id)
    with pytest.raises(ApprovalRefused, match="asked for already"):
        sue.asks_to_settle(bob, objection_id, Outcome.UPHELD)
    sue.declines(request_id)
    sam.approves(sue.asks_to_settle(bob, objection_id, Outcome.UPHELD))
    with pytest.raises(Refused, match="is settled"):
        sam.asks_to_settle(bob, objection_id)


def test_a_request_to_settle_lapses_as_every_other(
    clock: FakeClock, database: Database, sam: Helper, sue: Helper, bob: str, objection_id: str
) -> None:
    request_id = sam.asks_to_settle(bob, objection_id)
    clock.advance(ASKED_FOR)
    with pytest.raises(ApprovalRefused, match="waited too long"):
        sue.approves(request_id)
    assert facts_of(database, bob).disputed_since
    sue.asks_to_settle(bob, objection_id)


def test_what_is_refused_at_its_approval_is_audited_and_waits_on(
    clock: FakeClock, database: Database, sam: Helper, sue: Helper, ada: str
) -> None:
    request_id = sam.does(Act.RESTORE_SMS, ada)
    with database.transaction() as session:
        accounts.begin_dispute(session, accounts.get(session, ada), at=clock())
    with pytest.raises(Refused, match="objection is open"):
        sue.approves(request_id)
    assert audited(database)[-1].kind == AuditKind.ACT_REFUSED
    with database.reading() as session:
        assert staff_requests.get(session, str(request_id)).waits(clock() + timedelta(hours=1))


def test_sam_withdraws_what_he_asked_for(database: Database, sam: Helper, sue: Helper, ada: str) -> None:
    request_id = str(sam.does(Act.RESTORE_SMS, ada))
    sam.declines(request_id)
    with pytest.raises(ApprovalRefused, match="been decided"):
        sue.approves(request_id)
    assert facts_of(database, ada).sms is SmsState.SUSPENDED
