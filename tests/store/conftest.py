"""An account to begin with, databases without tables, and two members of support."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.desk.acts import Act
from domain.desk.exemptions import STANDARD_BASES
from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from domain.staff.approvals import Hand
from domain.staff.staff import Author, Role
from store import Database
from store.acts import doing
from store.acts.orders import ActOrder
from store.messages.messages import NewMessage
from tests.clocks import START
from tests.factories import make_account, make_journey
from tests.staff import make_staff
from tests.store.desk.stuck_people import NOW, POLICY, Approve, Do


@pytest.fixture
def new(account_id: str) -> NewMessage:
    """A sign-in code by text message, to be sent."""
    return NewMessage(
        key="an account:sign_in_code:1",
        account_id=account_id,
        purpose=Purpose.CODE,
        template=Template.SIGN_IN_CODE,
        channel=Channel.SMS,
        recipient="+4915100000001",
        locale="de",
        values={"minutes": "10"},
        sealed=b"sealed",
        expires_at=START + timedelta(minutes=10),
    )


@pytest.fixture
def account_id(database: Database) -> str:
    """An account in the database."""
    with database.transaction() as session:
        return make_account(session).account_id


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").empty_database() as url:
        yield url


@pytest.fixture
def travelling(database: Database) -> str:
    """An account on its way."""
    with database.transaction() as session:
        account_id = make_account(session, progress_at=START).account_id
        make_journey(session, account_id, POLICY)
        return account_id


@pytest.fixture
def sam(database: Database) -> Hand:
    """A member of support at the console."""
    with database.transaction() as session:
        member = make_staff(session, "sam@example.com", Role.SUPPORT)
        return Hand(staff_id=member.staff_id, session_id="sam's browser", passkey_id=None)


@pytest.fixture
def sue(database: Database) -> Hand:
    """A colleague of Sam's."""
    with database.transaction() as session:
        member = make_staff(session, "sue@example.com", Role.SUPPORT)
        return Hand(staff_id=member.staff_id, session_id="sue's browser", passkey_id=None)


@pytest.fixture
def do(database: Database, sam: Hand) -> Do:
    """Has Sam do something about an account."""

    def perform(act: Act, account_id: str, **changes: Any) -> str | None:
        at = changes.pop("at", NOW)
        author = Author(by="sam@example.com", staff_id=sam.staff_id, role=Role.SUPPORT)
        order = ActOrder(
            act=act,
            account_id=account_id,
            author=author,
            role=Role.SUPPORT,
            reason="they called",
            hand=sam,
        )
        with database.transaction() as session:
            return doing.perform(session, replace(order, **changes), at=at)

    return perform


@pytest.fixture
def approve(database: Database, sue: Hand) -> Approve:
    """Has Sue approve what was asked for, unless it is another member in another browser."""

    def approve(request_id: str | None, hand: Hand = sue) -> None:
        assert request_id
        author = Author(by="sue@example.com", staff_id=hand.staff_id, role=Role.SUPPORT)
        with database.transaction() as session:
            doing.approve(
                session,
                request_id,
                author,
                hand,
                role=Role.SUPPORT,
                at=NOW,
                rescue_delay=timedelta(hours=1),
                bases=STANDARD_BASES,
            )

    return approve
