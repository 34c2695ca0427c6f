"""Accounts: what is told travels as it is, and what is not told is left alone."""

from datetime import UTC, datetime

import pytest

from offramp_client import AccountFields, Contact, Methods, SmsUse
from tests.clients.conftest import Ask
from tests.clients.scripted_server import Reply, ScriptedServer

STANDING = {
    "external_id": "42",
    "account_id": "0199",
    "email": {"value": "a•••@e•••.com", "verified": True},
    "phone": None,
    "methods": {"sms": "only", "others": []},
    "journey": "under_way",
    "milestones": [
        {"milestone": "email_verified", "reached": True},
        {"milestone": "passkey_enrolled", "reached": False},
    ],
    "next": {"act": "nudge", "at": "2026-12-01T10:00:00Z", "words": "A reminder"},
    "facts": {"version": 3},
    "sms": {
        "state": "notice",
        "since": "2026-11-29T10:00:00Z",
        "asked": {"change": "suspend", "at": "2026-11-29T10:00:00Z", "deadline": None},
    },
    "something_new": 1,
}
ADA = AccountFields(
    email=Contact(value="ada@example.com", verified=True),
    phone=Contact(value="+4915112345678"),
    locale="de",
    last_sign_in_at=datetime(2026, 11, 29, 10, tzinfo=UTC),
    attributes={"plan": "plus"},
    methods=Methods(sms=SmsUse.ONLY, others=("password",)),
)


async def test_only_what_is_told_is_sent(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(201, STANDING))
    await ask(lambda client: client.put_account("a/b c", ADA))
    asked = server.requests[0]
    assert (asked.method, asked.path) == ("PUT", "/v1/accounts/a%2Fb%20c")
    assert asked.json == {
        "email": {"value": "ada@example.com", "verified": True},
        "phone": {"value": "+4915112345678", "verified": False},
        "locale": "de",
        "last_sign_in_at": "2026-11-29T10:00:00+00:00",
        "attributes": {"plan": "plus"},
        "methods": {"sms": "only", "others": ["password"]},
    }


async def test_a_change_can_take_values_away(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(200, STANDING))
    fields = AccountFields(locale="en")
    await ask(lambda client: client.patch_account("42", fields, without=["country"]))
    assert server.requests[0].headers["content-type"] == "application/merge-patch+json"
    assert server.requests[0].json == {"locale": "en", "country": None}


async def test_a_standing_is_read_with_what_is_next_and_what_was_asked(
    ask: Ask, server: ScriptedServer
) -> None:
    server.says(Reply(200, STANDING))
    ada = await ask(lambda client: client.get_account("42"))
    assert ada.milestones == {"email_verified": True, "passkey_enrolled": False}
    assert ada.next_act.words == "A reminder"
    assert (ada.sms.state, ada.sms.asked.change, ada.sms.asked.deadline) == ("notice", "suspend", None)
    assert (ada.email.verified, ada.phone) == (True, None)
    assert ada.raw["something_new"] == 1


@pytest.mark.parametrize("external_id", ["", ".", ".."])
async def test_an_id_that_no_path_can_hold_is_refused_before_anything_is_sent(
    ask: Ask, server: ScriptedServer, external_id: str
) -> None:
    with pytest.raises(ValueError, match="id"):
        await ask(lambda client: client.delete_account(external_id))
    assert server.requests == []


async def test_a_field_that_no_account_has_cannot_be_taken_away(ask: Ask, server: ScriptedServer) -> None:
    with pytest.raises(ValueError, match="no field surname"):
        await ask(lambda client: client.patch_account("42", without=["surname"]))
    assert server.requests == []
