"""The tree of an objection: which session bound what, and what that has opened in turn."""

from datetime import timedelta
from typing import Any

from domain.facts import Channel, Method
from domain.messages.messages import Template
from domain.safety.disputes import DisputeSubject, Offshoot
from store import Database, Session
from store.people import contact_changes
from store.people.sessions import WebSession
from store.safety import offshoots
from store.safety.objections import Objection
from tests.clocks import START
from tests.factories import make_account, make_passkey, make_web_session, vouched


def objection(account_id: str, **about: Any) -> Objection:
    return Objection(
        account_id=account_id,
        message_key="a key",
        template=Template.PASSKEY_BOUND,
        made_at=START,
        **about,
    )


def visit(session: Session, account_id: str, token: str, method: Method, **opened_by: str) -> WebSession:
    number = len(token)
    return make_web_session(
        session,
        token,
        account_id=account_id,
        method=method,
        started_at=START + timedelta(hours=number),
        **opened_by,
    )


def said(thing: Offshoot) -> list[object]:
    """A tree as nested lists."""
    return [thing.subject.value, *(said(child) for child in thing.offshoots)]


def test_a_visit_leads_to_what_it_bound_and_to_whom_that_let_in(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        account_id = account.account_id
        first = visit(session, account_id, "1", Method.SMS)
        passkey = make_passkey(session, account_id, bound_in=first.session_id)
        second = visit(session, account_id, "22", Method.PASSKEY, passkey_id=passkey.passkey_id)
        contact_changes.put(
            session,
            account,
            Channel.EMAIL,
            "thief@example.org",
            vouched(),
            origin="person",
            bound_in=second.session_id,
        )
        visit(session, account_id, "333", Method.DEVICE_LINK, parent_id=second.session_id)
        visit(session, account_id, "4444", Method.SMS)
    with database.reading() as session:
        tree = offshoots.of_objection(session, objection(account_id, session_id=first.session_id))
    assert tree
    assert said(tree) == ["visit", ["passkey", ["visit", ["email"], ["visit"]]]]
    assert (tree.name, tree.offshoots[0].name) == (Method.SMS, "Android")


def test_without_a_session_on_record_the_passkey_is_the_root(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        passkey = make_passkey(session, account_id)
        tree = offshoots.of_objection(session, objection(account_id, passkey_id=passkey.passkey_id))
        assert tree
        assert tree.subject is DisputeSubject.PASSKEY
        assert offshoots.of_objection(session, objection(account_id)) is None


def test_a_session_that_opened_itself_ends_no_tree(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        visit(session, account_id, "1", Method.DEVICE_LINK)
        session_id = make_web_session(session, "22", account_id=account_id, method=Method.SMS).session_id
        row = session.get_one(WebSession, session_id)
        row.parent_id = session_id
        session.add(row)
        session.flush()
        tree = offshoots.of_objection(session, objection(account_id, session_id=session_id))
    assert tree
    assert tree.offshoots == ()
