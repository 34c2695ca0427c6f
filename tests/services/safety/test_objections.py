"""An objection stops what it is about, at once and once, locks nobody out, and is closed by support."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import LastRoute, LinkRejected, NotSafeYet, Refused, TooLateToObject, Unknown
from domain.facts import Channel, Facts, Method, SmsState
from domain.journal import Actor, EventKind
from domain.journey import plan
from domain.messages.messages import Template
from domain.presets import FAST
from domain.safety.objections import WINDOW, Outcome
from domain.safety.off_proof import off_proof
from services.safety import objections as objecting
from store import Database, Session, invariants
from store.journeys import facts, sms
from store.messages import messages, notices
from store.messages.messages import Message
from store.people import (
    accounts,
    contact_changes,
    held_passkeys,
    journal,
    links,
    passkeys,
    recovery_codes,
    sessions,
)
from store.people.journal import JournalEntry
from store.people.links import Link, LinkPurpose
from store.people.passkeys import Passkey
from store.safety import objections
from store.safety.objections import Objection
from tests.clocks import START
from tests.factories import (
    make_account,
    make_journey,
    make_passkey,
    make_ready_account,
    make_recovery_codes,
    make_web_session,
    put_sms,
    vouched,
)
from tests.unguarded import unguarded

SOON = START + timedelta(hours=1)


@dataclass
class Case:
    """One account, what it was told, and what was objected to."""

    database: Database
    account_id: str

    def passkey(self, **changes: Any) -> Passkey:
        """Somebody binds a passkey, and the owner is told."""
        with self.database.transaction() as session:
            passkey = make_passkey(session, self.account_id, **changes)
            values = {"device": passkey.name, "passkey_id": passkey.passkey_id}
            self._tell(session, Template.PASSKEY_BOUND, passkey.passkey_id, values)
            return passkey

    def tell_owner(self, template: Template, event: str = "1", **values: str) -> None:
        """The owner is told of something."""
        with self.database.transaction() as session:
            self._tell(session, template, event, values)

    def object_to(self, template: Template, event: str = "1", *, by: str = "email") -> Objection:
        """The owner says that it was not them."""
        with self.database.transaction() as session:
            return objecting.make(session, f"{self.account_id}:{template}:{event}:{by}", at=SOON)

    def settle(self, objection: Objection, outcome: Outcome) -> None:
        """Support has looked."""
        with self.database.transaction() as session:
            objecting.settle(
                session, objection.objection_id, outcome=outcome, by="sam", reason="they called", at=SOON
            )

    def set_sms(self, state: SmsState) -> None:
        with self.database.transaction() as session:
            account = accounts.get(session, self.account_id)
            put_sms(session, account, state, at=START)

    @property
    def facts(self) -> Facts:
        with self.database.reading() as session:
            return facts.read(session, self.account_id)

    @property
    def journal(self) -> list[JournalEntry]:
        with self.database.reading() as session:
            return list(journal.of_account(session, self.account_id))

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal]

    def messages(self, template: Template) -> list[Message]:
        with self.database.reading() as session:
            sent = messages.of_account(session, self.account_id)
            return [message for message in sent if message.template == template]

    def _tell(self, session: Session, template: Template, event: str, values: dict[str, str]) -> None:
        account = accounts.get(session, self.account_id)
        notices.tell(session, account, template, event=event, at=START, values=values)


@pytest.fixture
def case(database: Database) -> Case:
    """Somebody on their journey who has reached everything."""
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id, FAST)
    return Case(database=database, account_id=account_id)


@pytest.fixture
def bare(database: Database) -> Case:
    """Somebody with nothing but text-message codes."""
    with database.transaction() as session:
        return Case(database=database, account_id=make_account(session).account_id)


def test_the_passkey_is_on_hold_and_counts_for_nothing(case: Case) -> None:
    before = case.facts
    passkey = case.passkey(used_on=[START.date() + timedelta(days=5)], last_used_at=START)
    assert case.facts.passkey_days == before.passkey_days + 1
    objection = case.object_to(Template.PASSKEY_BOUND, passkey.passkey_id)
    assert objection.passkey_id == passkey.passkey_id
    after = case.facts
    assert (after.passkeys, after.proven_passkeys, after.passkey_days) == (
        before.passkeys,
        before.proven_passkeys,
        before.passkey_days,
    )
    with case.database.reading() as session:
        assert passkey.passkey_id not in [row.passkey_id for row in passkeys.active(session, case.account_id)]
        assert passkey.passkey_id in [row.passkey_id for row in passkeys.kept(session, case.account_id)]
        with pytest.raises(Unknown):
            passkeys.get(session, case.account_id, passkey.passkey_id)


def test_the_account_is_disputed_and_the_journey_rests(case: Case) -> None:
    case.tell_owner(Template.PASSKEY_REMOVED)
    case.object_to(Template.PASSKEY_REMOVED)
    account_facts = case.facts
    assert account_facts.disputed_since == SOON
    assert plan(case.account_id, account_facts, FAST).act is None
    with pytest.raises(NotSafeYet, match="objection"):
        off_proof(account_facts, FAST, SOON + timedelta(days=400))


def test_every_session_ends_and_every_link_is_void(case: Case) -> None:
    with case.database.transaction() as session:
        for token in ("stranger", "owner"):
            make_web_session(session, token, account_id=case.account_id, method=Method.SMS)
        make_web_session(session, "neighbour", account_id=make_account(session).account_id, method=Method.SMS)
        link = Link(
            link_id="",
            purpose=LinkPurpose.ADD_DEVICE,
            account_id=case.account_id,
            made_at=START,
            expires_at=SOON + timedelta(hours=1),
        )
        links.make(session, "link", link)
    case.tell_owner(Template.RECOVERY_CODE_USED)
    case.object_to(Template.RECOVERY_CODE_USED)
    with case.database.reading() as session:
        assert sessions.find(session, "stranger", now=SOON) is None
        assert sessions.find(session, "owner", now=SOON) is None
        assert sessions.find(session, "neighbour", now=SOON) is not None
        with pytest.raises(LinkRejected):
            links.look(session, "link", LinkPurpose.ADD_DEVICE, now=SOON)


def test_it_is_journalled_with_a_case_and_told_by_every_channel(case: Case) -> None:
    passkey = case.passkey()
    objection = case.object_to(Template.PASSKEY_BOUND, passkey.passkey_id)
    objected, support_case = case.journal[-2:]
    assert (objected.kind, objected.actor) == (EventKind.OBJECTED, Actor.PERSON)
    assert objected.detail == {
        "objection_id": objection.objection_id,
        "key": objection.message_key,
        "template": Template.PASSKEY_BOUND,
        "passkey_id": passkey.passkey_id,
    }
    assert (support_case.kind, support_case.actor) == (EventKind.SUPPORT_CASE, Actor.PERSON)
    assert support_case.detail == {"objection_id": objection.objection_id, "reason": "objection"}
    assert len(case.messages(Template.OBJECTION_NOTED)) == 2


def test_objecting_twice_by_whatever_channel_is_once(case: Case) -> None:
    case.tell_owner(Template.SMS_RESTORED)
    first = case.object_to(Template.SMS_RESTORED)
    for by in ("email", "sms"):
        assert case.object_to(Template.SMS_RESTORED, by=by).objection_id == first.objection_id
    assert case.kinds.count(EventKind.OBJECTED) == 1


def test_a_further_objection_adds_to_the_open_case(case: Case) -> None:
    for event in ("1", "2"):
        case.tell_owner(Template.PASSKEY_REMOVED, event)
        case.object_to(Template.PASSKEY_REMOVED, event)
    assert case.kinds.count(EventKind.OBJECTED) == 2
    assert case.kinds.count(EventKind.SUPPORT_CASE) == 1
    with case.database.reading() as session:
        first, second = objections.list_open(session)
    case.settle(first, Outcome.DISMISSED)
    assert case.facts.disputed_since == SOON
    case.settle(second, Outcome.DISMISSED)
    assert case.facts.disputed_since is None


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_sms_that_was_about_to_go_comes_back_at_once(case: Case, state: SmsState) -> None:
    case.set_sms(state)
    case.tell_owner(Template.SMS_NOTICE)
    case.object_to(Template.SMS_NOTICE)
    assert case.facts.sms is SmsState.ON
    restored = next(entry for entry in case.journal if entry.kind == EventKind.SMS_RESTORED)
    assert (restored.actor, restored.detail) == (Actor.PERSON, {"reason": "objection"})


def test_sms_that_was_removed_stays_removed(case: Case) -> None:
    case.set_sms(SmsState.REMOVED)
    case.tell_owner(Template.SMS_REMOVED)
    case.object_to(Template.SMS_REMOVED)
    assert case.facts.sms is SmsState.REMOVED
    assert case.facts.disputed_since == SOON


def test_the_last_proven_way_in_stays_whoever_bound_it(bare: Case) -> None:
    passkey = bare.passkey(used_on=[START.date()], last_used_at=START)
    bare.set_sms(SmsState.REMOVED)
    objection = bare.object_to(Template.PASSKEY_BOUND, passkey.passkey_id)
    assert bare.facts.proven_passkeys == 1
    assert bare.facts.disputed_since == SOON
    with pytest.raises(LastRoute, match="help to another first"):
        bare.settle(objection, Outcome.UPHELD)
    with bare.database.transaction() as session:
        make_recovery_codes(session, bare.account_id)
    bare.settle(objection, Outcome.UPHELD)
    assert bare.facts.proven_passkeys == 0


def test_sms_that_the_objection_brings_back_is_no_last_way_in(bare: Case) -> None:
    passkey = bare.passkey(used_on=[START.date()], last_used_at=START)
    bare.set_sms(SmsState.SUSPENDED)
    bare.object_to(Template.PASSKEY_BOUND, passkey.passkey_id)
    assert (bare.facts.sms, bare.facts.proven_passkeys) == (SmsState.ON, 1)
    with bare.database.reading() as session:
        (kept,) = passkeys.kept(session, bare.account_id)
    assert (kept.frozen_at, kept.lowered_at) == (None, SOON)


@pytest.mark.parametrize("template", [Template.RECOVERY_CODES_MADE, Template.RECOVERY_CODE_USED])
@pytest.mark.parametrize(
    ("state", "proven", "left"),
    [(SmsState.ON, True, 0), (SmsState.REMOVED, True, 8), (SmsState.REMOVED, False, 0)],
)
def test_codes_are_void_if_that_takes_no_last_way_in(
    bare: Case, template: Template, state: SmsState, proven: bool, left: int
) -> None:
    with bare.database.transaction() as session:
        digests = make_recovery_codes(session, bare.account_id, proven=proven)
        code = recovery_codes.find(session, bare.account_id, digests[0])
        assert code
        set_id = code.set_id
    bare.set_sms(state)
    bare.tell_owner(template, set_id, set_id=set_id)
    bare.object_to(template, set_id)
    assert bare.facts.recovery_codes_left == left


def test_codes_of_before_are_none_of_its_business(bare: Case) -> None:
    with bare.database.transaction() as session:
        make_recovery_codes(session, bare.account_id)
        set_id = recovery_codes.make(session, bare.account_id, ["new"], vouched())
    bare.tell_owner(Template.RECOVERY_CODES_MADE, set_id, set_id=set_id)
    bare.object_to(Template.RECOVERY_CODES_MADE, set_id)
    assert (bare.facts.recovery_codes_left, bare.facts.recovery_codes_proven) == (8, True)


def test_the_old_address_hears_of_it_too(case: Case) -> None:
    case.tell_owner(Template.EMAIL_CHANGED)
    with case.database.transaction() as session:
        account = accounts.get(session, case.account_id)
        old, stranger = account.email, "stranger@example.org"
        contact_changes.put(
            session, account, Channel.EMAIL, stranger, vouched(), origin=Actor.PERSON, bound_in="a session"
        )
        account.email = stranger
        session.add(account)
    case.object_to(Template.EMAIL_CHANGED)
    reached = {message.recipient for message in case.messages(Template.OBJECTION_NOTED)}
    assert {old, "stranger@example.org"} <= reached


def test_a_notice_of_long_ago_is_too_old(case: Case) -> None:
    case.tell_owner(Template.PASSKEY_REMOVED)
    key = f"{case.account_id}:{Template.PASSKEY_REMOVED}:1:email"
    with pytest.raises(TooLateToObject), case.database.transaction() as session:
        objecting.make(session, key, at=START + WINDOW)
    with case.database.reading() as session:
        assert objections.recent(session, case.account_id, now=START + WINDOW) == []


@pytest.mark.parametrize("template", [Template.OBJECTION_NOTED, None])
def test_what_tells_of_no_change_is_refused(case: Case, template: Template | None) -> None:
    case.tell_owner(Template.OBJECTION_NOTED)
    key = f"{case.account_id}:{template}:1:email"
    with pytest.raises(LinkRejected), case.database.transaction() as session:
        objecting.make(session, key, at=SOON)


def test_recent_changes_are_listed_once_whatever_the_channels(case: Case) -> None:
    case.passkey()
    case.tell_owner(Template.PASSKEY_REMOVED)
    case.tell_owner(Template.OBJECTION_NOTED)
    case.object_to(Template.PASSKEY_REMOVED, by="sms")
    with case.database.reading() as session:
        changes = objections.recent(session, case.account_id, now=SOON)
    assert {change.notice.template: change.objection is not None for change in changes} == {
        Template.PASSKEY_BOUND: False,
        Template.PASSKEY_REMOVED: True,
    }
    assert {change.notice.channel for change in changes} == {"email"}


def test_upheld_the_passkey_is_removed_and_the_owner_told(case: Case) -> None:
    passkey = case.passkey(used_on=[START.date()], last_used_at=START)
    case.settle(case.object_to(Template.PASSKEY_BOUND, passkey.passkey_id), Outcome.UPHELD)
    assert case.kinds[-2:] == [EventKind.PASSKEY_REMOVED, EventKind.OBJECTION_SETTLED]
    assert case.journal[-1].actor == Actor.STAFF
    assert case.journal[-1].detail["outcome"] == Outcome.UPHELD
    assert len(case.messages(Template.PASSKEY_REMOVED)) == 2
    assert case.facts.disputed_since is None
    with case.database.reading() as session:
        kept = [row.passkey_id for row in passkeys.kept(session, case.account_id)]
    assert passkey.passkey_id not in kept


def test_dismissed_the_passkey_is_what_it_was(case: Case) -> None:
    passkey = case.passkey(used_on=[START.date()], last_used_at=START)
    before = case.facts
    objection = case.object_to(Template.PASSKEY_BOUND, passkey.passkey_id)
    case.settle(objection, Outcome.DISMISSED)
    after = case.facts
    assert (after.proven_passkeys, after.disputed_since) == (before.proven_passkeys, None)
    with pytest.raises(Refused, match="settled: dismissed"):
        case.settle(objection, Outcome.UPHELD)
    with pytest.raises(Unknown):
        case.settle(
            Objection(objection_id="none", account_id="", message_key="", template="", made_at=SOON),
            Outcome.UPHELD,
        )
    with case.database.reading() as session:
        assert objections.list_open(session) == []
        assert [row.outcome for row in objections.list_latest(session)] == [Outcome.DISMISSED]


def test_a_passkey_on_hold_is_no_proven_route_in_the_counts_that_read_zero(bare: Case) -> None:
    passkey = bare.passkey(used_on=[START.date()], last_used_at=START)
    with bare.database.transaction() as session:
        account = accounts.get(session, bare.account_id)
        account.phone = None
        session.add(account)
    assert _routeless(bare) == 0
    with bare.database.transaction() as session, unguarded(session):
        held_passkeys.freeze(session, passkeys.get(session, bare.account_id, passkey.passkey_id), at=SOON)
    assert _routeless(bare) == 1


def test_the_journey_may_go_on_after_a_dismissal(case: Case) -> None:
    case.tell_owner(Template.PASSKEY_REMOVED)
    case.settle(case.object_to(Template.PASSKEY_REMOVED), Outcome.DISMISSED)
    with case.database.transaction() as session:
        sms.give_notice(session, case.account_id, FAST, at=SOON)
    assert case.facts.sms is SmsState.NOTICE


def _routeless(case: Case) -> int:
    with case.database.reading() as session:
        breaches = invariants.breaches(session, now=SOON)
    return next(
        breach.count for breach in breaches if breach.invariant == invariants.Invariant.SOME_PROVEN_ROUTE
    )


def test_what_was_on_hold_before_an_objection_stays_so_when_it_is_dismissed(bare: Case) -> None:
    lost = bare.passkey()
    with bare.database.transaction() as session:
        held_passkeys.freeze(
            session, passkeys.get(session, bare.account_id, lost.passkey_id), at=START, is_lost=True
        )
    objection = bare.object_to(Template.PASSKEY_BOUND, lost.passkey_id)
    bare.settle(objection, Outcome.DISMISSED)
    with bare.database.reading() as session:
        kept = held_passkeys.get_lost(session, bare.account_id, lost.passkey_id)
    assert kept.frozen_at == START
