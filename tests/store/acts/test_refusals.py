"""What a rule refuses changes nothing, and is written down all the same, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.desk.acts import SETTLE_OBJECTION, Act, ActRefused
from domain.desk.exemptions import STANDARD_BASES
from domain.errors import Refused, Unknown
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.staff.approvals import ApprovalRefused, Hand
from domain.staff.reasons import BadReason
from domain.staff.staff import AuditKind, Author, Role
from services.safety import objections, settlements
from store import Database
from store.acts import doing, refusals
from store.acts.orders import ActOrder
from store.messages import messages, notices
from store.people import journal
from store.staff import audit, staff_requests
from store.staff.audit import AuditEntry, Sought
from tests.clocks import START
from tests.factories import make_account
from tests.staff import make_staff

SAM = Author(by="sam@example.com", role=Role.SUPPORT, came_from="203.0.113.7")
BOTH = replace(SAM, together_with="sue")
NOW = START + timedelta(hours=1)
NOBODY = "0198c0de-0000-7000-8000-000000000000"


def order(act: Act, account_id: str, reason: str = "they  called\n") -> ActOrder:
    return ActOrder(act=act, account_id=account_id, author=SAM, role=Role.SUPPORT, reason=reason)


def act(database: Database, wanted: ActOrder) -> None:
    with refusals.acting(database, wanted, at=NOW) as session:
        doing.perform(session, wanted, at=NOW)


def audited(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        return list(audit.read(session, Sought()))


def test_a_refused_act_leaves_the_audit_and_nothing_else(database: Database, account_id: str) -> None:
    with pytest.raises(ActRefused, match="not paused"):
        act(database, order(Act.RESUME, account_id))
    (entry,) = audited(database)
    assert (entry.kind, entry.account_id, entry.at) == (AuditKind.ACT_REFUSED, account_id, NOW)
    assert (entry.by, entry.role, entry.came_from) == (SAM.by, Role.SUPPORT, SAM.came_from)
    assert entry.reason == "they called"
    assert entry.detail == {"act": Act.RESUME, "refusal": "The journey is not paused."}
    with database.reading() as session:
        assert not journal.of_account(session, account_id)


def test_what_was_written_before_the_refusal_is_rolled_back(database: Database, account_id: str) -> None:
    done, refused = order(Act.NOTE, account_id), order(Act.RESUME, account_id)

    def do_both() -> None:
        with refusals.acting(database, refused, at=NOW) as session:
            doing.perform(session, done, at=NOW)
            doing.perform(session, refused, at=NOW)

    with pytest.raises(ActRefused):
        do_both()
    assert [entry.kind for entry in audited(database)] == [AuditKind.ACT_REFUSED]
    with database.reading() as session:
        assert not journal.of_account(session, account_id)


def test_an_act_that_is_done_is_written_down_once(database: Database, account_id: str) -> None:
    act(database, order(Act.NOTE, account_id))
    assert [entry.kind for entry in audited(database)] == [AuditKind.CASE_ACTED_ON]


@pytest.mark.parametrize("reason", ["", "call +49 151 2345678"])
def test_a_reason_that_must_not_be_kept_is_kept_nowhere(
    database: Database, account_id: str, reason: str
) -> None:
    with pytest.raises(BadReason):
        act(database, order(Act.RESUME, account_id, reason))
    assert audited(database) == []


def test_an_account_that_there_is_not_leaves_no_trace(database: Database) -> None:
    with pytest.raises(Unknown):
        act(database, order(Act.NOTE, NOBODY))
    assert audited(database) == []


def test_whoever_approves_their_own_request_is_written_down(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        staff_id = make_staff(session, SAM.by, Role.SUPPORT).staff_id
        sam = Hand(staff_id=staff_id, session_id="sam's browser", passkey_id=None)
        request = staff_requests.ask(session, sam, Act.ASK_FOR_RESCUE, account_id, reason="x", at=NOW)
        request_id = request.request_id

    def approve() -> None:
        with refusals.deciding(database, SAM, request_id, at=NOW) as session:
            doing.approve(
                session,
                request_id,
                SAM,
                sam,
                role=Role.SUPPORT,
                at=NOW,
                rescue_delay=timedelta(hours=1),
                bases=STANDARD_BASES,
            )

    with pytest.raises(ApprovalRefused):
        approve()
    (entry,) = audited(database)
    assert (entry.kind, entry.account_id) == (AuditKind.ACT_REFUSED, account_id)
    assert entry.detail["request_id"] == request_id
    assert "Nobody approves" in entry.detail["refusal"]


def test_a_request_that_there_is_not_is_unknown(database: Database) -> None:
    with pytest.raises(Unknown), refusals.deciding(database, SAM, NOBODY, at=NOW):
        pass


def settler(
    database: Database, account_id: str, objection_id: str, author: Author = BOTH
) -> Callable[[], None]:
    def settle() -> None:
        with refusals.settling(database, author, account_id, objection_id, at=NOW) as session:
            settlements.settle(
                session,
                author,
                account_id,
                objection_id,
                outcome=Outcome.DISMISSED,
                reason="it was them",
                at=NOW,
            )

    return settle


def test_an_objection_is_settled_for_its_own_account_and_once(database: Database) -> None:
    with database.transaction() as session:
        account, other = make_account(session), make_account(session).account_id
        notices.tell(session, account, Template.PASSKEY_BOUND, event="one", at=START)
        (notice, *_) = messages.of_account(session, account.account_id)
        objection_id = objections.make(session, notice.key, at=START).objection_id
        account_id = account.account_id
    with pytest.raises(Unknown):
        settler(database, other, objection_id)()
    for alone in (SAM, replace(SAM, together_with=SAM.mark)):
        with pytest.raises(Refused, match="two members"):
            settler(database, account_id, objection_id, alone)()
    settler(database, account_id, objection_id)()
    with pytest.raises(Refused, match="is settled"):
        settler(database, account_id, objection_id)()
    kinds = [(entry.kind, entry.detail["act"]) for entry in audited(database)]
    refused, settled = AuditKind.ACT_REFUSED, AuditKind.CASE_ACTED_ON
    assert kinds == [(kind, SETTLE_OBJECTION) for kind in (refused, refused, settled, refused)]
