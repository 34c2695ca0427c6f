"""`POST /v1/security-events`: only what a registered transmitter has signed counts, once, and what follows from it."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.facts import Channel, Method
from domain.journal import EventKind
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.safety.sim import sim_in_doubt, sim_is_clear
from domain.safety.throttle import LIMITS, Throttle
from domain.staff.staff import Author
from services.host import transmitters
from services.people import host_imports
from store import invariants
from store.people import accounts, contacts, sessions
from store.people.accounts import Account
from store.people.sessions import WebSession
from store.people.told_accounts import ImportedAccount
from store.safety import disowning
from tests.api.host.transmitter import CAEP, ISSUER, RISC, SomeTransmitter, make_key
from tests.api.world import World
from tests.clocks import START
from tests.factories import by_sms, make_account, make_passkey
from tests.key_places import key_place

PHONE = "+442079460101"
EMAIL = "ada@example.com"
REVOKED = f"{CAEP}/session-revoked"
RECYCLED = f"{RISC}/identifier-recycled"
CHANGED = f"{RISC}/identifier-changed"
CREDENTIAL = f"{CAEP}/credential-change"
HOUR = timedelta(hours=1)
OF_ANOTHER = {"format": "iss_sub", "iss": "https://other.example", "sub": "ada"}


@pytest.fixture
def transmitter(world: World) -> SomeTransmitter:
    return SomeTransmitter(world)


@pytest.fixture
def ada(world: World) -> Account:
    """Somebody with text messages alone, and an address."""
    return world.account(external_id="ada", phone=PHONE, email=EMAIL)


def subject(external_id: str = "ada") -> dict[str, Any]:
    return {"format": "iss_sub", "iss": ISSUER, "sub": external_id}


def phone(number: str = PHONE) -> dict[str, Any]:
    return {"format": "phone_number", "phone_number": number}


def open_session(world: World, account: Account, token: str, method: Method, *, hours: int) -> None:
    at = world.clock() + hours * HOUR
    row = WebSession(
        session_id="",
        account_id=account.account_id,
        method=method,
        started_at=at,
        expires_at=at + timedelta(days=9),
    )
    with world.database.transaction() as session:
        sessions.start(session, token, row)


def open_sessions(world: World, account: Account) -> list[str | None]:
    with world.database.reading() as session:
        still = sessions.open_ones(session, account.account_id, now=world.clock())
    return [web_session.method for web_session in still]


def test_a_token_is_answered_by_202_and_nothing_and_counts_once(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    token = transmitter.sign(CREDENTIAL, subject(), credential_type="password", change_type="update")
    answers = [transmitter.push(token) for _ in range(3)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3
    changed = [entry for entry in world.journal(ada) if entry.kind == EventKind.CREDENTIAL_CHANGED]
    assert [entry.detail for entry in changed] == [{"credential": "password", "change": "update"}]


def test_a_token_is_to_come_again_while_its_keys_are_not_to_be_had(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    token = transmitter.sign(CREDENTIAL, subject(), credential_type="password", change_type="update")
    of_nobody = transmitter.sign(CREDENTIAL, subject(), header={"kid": "unknown"})
    with key_place(transmitter.key) as place:
        transmitter.register_at(place.url)
        place.status = 500
        answer = transmitter.push(token)
        assert (answer.status_code, answer.json()["reason"]) == (503, "keys_away")
        assert answer.headers["retry-after"] == "60"
        assert EventKind.CREDENTIAL_CHANGED not in world.kinds(ada)
        place.status = 200
        world.clock.advance(timedelta(minutes=1))
        assert transmitter.push(token).status_code == 202
        assert world.kinds(ada).count(EventKind.CREDENTIAL_CHANGED) == 1
        answer = transmitter.push(of_nobody)
        assert (answer.status_code, answer.json()["err"]) == (400, "invalid_key")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"claims": {"iss": "https://evil.example"}}, "invalid_issuer"),
        ({"claims": {"iss": 1}}, "invalid_request"),
        ({"claims": {"iss": "\0"}}, "invalid_request"),
        ({"claims": {"sub_id": {"format": "account", "uri": "acct:a%00@id.example.com"}}}, "invalid_request"),
        ({"claims": {"aud": "https://other.example"}}, "invalid_audience"),
        ({"claims": {"aud": None}}, "invalid_audience"),
        ({"claims": {"jti": None}}, "invalid_request"),
        ({"claims": {"iat": None}}, "invalid_request"),
        ({"at": START + timedelta(minutes=6)}, "invalid_request"),
        ({"at": START - timedelta(days=31)}, "invalid_request"),
        ({"claims": {"events": {}}}, "invalid_request"),
        ({"claims": {"events": {REVOKED: {}, CREDENTIAL: {}}}}, "invalid_request"),
        ({"claims": {"sub_id": None}}, "invalid_request"),
        ({"claims": {"sub_id": {"format": "did", "url": "did:example:1"}}}, "invalid_request"),
        (
            {"claims": {"sub_id": {"format": "iss_sub", "iss": "https://other.example", "sub": "ada"}}},
            "invalid_request",
        ),
        ({"header": {"typ": "JWT"}}, "invalid_request"),
        ({"header": {"kid": "unknown"}}, "invalid_key"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_follows(
    transmitter: SomeTransmitter, world: World, ada: Account, changes: dict[str, Any], error: str
) -> None:
    before = world.kinds(ada)
    answer = transmitter.push(transmitter.sign(REVOKED, subject(), **changes))
    assert (answer.status_code, answer.json()["err"]) == (400, error)
    assert answer.json()["description"]
    assert world.kinds(ada) == before


def test_another_ones_signature_and_no_signature_are_refused(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    forged = SomeTransmitter.__new__(SomeTransmitter)
    forged.world, forged.key, forged.tokens = world, make_key(), 0
    token = forged.sign(REVOKED, subject())
    assert transmitter.push(token).json()["err"] == "invalid_key"
    header, _, rest = transmitter.sign(REVOKED, subject()).partition(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{rest.partition('.')[0]}."
    assert transmitter.push(unsigned).json()["err"] == "invalid_key"
    assert transmitter.push("no token").json()["err"] == "invalid_request"
    assert transmitter.push(f"{header}.e30.x", "text/plain").json()["err"] == "invalid_request"
    assert "sessions_ended" not in world.kinds(ada)


def test_half_a_character_as_an_issuer_is_refused_before_anybody_is_looked_up(
    transmitter: SomeTransmitter,
) -> None:
    header, _, signature = transmitter.sign(REVOKED, subject()).split(".")
    claims = urlsafe_b64encode(rb'{"iss":"\ud800"}').decode().rstrip("=")
    assert transmitter.push(f"{header}.{claims}.{signature}").json()["err"] == "invalid_request"


def test_a_credential_that_is_no_word_is_another_one(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    token = transmitter.sign(CREDENTIAL, subject(), credential_type=["password"], change_type={})
    assert transmitter.push(token).status_code == 202
    assert world.journal(ada)[-1].detail == {"credential": "other", "change": "other"}


@pytest.mark.parametrize("new_value", [442079460109, True, [], {}])
def test_a_new_value_that_is_no_text_takes_nothing_away(
    transmitter: SomeTransmitter, world: World, ada: Account, new_value: Any
) -> None:
    answer = transmitter.push(
        transmitter.sign(CHANGED, phone(), claims={"events": {CHANGED: {"new-value": new_value}}})
    )
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")
    assert world.reload(ada.account_id).phone == PHONE


def test_an_ended_transmitter_is_not_heard_and_keys_can_be_replaced(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    new_key = make_key("b")
    transmitter.register(new_key)
    assert transmitter.push(transmitter.sign(REVOKED, subject())).json()["err"] == "invalid_key"
    transmitter.key = new_key
    assert transmitter.push(transmitter.sign(REVOKED, subject())).status_code == 202
    with world.database.transaction() as session:
        transmitters.end(session, Author(by="root"), ISSUER, at=world.clock())
    assert transmitter.push(transmitter.sign(REVOKED, subject())).json()["err"] == "invalid_issuer"


@pytest.mark.parametrize(
    "named",
    [
        subject(),
        {"format": "opaque", "id": "ada"},
        {"format": "account", "uri": "acct:ada@id.example.com"},
        {"format": "email", "email": "ADA@example.com"},
        phone(),
        {
            "format": "complex",
            "user": {"format": "opaque", "id": "ada"},
            "session": {"format": "opaque", "id": "1"},
        },
    ],
)
def test_every_way_of_naming_somebody_ends_the_sessions_that_had_begun_by_then(
    transmitter: SomeTransmitter, world: World, ada: Account, named: dict[str, Any]
) -> None:
    open_session(world, ada, "old", Method.PASSKEY, hours=-3)
    open_session(world, ada, "new", Method.SMS, hours=-1)
    at = int((START - 2 * HOUR).timestamp())
    assert transmitter.push(transmitter.sign(REVOKED, named, event_timestamp=at)).status_code == 202
    assert open_sessions(world, ada) == [Method.SMS]
    assert world.kinds(ada)[-1] == EventKind.SESSIONS_ENDED


@pytest.mark.parametrize("type_", [REVOKED, f"{CAEP}/assurance-level-change"])
def test_what_is_about_nobody_or_says_nothing_to_us_is_taken(
    transmitter: SomeTransmitter, world: World, ada: Account, type_: str
) -> None:
    assert transmitter.push(transmitter.sign(type_, subject("nobody"))).status_code == 202
    with world.database.reading() as session:
        outcomes = session.execute(text("SELECT source, outcome, account_id FROM host_event")).all()
    assert outcomes == [(ISSUER, "ignored", None)]


def test_after_a_change_of_text_messages_a_passkey_that_goes_back_to_a_code_is_in_doubt(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    with world.database.transaction() as session:
        make_passkey(session, ada.account_id, used_on=[START.date()], **by_sms(START))
        row = accounts.lock(session, ada.account_id)
        row.sim_checked_at = START + HOUR
        session.add(row)
    facts = world.facts(ada)
    assert facts.passkey_rooted_in_sms_at
    assert sim_is_clear(facts, STANDARD)
    world.clock.advance(2 * HOUR)
    token = transmitter.sign(CREDENTIAL, subject(), credential_type="phone-sms", change_type="update")
    transmitter.push(token)
    assert not sim_is_clear(world.facts(ada), STANDARD)
    assert sim_in_doubt(START, world.facts(ada), STANDARD)


def test_a_recycled_number_is_no_way_in_even_if_it_was_the_only_one(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    open_session(world, ada, "a", Method.SMS, hours=-1)
    open_session(world, ada, "b", Method.PASSKEY, hours=-1)
    transmitter.push(transmitter.sign(RECYCLED, phone()))
    assert world.reload(ada.account_id).phone is None
    assert world.facts(ada).phone_missing
    assert open_sessions(world, ada) == [Method.PASSKEY]
    door = world.browser()
    door.post("/sign-in", identifier=PHONE)
    assert "sign_in_code" not in world.templates(ada)
    with world.database.reading() as session:
        assert [breach.count for breach in invariants.breaches(session, now=world.clock())] == [0] * len(
            invariants.Invariant
        )


def test_whoever_has_a_recycled_number_now_hears_nothing_and_the_owner_is_told(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    transmitter.push(transmitter.sign(RECYCLED, phone()))
    with world.database.reading() as session:
        told = session.execute(text("SELECT template, recipient FROM message")).all()
        row = accounts.get(session, ada.account_id)
        to_tell = contacts.to_tell(session, row, now=world.clock())
    assert told == [(Template.CONTACT_DISOWNED, EMAIL)]
    assert [contact.address for contact in to_tell] == [EMAIL]


def test_whoever_had_a_recycled_number_lately_is_told_nothing_there_any_more(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    moved = ImportedAccount(external_id="ada", phone="+4915112345602")
    with world.database.transaction() as session:
        host_imports.take(session, [moved], at=START)
    transmitter.push(transmitter.sign(RECYCLED, phone()))
    with world.database.reading() as session:
        row = accounts.get(session, ada.account_id)
        to_tell = contacts.to_tell(session, row, now=world.clock())
    assert {contact.address for contact in to_tell} == {EMAIL, "+4915112345602"}
    assert EventKind.CONTACT_DISOWNED not in world.kinds(ada)


def test_the_hosts_next_file_does_not_bring_a_recycled_number_or_address_back(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    transmitter.push(transmitter.sign(RECYCLED, phone()))
    transmitter.push(transmitter.sign(RECYCLED, {"format": "email", "email": EMAIL}))
    told = ImportedAccount(external_id="ada", phone=PHONE, email=EMAIL)
    with world.database.transaction() as session:
        host_imports.take(session, [told], at=START + HOUR)
    row = world.reload(ada.account_id)
    assert (row.phone, row.email) == (None, None)


def test_an_identifier_that_changed_is_a_new_binding(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    token = transmitter.sign(CHANGED, phone(), new_value="+4915112345602")
    transmitter.push(token)
    row = world.reload(ada.account_id)
    assert row.phone == "+4915112345602"
    with world.database.reading() as session:
        assert contacts.present(session, row)[Channel.SMS].trust.bound_at == START
    assert Template.PHONE_CHANGED in world.templates(ada)


def test_an_identifier_that_changed_to_nothing_is_ended_and_a_late_word_changes_nothing_newer(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    late = transmitter.sign(CHANGED, phone(), at=START - HOUR, new_value="+4915112345603")
    transmitter.push(late)
    assert world.reload(ada.account_id).phone == PHONE
    transmitter.push(transmitter.sign(CHANGED, phone()))
    assert world.reload(ada.account_id).phone is None
    assert world.journal(ada)[-1].detail == {"channel": "sms", "reason": "changed"}


def test_of_two_changes_of_an_identifier_that_come_late_the_newer_one_counts(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    world.clock.now = START + 5 * HOUR
    second, third = "+4915112345602", "+4915112345603"
    transmitter.push(transmitter.sign(CHANGED, phone(), at=START + HOUR, new_value=second))
    transmitter.push(transmitter.sign(CHANGED, phone(second), at=START + 2 * HOUR, new_value=third))
    assert world.reload(ada.account_id).phone == third


def test_where_several_have_an_identifier_nobody_can_tell_whose_was_changed(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    with world.database.transaction() as session:
        other = make_account(session, phone=PHONE).account_id
    transmitter.push(transmitter.sign(CHANGED, phone(), new_value="+4915112345602"))
    assert {world.reload(account_id).phone for account_id in (ada.account_id, other)} == {PHONE}
    transmitter.push(transmitter.sign(RECYCLED, phone()))
    assert {world.reload(account_id).phone for account_id in (ada.account_id, other)} == {None}


def test_an_event_about_an_identifier_has_to_name_it(
    transmitter: SomeTransmitter, world: World, ada: Account
) -> None:
    answer = transmitter.push(transmitter.sign(RECYCLED, subject()))
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


def test_nobody_floods_the_door_for_signatures(
    transmitter: SomeTransmitter, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = replace(LIMITS[Throttle.SECURITY_EVENTS_PER_ADDRESS], most=3)
    monkeypatch.setitem(LIMITS, Throttle.SECURITY_EVENTS_PER_ADDRESS, limit)
    token = transmitter.sign(REVOKED, subject("nobody"), claims={"iss": "https://evil.example"})
    assert [transmitter.push(token).status_code for _ in range(4)] == [400] * 3 + [429]


def test_a_number_that_was_disowned_twice_is_disowned_once(world: World, ada: Account) -> None:
    with world.database.transaction() as session:
        row = accounts.lock(session, ada.account_id)
        assert disowning.disown(session, row, Channel.SMS, PHONE, at=START)
        assert not disowning.disown(session, row, Channel.SMS, PHONE, at=START + HOUR)
        (record,) = contacts.history(session, row)
    assert record.disowned_at == record.ended_at == START
