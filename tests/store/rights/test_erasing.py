"""A person who is erased: nothing names them in any table, figures stay as they were, and no crash leaves a half."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import inspect, text

from domain.desk.acts import LEAVE_SMS, RESTORE_SMS, Act, ActRefused
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import MessageState
from domain.staff.approvals import ApprovalRefused, Hand
from domain.words.standings import standing
from services.host import deletions
from services.people import host_imports
from store import Database, Session, housekeeping
from store.desk import cases
from store.figures import adoption, census
from store.figures.census import Alike
from store.invariants import breaches
from store.journeys import facts, journeys
from store.messages import messages
from store.messages.messages import ClaimOutcome, Message
from store.people import accounts, journal
from store.people.told_accounts import ImportedAccount
from store.rights import erasing, traces
from store.rollouts import measurements
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import make_account, put_sms
from tests.store.desk.stuck_people import NOW, Approve, Do
from tests.store.racing import at_once
from tests.whole_persons import EXTERNAL_ID, LATER, NAMING, PHONE, make_whole_person


@pytest.fixture
def ada(database: Database) -> str:
    return make_whole_person(database)


def erase(database: Database, account_id: str, wish: str = LEAVE_SMS) -> None:
    with database.transaction() as session:
        erasing.erase(session, account_id, wish, at=NOW, by="sue", together_with="sam")


def naming(database: Database) -> dict[str, list[str]]:
    """What still names the person, by table."""
    with database.reading() as session:
        found = {}
        for table in inspect(session.connection()).get_table_names():
            rows = session.execute(text(f'SELECT * FROM "{table}"')).mappings().all()
            kept = json.dumps([list(row.values()) for row in rows], default=_plain).lower()
            found[table] = [word for word in NAMING if word in kept]
    return {table: words for table, words in found.items() if words}


def _plain(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def entries(session: Session, account_id: str) -> list[tuple[str, str]]:
    return [(entry.kind, entry.actor) for entry in journal.of_account(session, account_id)]


def test_nothing_in_any_table_names_an_erased_person(database: Database, ada: str) -> None:
    assert {"account", "journal", "audit", "session", "message", "passkey"} <= naming(database).keys()
    erase(database, ada)
    assert naming(database) == {}


def test_sessions_links_codes_and_browsers_are_gone(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.reading() as session:
        left = {
            name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in (
                "session",
                "challenge",
                "one_time_code",
                "link",
                "known_browser",
                "sign_on",
                "door_note",
            )
        }
    assert set(left.values()) == {0}


def test_the_journal_stays_entry_by_entry_and_is_still_only_added_to(database: Database, ada: str) -> None:
    with database.reading() as session:
        before = entries(session, ada)
    erase(database, ada)
    with database.reading() as session:
        after = entries(session, ada)
        details = [entry.detail for entry in journal.of_account(session, ada)]
    added = [
        (EventKind.RECOVERY_STOPPED, Actor.SYSTEM),
        (EventKind.ACCOUNT_ERASED, Actor.STAFF),
        (EventKind.JOURNEY_ENDED, Actor.JOURNEY),
    ]
    assert [entry for entry in after if entry[0] != EventKind.MESSAGE_SKIPPED] == before + added
    assert details[-2] == {"sms": "left", "sms_was": "on", "by": "sue", "together_with": "sam"}
    assert {"reason": "lost"} in details


def test_figures_count_the_erased_person_as_before(database: Database, ada: str) -> None:
    bob = make_whole_person(database, external_id="bob", number=2) if database.is_sqlite else None
    before = figures(database)
    erase(database, ada)
    assert figures(database) == before
    if bob:
        erase(database, bob)
        assert figures(database) == before


def figures(database: Database) -> dict[str, Any]:
    """Funnels, the census but for what became of journeys, adoption, members, and totals of the journal before now."""
    with database.reading() as session:
        cohort_ids = sorted({cohort_id for cohort_id, _ in census.members(session)})
        groups = census.take(session, now=NOW)
        adopted = adoption.read(session, now=NOW, days=3)
        return {
            "funnels": [measurements.funnel(session, cohort_id) for cohort_id in cohort_ids],
            "accounts": sum(group.accounts for group in groups),
            "sms": _by(groups, "sms"),
            "codes": _by(groups, "codes"),
            "members": census.members(session),
            "adoption": (adopted.accounts, adopted.started, adopted.steps, adopted.sms),
        }


def _by(groups: Sequence[Alike], name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group in groups:
        counts[getattr(group, name)] += group.accounts
    return counts


def test_the_journey_has_ended_and_its_workflow_hears_of_it(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.reading() as session:
        journey = journeys.find(session, ada)
        unpublished = journal.claim_unpublished(session, now=NOW, limit=100)
        assert facts.read(session, ada).deleted_at == NOW
    assert journey is not None
    assert journey.outcome == JourneyOutcome.DELETED
    assert ada in unpublished


def test_what_waits_is_not_sent_any_more(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.transaction() as session:
        outcome, _ = messages.claim(session, f"{ada}:{MessageState.QUEUED}", now=NOW)
        states = {message.state for message in messages.of_account(session, ada)}
    assert outcome is not ClaimOutcome.GRANTED
    assert states == {MessageState.SENT, MessageState.SKIPPED}


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED, SmsState.REMOVED])
@pytest.mark.parametrize(("wish", "restored"), [(RESTORE_SMS, 1), (LEAVE_SMS, 0)])
def test_text_message_codes_are_given_back_or_left_as_asked(
    database: Database, ada: str, state: SmsState, wish: str, restored: int
) -> None:
    with database.transaction() as session:
        put_sms(session, accounts.get(session, ada), state, at=START)
    erase(database, ada, wish)
    with database.reading() as session:
        kinds = [kind for kind, _ in entries(session, ada)]
        erased = next(
            entry for entry in journal.of_account(session, ada) if entry.kind == EventKind.ACCOUNT_ERASED
        )
        assert [breach for breach in breaches(session, now=NOW) if breach.count] == []
    assert kinds.count(EventKind.SMS_RESTORED) == restored
    assert (erased.detail["sms"], erased.detail["sms_was"]) == ("restored" if restored else "left", state)


def test_no_promise_is_broken(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.reading() as session:
        assert [breach for breach in breaches(session, now=NOW) if breach.count] == []


def test_the_hosts_id_is_free_and_the_tombstone_names_nobody(database: Database, ada: str) -> None:
    erase(database, ada)
    told = ImportedAccount(external_id=EXTERNAL_ID, phone=PHONE, email="ada.lovelace@example.com")
    with database.transaction() as session:
        assert host_imports.take(session, [told], at=LATER).new == 1
        new = accounts.by_external_id(session, EXTERNAL_ID)
        old = accounts.get(session, ada)
    assert new is not None
    assert new.account_id != ada
    kept = {name: value for name, value in old.model_dump().items() if value not in (None, {}, "en", 0)}
    assert kept.keys() == {
        *("account_id", "external_id", "created_at", "sms", "facts_version", "progress_at"),
        *("deleted_at", "forgotten_at"),
    }


def test_a_crash_in_the_middle_leaves_the_person_whole_and_the_next_try_erases_them(
    database: Database, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise RuntimeError("the process dies")

    with monkeypatch.context() as dying:
        dying.setattr(traces, "forget", die)
        with pytest.raises(RuntimeError):
            erase(database, ada)
    with database.reading() as session:
        account = accounts.get(session, ada)
        assert (account.external_id, account.deleted_at) == (EXTERNAL_ID, None)
    erase(database, ada)
    assert naming(database) == {}


def test_traces_that_an_earlier_release_has_left_are_forgotten_by_housekeeping(
    database: Database, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(traces, "forget", lambda *_, **__: None)
        with database.transaction() as session:
            deletions.delete(session, accounts.lock(session, ada), at=NOW)
    assert {"session", "journal", "audit"} <= naming(database).keys()
    with database.transaction() as session:
        housekeeping.clear(session, now=NOW)
    assert naming(database) == {}
    with database.reading() as session:
        assert traces.left(session, limit=1) == []


def test_what_is_forgotten_again_stays_as_it_is(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.transaction() as session:
        traces.forget(session, ada, at=LATER)
        assert accounts.get(session, ada).forgotten_at == NOW


def test_nobody_else_loses_anything(database: Database, ada: str) -> None:
    with database.transaction() as session:
        bob = make_account(session, external_id="bob").account_id
        journal.append(session, bob, EventKind.NOTED, at=START, actor=Actor.STAFF, reason="Bob called")
    erase(database, ada)
    with database.reading() as session:
        account = accounts.get(session, bob)
        assert (account.external_id, account.deleted_at) == ("bob", None)
        assert [entry.detail for entry in journal.of_account(session, bob)] == [{"reason": "Bob called"}]


def test_one_member_asks_and_another_one_approves(
    database: Database, ada: str, do: Do, approve: Approve, sam: Hand
) -> None:
    request_id = do(Act.ERASE, ada, target=RESTORE_SMS)
    with database.reading() as session:
        assert accounts.get(session, ada).deleted_at is None
    with pytest.raises(ApprovalRefused, match="Nobody approves what they asked for"):
        approve(request_id, sam)
    approve(request_id)
    with database.reading() as session:
        assert accounts.get(session, ada).deleted_at is not None
        audited = [(entry.kind, entry.reason) for entry in audit.read(session, Sought(account_id=ada))]
    assert audited[-2:] == [("asked_for", "they called"), ("approved", "they called")]
    assert ("case_acted_on", "") in audited


def test_an_erasure_says_what_becomes_of_text_message_codes(ada: str, do: Do) -> None:
    for target in ("", "perhaps"):
        with pytest.raises(ActRefused, match="Say whether text-message codes are given back"):
            do(Act.ERASE, ada, target=target)


def test_nobody_is_erased_while_it_is_open_who_the_owner_is(database: Database, ada: str, do: Do) -> None:
    with database.transaction() as session:
        account = accounts.get(session, ada)
        account.disputed_since = START
        session.add(account)
    with pytest.raises(ActRefused, match="An objection is open"):
        do(Act.ERASE, ada, target=LEAVE_SMS)


def test_the_case_says_that_it_was_the_persons_own_wish(database: Database, ada: str) -> None:
    erase(database, ada)
    with database.reading() as session:
        case = cases.draw(session, ada, now=LATER)
    assert standing(case, LATER).startswith("Erased at the person’s wish on ")


def test_nothing_can_be_done_any_more_for_whoever_is_erased(database: Database, ada: str, do: Do) -> None:
    erase(database, ada)
    for act in (Act.ERASE, Act.EXPORT, Act.RESTORE_SMS):
        with pytest.raises(ActRefused, match="deleted"):
            do(act, ada, target=LEAVE_SMS)


def together(deeds: Sequence[Callable[[], None]]) -> None:
    """Do several things at the same moment."""
    turns = iter(deeds)
    at_once(lambda: next(turns)(), times=len(deeds))


def test_an_erasure_that_comes_several_times_at_once_happens_once(database: Database, ada: str) -> None:
    before = figures(database)
    at_once(partial(erase, database, ada))
    with database.reading() as session:
        kinds = [kind for kind, _ in entries(session, ada)]
    assert kinds.count(EventKind.ACCOUNT_ERASED) == 1
    assert figures(database) == before


def test_people_of_one_cohort_who_are_erased_at_once_are_all_counted_on(database: Database, ada: str) -> None:
    others = [make_whole_person(database, external_id=f"bob-{number}", number=number) for number in (2, 3)]
    before = figures(database)
    together([partial(erase, database, account_id) for account_id in (ada, *others)])
    assert figures(database) == before


def test_a_message_that_is_claimed_while_its_person_is_erased_is_sent_or_dropped_and_names_nobody(
    database: Database, ada: str
) -> None:
    granted: list[Message] = []

    def claim() -> None:
        with database.transaction() as session:
            outcome, message = messages.claim(session, f"{ada}:{MessageState.QUEUED}", now=NOW)
            granted.extend([message] if message and outcome is ClaimOutcome.GRANTED else [])

    together([partial(erase, database, ada), claim])
    with database.transaction() as session:
        for message in granted:
            name = "lovelace at the provider"
            messages.settle(session, message, MessageState.SENT, at=NOW, provider_id=name)
    with database.reading() as session:
        sent = messages.of_account(session, ada)
    assert {(message.recipient, message.sealed) for message in sent} == {("", None)}
    assert naming(database) == {}
