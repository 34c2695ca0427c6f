"""A link works once, for what it was made for, until it expires."""

from datetime import datetime, timedelta

import pytest

from domain.codes import LINK_LIFETIME
from domain.errors import LinkRejected
from store import Database
from store.people import links
from store.people.links import Link, LinkPurpose
from tests.clocks import START
from tests.factories import make_account
from tests.store.racing import at_once

TOKEN = "a token"


def make(database: Database, account_id: str, token: str = TOKEN) -> None:
    link = Link(
        link_id="",
        purpose=LinkPurpose.VERIFY_EMAIL,
        account_id=account_id,
        made_at=START,
        expires_at=START + LINK_LIFETIME,
    )
    with database.transaction() as session:
        links.make(session, token, link)


def use(
    database: Database,
    token: str = TOKEN,
    *,
    purpose: LinkPurpose = LinkPurpose.VERIFY_EMAIL,
    at: datetime = START,
) -> str:
    with database.transaction() as session:
        return links.use(session, token, purpose, now=at).account_id


def works(database: Database, token: str = TOKEN) -> bool:
    try:
        use(database, token)
    except LinkRejected:
        return False
    return True


def test_a_link_is_used_once(database: Database, account_id: str) -> None:
    make(database, account_id)
    assert use(database) == account_id
    with pytest.raises(LinkRejected):
        use(database)


def test_a_link_followed_by_many_at_once_is_used_once(database: Database, account_id: str) -> None:
    make(database, account_id)
    assert sorted(at_once(lambda: works(database))) == [False] * 7 + [True]


def test_looking_at_a_link_does_not_use_it_up(database: Database, account_id: str) -> None:
    make(database, account_id)
    for _ in range(3):
        with database.transaction() as session:
            assert links.look(session, TOKEN, LinkPurpose.VERIFY_EMAIL, now=START).account_id == account_id
    assert works(database)


def test_a_link_expires(database: Database, account_id: str) -> None:
    make(database, account_id)
    with pytest.raises(LinkRejected):
        use(database, at=START + LINK_LIFETIME)
    assert use(database, at=START + LINK_LIFETIME - timedelta(seconds=1)) == account_id


def test_a_link_opens_nothing_else(database: Database, account_id: str) -> None:
    make(database, account_id)
    with pytest.raises(LinkRejected):
        use(database, purpose=LinkPurpose.ADD_DEVICE)
    assert works(database)


def test_an_unknown_link_is_refused(database: Database, account_id: str) -> None:
    make(database, account_id)
    assert not works(database, "another token")


def test_a_new_link_voids_the_earlier_ones_of_the_same_account_only(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        other = make_account(session).account_id
    make(database, account_id, "earlier")
    make(database, other, "of another")
    make(database, account_id, "later")
    assert [works(database, token) for token in ("earlier", "of another", "later")] == [False, True, True]


def test_a_link_is_kept_without_its_token(database: Database, account_id: str) -> None:
    make(database, account_id)
    with database.transaction() as session:
        link = links.look(session, TOKEN, LinkPurpose.VERIFY_EMAIL, now=START)
        assert TOKEN not in str(link.model_dump())
