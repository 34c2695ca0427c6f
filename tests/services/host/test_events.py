"""What hosts tell: each event once, in any order, by the newest word; one that breaks costs only itself."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.facts import Channel
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.host.words import BadEvent
from domain.journal import EventKind
from domain.words.host_words import sign_ins_there
from services.container import Services
from services.host import accounts as host_accounts
from services.host import event_bodies, event_handlers, event_taking, events, scim_users
from services.host.events import EventAnswer, UnreadableEvent
from services.imports.streaming import StreamImport
from services.people import host_imports
from store import Session
from store.desk import cases
from store.host import event_counts
from store.journeys import heard_accounts
from store.people import accounts, contacts, journal
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import make_account
from tests.services.host.telling import make_event, signed_in, updated

HOUR = timedelta(hours=1)
PHONES = ("+4915112345601", "+4915112345602", "+4915112345603")
EMAILS = ("ada@example.org", "ada@example.com", "ada@example.net")


@pytest.fixture
def ada(services: Services) -> str:
    """The external id of somebody who was imported a week ago."""
    account_of(services, "ada", at_hours=-7 * 24)
    return "ada"


def account_of(services: Services, external_id: str, *, at_hours: int) -> None:
    told = ImportedAccount(external_id=external_id, phone="+442079460101", email="first@example.com")
    with services.database.transaction() as session:
        host_imports.take(session, [told], at=START + at_hours * HOUR)


def row(services: Services, external_id: str) -> Account:
    with services.database.reading() as session:
        account = accounts.by_external_id(session, external_id)
    assert account is not None
    return account


def heard(services: Services, external_id: str) -> heard_accounts.HeardAccount:
    with services.database.reading() as session:
        told = heard_accounts.find(session, row(services, external_id).account_id)
    assert told is not None
    return told


def entries(services: Services, external_id: str, *kinds: EventKind) -> list[journal.JournalEntry]:
    with services.database.reading() as session:
        every = journal.of_account(session, row(services, external_id).account_id)
    return [entry for entry in every if entry.kind in kinds]


def outcomes(answers: Sequence[EventAnswer]) -> list[EventOutcome | None]:
    return [answer.outcome for answer in answers]


def test_a_sign_in_at_the_host_is_counted_and_tells_when_how_and_on_what(
    services: Services, ada: str
) -> None:
    told = [
        signed_in(ada, at=START - HOUR, device={"can_passkey": True}, risk="high"),
        signed_in(ada, at=START - 2 * HOUR, method="password", risk="low"),
    ]
    assert outcomes(events.take(services, told)) == [EventOutcome.HEEDED, EventOutcome.HEEDED]
    assert row(services, ada).last_sign_in_at == START - HOUR
    kept = heard(services, ada)
    assert (kept.sms_sign_ins, kept.other_sign_ins) == (1, 1)
    assert kept.last_sms_sign_in_at == kept.passkey_device_at == START - HOUR
    assert (kept.risk, kept.risk_at) == ("high", START - HOUR)
    assert row(services, ada).facts_version == 1
    with services.database.reading() as session:
        case = cases.draw(session, kept.account_id, now=START)
    assert sign_ins_there(case.at_host) == "1 of 2 by text message; the host calls the last one very risky"


def test_an_event_is_taken_once_however_often_it_is_told(services: Services, ada: str) -> None:
    event = signed_in(ada)
    first, second = events.take(services, [event, event])
    again = events.take(services, [event])[0]
    assert [answer.is_repeated for answer in (first, second, again)] == [False, True, True]
    assert outcomes([first, second, again]) == [EventOutcome.HEEDED] * 3
    assert heard(services, ada).sms_sign_ins == 1


def test_another_source_may_use_the_same_id(services: Services, ada: str) -> None:
    event = signed_in(ada)
    answers = events.take(services, [event, replace(event, source="https://other.example.com")])
    assert [answer.is_repeated for answer in answers] == [False, False]
    assert heard(services, ada).sms_sign_ins == 2


def test_an_event_about_nobody_is_kept_and_ignored(services: Services, ada: str) -> None:
    event = signed_in("nobody")
    assert events.take(services, [event])[0].reason == event_taking.NO_SUCH_ACCOUNT
    account_of(services, "nobody", at_hours=0)
    again = events.take(services, [event])[0]
    assert (again.outcome, again.is_repeated) == (EventOutcome.IGNORED, True)


def test_a_kind_that_nobody_heeds_here_is_ignored_with_its_reason(
    services: Services, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_taking, "HANDLERS", {})
    answer = events.take(services, [signed_in(ada)])[0]
    assert (answer.outcome, answer.reason) == (EventOutcome.IGNORED, event_taking.NOT_HERE)


def test_an_event_of_the_future_is_refused_and_the_rest_is_taken(services: Services, ada: str) -> None:
    early = signed_in(ada, at=START + timedelta(minutes=6))
    answers = events.take(
        services,
        [
            early,
            signed_in(ada, at=START + timedelta(minutes=4)),
            UnreadableEvent(reason="type: it is missing"),
        ],
    )
    assert outcomes(answers) == [None, EventOutcome.HEEDED, None]
    assert answers[0].reason == "time: it lies in the future"
    services.clock.advance(HOUR)  # type: ignore[attr-defined]
    assert events.take(services, [early])[0].outcome is EventOutcome.HEEDED


def test_a_happening_of_long_ago_is_overtaken(services: Services, ada: str) -> None:
    answer = events.take(services, [signed_in(ada, at=START - timedelta(days=31))])[0]
    assert (answer.outcome, answer.reason) == (EventOutcome.OVERTAKEN, event_taking.TOO_LATE)
    assert row(services, ada).last_sign_in_at is None


def test_events_are_counted_by_kind_and_outcome(services: Services, ada: str) -> None:
    event = signed_in(ada)
    events.take(
        services, [event, event, signed_in("nobody"), UnreadableEvent(reason="subject: it is missing")]
    )
    with services.database.reading() as session:
        counted = {(count.kind, count.outcome): count.times for count in event_counts.counts(session)}
    assert counted == {
        ("user.signed_in", "heeded"): 1,
        ("user.signed_in", "repeated"): 1,
        ("user.signed_in", "ignored"): 1,
        ("unreadable", "refused"): 1,
    }


def test_a_call_for_help_is_a_case_and_a_ticket_is_named(services: Services, ada: str) -> None:
    told = [
        make_event(HostEventKind.SUPPORT_CONTACTED, ada, at=START - HOUR, topic="lost_phone"),
        make_event(HostEventKind.SUPPORT_CONTACTED, ada, at=START - HOUR),
        make_event(HostEventKind.TICKET_OPENED, ada, ticket_id="T-1", url="https://desk.example/T-1"),
    ]
    events.take(services, told)
    case, untold, ticket = entries(services, ada, EventKind.SUPPORT_CASE, EventKind.TICKET_OPENED)
    assert (case.at, case.actor, case.detail["reason"]) == (START - HOUR, "host", "lost_phone")
    assert untold.detail["reason"] == "told_by_host"
    assert ticket.detail == {"ticket_id": "T-1"}
    with services.database.reading() as session:
        case_page = cases.draw(session, row(services, ada).account_id, now=START)
    assert [line.kind for line in case_page.asked_for_help] == [
        "support_case",
        "support_case",
        "ticket_opened",
    ]


def test_a_ticket_is_opened_and_closed_and_answered_by_whose_it_is(services: Services, ada: str) -> None:
    told = [
        make_event(HostEventKind.TICKET_OPENED, ada, at=START - HOUR, ticket_id="T-1"),
        make_event(HostEventKind.TICKET_CLOSED, ada, at=START, ticket_id="T-1"),
        make_event(HostEventKind.TICKET_OPENED, "nobody", ticket_id="T-2"),
        signed_in(ada),
    ]
    account_id = row(services, ada).account_id
    first = [answer.case_of for answer in events.take(services, told)]
    again = [answer.case_of for answer in events.take(services, told)]
    assert first == again == [account_id, account_id, None, None]
    with services.database.reading() as session:
        (ticket,) = cases.draw(session, account_id, now=START).tickets
    assert (ticket.ticket_id, ticket.opened_at, ticket.closed_at) == ("T-1", START - HOUR, START)


def test_a_deleted_account_hears_nothing_more_and_its_id_is_free(services: Services, ada: str) -> None:
    deleted = make_event(HostEventKind.USER_DELETED, ada, at=START - HOUR)
    told = [signed_in(ada, at=START - 2 * HOUR), deleted, signed_in(ada)]
    answers = events.take(services, told)
    assert outcomes(answers) == [EventOutcome.HEEDED, EventOutcome.HEEDED, EventOutcome.IGNORED]
    with services.database.reading() as session:
        assert accounts.by_external_id(session, ada) is None
        assert session.execute(text("SELECT count(*) FROM heard_account")).scalar_one() == 0
    account_of(services, ada, at_hours=0)
    late = make_event(HostEventKind.USER_DELETED, ada, at=START - HOUR)
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    assert row(services, ada).phone == "+442079460101"


def test_a_number_that_the_host_changes_is_a_new_binding_that_is_told(services: Services, ada: str) -> None:
    events.take(services, [updated(ada, phone={"value": "+49 151 12345601"}, locale="de")])
    account = row(services, ada)
    assert (account.phone, account.locale) == (PHONES[0], "de")
    with services.database.reading() as session:
        assert contacts.present(session, account)[Channel.SMS].trust.bound_at == START
        queued = session.execute(text("SELECT template, recipient FROM message")).all()
    assert {template for template, _ in queued} == {"phone_changed"}
    assert {recipient for _, recipient in queued} == {PHONES[0], "+442079460101", "first@example.com"}


def test_what_no_import_would_take_is_refused_by_name_and_not_kept(services: Services, ada: str) -> None:
    event = updated(ada, phone={"value": "12"})
    answer = events.take(services, [event, signed_in(ada)])[0]
    assert answer.outcome is None
    assert answer.reason.startswith("phone: ")
    assert "12" not in answer.reason
    mended = replace(event, data=event_bodies.checked(event.kind, {"phone": {"value": PHONES[0]}}))
    assert events.take(services, [mended])[0].outcome is EventOutcome.HEEDED
    assert row(services, ada).phone == PHONES[0]


def test_null_takes_a_value_away_as_a_patch_does_and_what_stays_is_said(services: Services, ada: str) -> None:
    events.take(services, [updated(ada, at=START - HOUR, country="FR", attributes={"plan": "a", "shop": 1})])
    events.take(services, [updated(ada, country=None, attributes={"plan": None})])
    assert (row(services, ada).country, row(services, ada).attributes) == (None, {"shop": 1})
    answer = events.take(services, [updated(ada, phone=None)])[0]
    assert answer.outcome is None
    assert answer.reason.startswith("phone: it stays")


def test_each_attribute_has_a_word_of_its_own(services: Services, ada: str) -> None:
    events.take(services, [updated(ada, attributes={"plan": "new"})])
    late = updated(ada, at=START - HOUR, attributes={"plan": "old", "shop": 1})
    assert events.take(services, [late])[0].outcome is EventOutcome.HEEDED
    assert row(services, ada).attributes == {"plan": "new", "shop": 1}


def test_two_changes_of_one_account_in_one_batch_build_upon_each_other(services: Services, ada: str) -> None:
    told = [
        updated(ada, at=START - hours * HOUR, phone={"value": PHONES[hours]}, attributes={f"a{hours}": hours})
        for hours in range(3)
    ]
    events.take(services, told)
    assert row(services, ada).phone == PHONES[0]
    assert row(services, ada).attributes == {"a0": 0, "a1": 1, "a2": 2}


def test_an_older_word_changes_nothing_newer_field_by_field(services: Services, ada: str) -> None:
    events.take(services, [updated(ada, at=START - HOUR, phone={"value": PHONES[1]})])
    late = updated(ada, at=START - 2 * HOUR, phone={"value": PHONES[0]}, country="FR")
    assert events.take(services, [late])[0].outcome is EventOutcome.HEEDED
    assert (row(services, ada).phone, row(services, ada).country) == (PHONES[1], "FR")
    later = updated(ada, at=START - 3 * HOUR, phone={"value": PHONES[0]})
    assert events.take(services, [later])[0].outcome is EventOutcome.OVERTAKEN


NEW: dict[str, Any] = {
    "locale": "de",
    "time_zone": "Europe/Berlin",
    "country": "DE",
    "risk_tier": "low",
    "attributes": {"plan": "new"},
    "methods": {"sms": "default", "others": ["totp"]},
    "sim_checked_at": START.isoformat(),
}
OLD: dict[str, Any] = {
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "country": "FR",
    "risk_tier": "high",
    "attributes": {"plan": "old"},
    "methods": {"sms": "only", "others": ["password"]},
    "sim_checked_at": (START - HOUR).isoformat(),
}


def tell_by_request(services: Services, external_id: str, fields: dict[str, Any]) -> None:
    host_accounts.put(services, external_id, fields)


def tell_by_patch(services: Services, external_id: str, fields: dict[str, Any]) -> None:
    host_accounts.patch(services, external_id, fields)


def tell_by_file(services: Services, external_id: str, fields: dict[str, Any]) -> None:
    line = json.dumps({"external_id": external_id, **fields}).encode()
    StreamImport(services=services, tell=lambda _: None).run(BytesIO(line))


def particulars(services: Services, external_id: str) -> list[Any]:
    account = row(services, external_id)
    methods = (account.sms_method, account.other_methods)
    return [
        account.locale,
        account.time_zone,
        account.country,
        account.risk_tier,
        account.attributes,
        *methods,
    ]


@pytest.mark.parametrize("tell", [tell_by_request, tell_by_patch, tell_by_file])
@pytest.mark.parametrize("is_new", [False, True])
def test_an_older_word_undoes_no_field_that_the_host_has_told_otherwise_since(
    services: Services, ada: str, tell: Callable[..., None], is_new: bool
) -> None:
    external_id = ada
    if is_new and tell is not tell_by_patch:
        external_id = "eve"
    tell(services, external_id, NEW)
    told = particulars(services, external_id)
    late = updated(external_id, at=START - HOUR, **OLD)
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    assert particulars(services, external_id) == told
    newer = updated(external_id, at=START + timedelta(seconds=1), **OLD)
    assert events.take(services, [newer])[0].outcome is EventOutcome.HEEDED
    assert particulars(services, external_id) == [
        *("fr", "Europe/Paris", "FR", "high", {"plan": "old"}),
        *("only", ["password"]),
    ]


def test_what_a_request_has_not_told_is_heeded_late(services: Services, ada: str) -> None:
    host_accounts.put(services, ada, {"locale": "de", "methods": {"sms": "default"}})
    assert events.take(services, [updated(ada, at=START - HOUR, **OLD)])[0].outcome is EventOutcome.HEEDED
    account = row(services, ada)
    assert (account.locale, account.sms_method) == ("de", "default")
    assert (account.country, account.attributes, account.other_methods) == (
        "FR",
        {"plan": "old"},
        ["password"],
    )


def test_a_request_that_tells_the_same_again_is_a_newer_word(services: Services, ada: str) -> None:
    host_accounts.put(services, ada, {"risk_tier": "low", "email": {"value": "first@example.com"}})
    late = updated(ada, at=START - HOUR, risk_tier="high", email={"value": EMAILS[0]})
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    assert (row(services, ada).risk_tier, row(services, ada).email) == ("low", "first@example.com")


def test_a_statement_of_all_attributes_is_newer_than_an_older_word_about_one(
    services: Services, ada: str
) -> None:
    host_accounts.put(services, ada, {"attributes": {"plan": "new"}})
    late = updated(ada, at=START - HOUR, attributes={"shop": 1})
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    host_accounts.patch(services, ada, {"attributes": {"color": "red"}})
    assert row(services, ada).attributes == {"plan": "new", "color": "red"}


def test_an_older_word_that_takes_all_away_leaves_what_is_newer(services: Services, ada: str) -> None:
    events.take(services, [updated(ada, at=START - 3 * HOUR, attributes={"plan": "a", "shop": 1})])
    events.take(services, [updated(ada, at=START - HOUR, attributes={"plan": "b"})])
    late = updated(ada, at=START - 2 * HOUR, attributes=None, methods=None)
    assert events.take(services, [late])[0].outcome is EventOutcome.HEEDED
    assert row(services, ada).attributes == {"plan": "b"}
    later = updated(ada, at=START - timedelta(minutes=150), attributes={"shop": 2, "plan": "c"})
    assert events.take(services, [later])[0].outcome is EventOutcome.OVERTAKEN


def test_a_user_that_an_identity_system_changes_is_not_changed_back_by_an_older_word(
    services: Services, ada: str
) -> None:
    account_id = row(services, ada).account_id
    scim_users.change(services, account_id, lambda user: replace(user, locale="de"))
    assert (
        events.take(services, [updated(ada, at=START - HOUR, locale="fr")])[0].outcome
        is EventOutcome.OVERTAKEN
    )
    assert row(services, ada).locale == "de"


def test_a_word_from_before_the_import_does_not_undo_it(services: Services, ada: str) -> None:
    late = updated(ada, at=START - timedelta(days=8), phone={"value": PHONES[0]})
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    assert row(services, ada).phone == "+442079460101"


def test_a_contact_that_an_import_has_changed_since_is_newer_than_a_late_word(
    services: Services, ada: str
) -> None:
    events.take(services, [updated(ada, at=START - 3 * HOUR, phone={"value": PHONES[0]})])
    with services.database.transaction() as session:
        moved = ImportedAccount(external_id=ada, phone=PHONES[1])
        host_imports.take(session, [moved], at=START + HOUR)
    services.clock.advance(3 * HOUR)  # type: ignore[attr-defined]
    late = updated(ada, at=START, phone={"value": PHONES[2]})
    assert events.take(services, [late])[0].outcome is EventOutcome.OVERTAKEN
    assert row(services, ada).phone == PHONES[1]


def broken(session: Session, account: Account, event: HostEvent, *, now: Any) -> EventOutcome:
    accounts.note_sign_in(session, account.account_id, at=now)
    raise RuntimeError("a mistake of ours")


def test_one_event_that_breaks_costs_only_itself(
    services: Services, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = event_handlers.HANDLERS
    monkeypatch.setattr(event_taking, "HANDLERS", {**handlers, HostEventKind.TICKET_OPENED: broken})
    ticket = make_event(HostEventKind.TICKET_OPENED, ada, ticket_id="T-1")
    answers = events.take(
        services, [signed_in(ada, at=START - HOUR), ticket, signed_in(ada, at=START - HOUR)]
    )
    assert outcomes(answers) == [EventOutcome.HEEDED, None, EventOutcome.HEEDED]
    assert row(services, ada).last_sign_in_at == START - HOUR
    monkeypatch.setattr(event_taking, "HANDLERS", handlers)
    assert events.take(services, [ticket])[0].outcome is EventOutcome.HEEDED


def test_a_crash_before_the_commit_keeps_nothing_and_the_same_batch_is_taken_whole_afterwards(
    services: Services, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [signed_in(ada), updated(ada, locale="fr"), make_event(HostEventKind.SUPPORT_CONTACTED, ada)]

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(event_counts, "add", crash)
        with pytest.raises(KeyboardInterrupt):
            events.take(services, told)
    assert row(services, ada).locale == "en"
    assert entries(services, ada, EventKind.SUPPORT_CASE) == []
    assert [answer.is_repeated for answer in events.take(services, told)] == [False] * 3
    assert heard(services, ada).sms_sign_ins == 1
    assert len(entries(services, ada, EventKind.SUPPORT_CASE)) == 1


def test_batches_that_are_told_at_once_are_taken_once(services: Services, ada: str) -> None:
    told = [signed_in(ada) for _ in range(20)] + [signed_in("nobody")]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: events.take(services, told), range(4)))
    assert sum(not answer.is_repeated for batch in answers for answer in batch) == 21
    assert heard(services, ada).sms_sign_ins == 20


_TOLD = st.lists(
    st.tuples(
        st.sampled_from(["phone", "email", "locale", "sign_in", "help"]),
        st.integers(0, 2),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=_TOLD, tripled=st.randoms(use_true_random=False))
def test_tripled_and_shuffled_events_come_to_the_same_facts(
    services: Services, told: Any, tripled: Any
) -> None:
    with services.database.transaction() as session:
        ids = [make_account(session, created_at=START - 99 * HOUR).external_id for _ in range(2)]
    plain = [story(ids[0], number, *each) for number, each in enumerate(told)]
    chaos = [replace(event, external_id=ids[1], event_id=f"{event.event_id}*") for event in plain] * 3
    tripled.shuffle(chaos)
    for event in sorted(plain, key=lambda event: (event.at, event.event_id)):
        events.take(services, [event])
    for start in range(0, len(chaos), 5):
        events.take(services, chaos[start : start + 5])
    first, second = (what_is_known(services, external_id) for external_id in ids)
    untold = {"phone", "email"} - {what for what, *_ in told}
    assert {name: value for name, value in first.items() if name not in untold} == {
        name: value for name, value in second.items() if name not in untold
    }


def story(external_id: str, number: int, what: str, choice: int, hours: int) -> HostEvent:
    named: dict[str, Any] = {"at": START - hours * HOUR, "event_id": f"{external_id}-{number}"}
    match what:
        case "phone":
            return updated(external_id, phone={"value": PHONES[choice]}, **named)
        case "email":
            return updated(external_id, email={"value": EMAILS[choice]}, **named)
        case "locale":
            return updated(external_id, locale=("de", "fr", "en")[choice], **named)
        case "help":
            return make_event(HostEventKind.SUPPORT_CONTACTED, external_id, **named)
    return signed_in(external_id, method=("sms", "totp", "passkey")[choice], **named)


def what_is_known(services: Services, external_id: str) -> dict[str, Any]:
    account = row(services, external_id)
    with services.database.reading() as session:
        told = heard_accounts.find(session, account.account_id)
    return {
        "phone": account.phone,
        "email": account.email,
        "locale": account.locale,
        "last_sign_in_at": account.last_sign_in_at,
        "sms": told.sms_sign_ins if told else 0,
        "others": told.other_sign_ins if told else 0,
        "last_sms_at": told.last_sms_sign_in_at if told else None,
        "cases": len(entries(services, external_id, EventKind.SUPPORT_CASE)),
    }


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (HostEventKind.USER_SIGNED_IN, {}, "method: it is missing"),
        (HostEventKind.USER_SIGNED_IN, {"method": "magic"}, "method: it is none of"),
        (HostEventKind.USER_SIGNED_IN, {"method": "sms", "duration_ms": -1}, "duration_ms"),
        (
            HostEventKind.USER_SIGNED_IN,
            {"method": "sms", "device": {"can_passkey": "yes"}},
            "device.can_passkey",
        ),
        (HostEventKind.TICKET_OPENED, {"ticket_id": "call +49 151 1"}, "ticket_id"),
        (HostEventKind.SUPPORT_CONTACTED, {"topic": "Ada Lovelace"}, "topic"),
        (HostEventKind.RECOVERY_CODES_MADE, {"set_id": "s", "count": True}, "count"),
        (HostEventKind.USER_DELETED, ["x"], "data: it is not an object"),
    ],
)
def test_bodies_that_are_not_as_their_kind_asks_are_refused_by_name(
    kind: HostEventKind, body: Any, words: str
) -> None:
    with pytest.raises(BadEvent, match=words):
        event_bodies.checked(kind, body)


def test_what_a_kind_does_not_know_is_passed_over() -> None:
    body = {"method": "sms", "name": "Ada Lovelace"}
    assert event_bodies.checked(HostEventKind.USER_SIGNED_IN, body) == {"method": "sms"}
