"""Somebody about whom every table says something that names them: what is secret, and what staff have typed, too."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain.desk.acts import Act
from domain.facts import Channel, Method
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.presets import STANDARD
from domain.recovery import Proof
from domain.recovery_rules import ProofKind
from domain.staff.approvals import Decision
from domain.staff.staff import AuditKind, Author, Role
from domain.trust import Root, Way
from store import Database, Session
from store.host.events import StoredHostEvent
from store.host.sign_ons import SignOn
from store.journeys.check_ups import CheckUp
from store.journeys.heard_accounts import HeardAccount
from store.journeys.host_words import HostWord, SmsRequest
from store.journeys.sms import StoredOffProof
from store.journeys.troubles import JourneyTrouble
from store.messages.contact_faults import ContactFault
from store.messages.messages import Message
from store.people import journal, passkeys
from store.people.attempts import Attempt
from store.people.challenges import Challenge
from store.people.contacts import ContactRecord
from store.people.door_notes import DoorNote, DoorNoteKind
from store.people.exemptions import Exemption
from store.people.failed_ceremonies import FailedCeremony
from store.people.host_routes import HostRouteEvent
from store.people.known_browsers import KnownBrowser
from store.people.links import Link, LinkPurpose
from store.people.one_time_codes import CodePurpose, OneTimeCode
from store.people.waiting_changes import WaitingChange
from store.rollouts import cohorts
from store.safety import recoveries
from store.safety.objections import Objection
from store.safety.rescues import Rescue
from store.staff import audit, staff_requests
from store.webhooks.deliveries import WebhookDelivery
from store.webhooks.subscriptions import WebhookSubscription
from tests.clocks import START
from tests.factories import (
    EVIDENCE,
    keep_cohort,
    make_app,
    make_journey,
    make_member,
    make_ready_account,
    make_recovery_codes,
    make_web_session,
)
from tests.staff import make_staff

EXTERNAL_ID = "ada.lovelace"
PHONE, EMAIL = "+442079460101", "ada.lovelace@example.com"
NAMING = (PHONE, "lovelace", "london", "secret")
"""What must not be found anywhere once the person is erased; whatever is secret here says so."""

LATER = START + timedelta(days=1)


def make_whole_person(database: Database, *, external_id: str = EXTERNAL_ID, number: int = 1) -> str:
    """The account; `number` tells several of them apart."""
    with database.transaction() as session:
        account = make_ready_account(
            session,
            external_id=external_id,
            phone=PHONE if number == 1 else f"+44207946020{number}",
            email=f"{external_id}@example.com",
            user_name=external_id,
            user_name_key=external_id,
            country="GB",
            time_zone="Europe/London",
            attributes={"name": "Lovelace"},
            disputed_since=None,
            stuck_since=START,
            stuck_reason="unreachable",
        )
        account_id = account.account_id
        spring = cohorts.by_name(session, "spring")
        cohort_id = spring.cohort_id if spring else keep_cohort(session)
        make_journey(session, account_id, STANDARD)
        make_member(session, cohort_id, account_id)
        make_recovery_codes(session, account_id)
        make_app(session, account_id, sealed=b"a secret")
        web_session = make_web_session(
            session, f"secret token {number}", account_id=account_id, method=Method.PASSKEY, platform="London"
        )
        _tell(session, account_id)
        session.add_all(_rows(session, account_id, web_session.session_id, number))
        session.flush()
        return account_id


def _rows(session: Session, account_id: str, session_id: str, number: int) -> Iterator[Any]:
    passkey = passkeys.active(session, account_id)[0]
    passkey.name, passkey.credential_id, passkey.public_key = (
        "Lovelace's phone",
        f"lovelace {number}",
        b"lovelace",
    )
    yield passkey
    yield ContactRecord(
        account_id=account_id,
        channel=Channel.SMS,
        address=PHONE,
        origin=Actor.HOST,
        bound_at=START,
        root=Root.HOST,
        rooted_at=START,
        way=Way.VOUCHED,
    )
    yield ContactFault(
        account_id=account_id,
        channel=Channel.EMAIL,
        contact=EMAIL,
        fate=Fate.BOUNCED,
        reason="secret",
        since=START,
    )
    yield Challenge(
        challenge_id=f"c{number}",
        session_id=session_id,
        ceremony="registration",
        challenge=b"secret challenge",
        expires_at=LATER,
    )
    yield OneTimeCode(
        session_id=session_id,
        purpose=CodePurpose.VERIFY_EMAIL,
        account_id=account_id,
        email=EMAIL,
        digest="secret digest",
        subject="secret subject",
        made_at=START,
        expires_at=LATER,
    )
    yield Link(
        link_id=f"secret link {number}",
        purpose=LinkPurpose.VERIFY_EMAIL,
        account_id=account_id,
        email=EMAIL,
        made_in=session_id,
        made_at=START,
        expires_at=LATER,
    )
    yield KnownBrowser(
        browser_id=f"secret browser {number}",
        account_id=account_id,
        known_since=START,
        last_used_at=START,
        expires_at=LATER,
    )
    yield FailedCeremony(
        account_id=account_id, at=START, ceremony="registration", name="NotAllowedError", platform="London"
    )
    yield Attempt(
        account_id=account_id,
        at=START,
        kind="registration",
        occasion="set_up",
        outcome="given_up",
        reason="NotAllowedError",
        browser="Chrome",
        browser_major=131,
        system="android",
    )
    yield WaitingChange(
        account_id=account_id,
        change="change_email",
        subject_id=EMAIL,
        session_id=session_id,
        asked_at=START,
        due_at=LATER,
    )
    yield DoorNote(
        kind=DoorNoteKind.LINK_ASKED,
        account_id=account_id,
        detail={"link_id": "secret link"},
        sealed=b"secret",
        at=START,
    )
    yield from _messages(account_id, session_id)
    yield Exemption(
        account_id=account_id,
        basis="other",
        reason="Lovelace called",
        evidence="https://crm.example.com/lovelace",
        asked_by="sam",
        granted_at=START,
        review_at=LATER,
        review_days=90,
        expires_at=LATER,
        ended_at=START,
        ended_because="ended",
        ended_by="sam",
    )
    yield JourneyTrouble(
        account_id=account_id, run_id="run", error="lovelace broke it", since=START, seen_at=START
    )
    yield CheckUp(account_id=account_id, round=1, due_at=START, invited_at=START, done_at=START)
    yield StoredOffProof(account_id=account_id, state="suspended", at=START, evidence=dict(EVIDENCE))
    yield HeardAccount(account_id=account_id, words={"email": ["lovelace"]}, risk="high")
    yield StoredHostEvent(
        source="login",
        event_id=f"event {number}",
        kind="signed_in",
        account_id=account_id,
        at=START,
        taken_at=START,
        outcome="heeded",
    )
    yield HostRouteEvent(
        account_id=account_id,
        kind="passkey.created",
        host_id="lovelace-key",
        day=START.date(),
        at=START,
        source="login",
        event_id=f"route {number}",
    )
    yield HostWord(account_id=account_id, said="on", said_at=START, refused_reason="lovelace-asked")
    yield SmsRequest(account_id=account_id, change="suspend", asked_at=START, deadline=LATER)
    yield SignOn(
        client_id="shop",
        redirect_uri="https://shop.example/back",
        state="secret state",
        nonce="secret nonce",
        code_challenge="secret challenge",
        wish="sign_in",
        sealed_hint=b"secret hint",
        expected_id=account_id,
        account_id=account_id,
        began_at=START,
        expires_at=LATER,
        code_digest=f"secret code {number}",
        token_digest=f"secret token {number}",
    )


def _messages(account_id: str, session_id: str) -> Iterator[Message]:
    for state, settled_at in ((MessageState.SENT, START), (MessageState.QUEUED, None)):
        yield Message(
            key=f"{account_id}:{state}",
            account_id=account_id,
            purpose=Purpose.NOTICE,
            template=Template.PASSKEY_BOUND,
            channel=Channel.SMS,
            recipient=PHONE,
            recipient_key=PHONE,
            locale="en",
            values={"device": "Lovelace's phone"},
            sealed=b"secret",
            short_code=f"secret {account_id[-6:]}{state}",
            provider_id="lovelace at the provider",
            state=state,
            created_at=START,
            settled_at=settled_at,
            by_session=session_id,
        )


def _get_back_in(session: Session, account_id: str) -> None:
    recovery = recoveries.begin(session, account_id, at=START)
    recovery.reference = f"secret {account_id[-6:]}"
    proof = Proof(kind=ProofKind.EMAIL, root=Root.HOST)
    recoveries.add_proof(session, recovery, proof, at=START)
    recoveries.follow(session, recovery, f"secret browser {account_id}", at=START)


def _tell(session: Session, account_id: str) -> None:
    """What happened, what staff did and why, and a receiver that has not heard of it yet."""
    sam = make_staff(session, f"sam{account_id[-6:]}@example.com", Role.SUPPORT).staff_id
    author = Author(by=f"sam{account_id[-6:]}@example.com", staff_id=sam, came_from="203.0.113.7")
    signed = {"by": sam, "reason": "Lovelace called"}
    journal.append(session, account_id, EventKind.NOTED, at=START, actor=Actor.STAFF, **signed)
    ticket = {"ticket_id": "lovelace-1"}
    journal.append(session, account_id, EventKind.TICKET_OPENED, at=START, actor=Actor.HOST, **ticket)
    bound = {"passkey_id": "a passkey", "host_passkey_id": "lovelace-key"}
    journal.append(session, account_id, EventKind.PASSKEY_BOUND, at=START, actor=Actor.HOST, **bound)
    topic = {"reason": "Lovelace has lost her phone"}
    journal.append(session, account_id, EventKind.SUPPORT_CASE, at=START, actor=Actor.HOST, **topic)
    lost = {"reason": "lost"}
    journal.append(session, account_id, EventKind.SMS_CHOSEN, at=START, actor=Actor.PERSON, **lost)
    request = staff_requests.StaffRequest(
        account_id=account_id,
        act=Act.ASK_FOR_RESCUE,
        reason="Lovelace called",
        evidence="https://crm.example.com/lovelace",
        asked_at=START,
        asked_by=sam,
        asked_in="sam's browser",
        decided_at=START,
        decision=Decision.APPROVED,
    )
    session.add(request)
    session.flush()
    session.add(
        Rescue(
            request_id=request.request_id,
            account_id=account_id,
            approved_at=START,
            opens_at=START,
            expires_at=LATER,
            digest="secret digest",
        )
    )
    _get_back_in(session, account_id)
    session.add(
        Objection(
            account_id=account_id,
            message_key=f"{account_id}:{MessageState.SENT}",
            template=Template.PASSKEY_BOUND,
            made_at=START,
            settled_at=START,
            settled_by=sam,
            outcome="dismissed",
            reason="it was Lovelace",
        )
    )
    kind = AuditKind.CASE_ACTED_ON
    audit.append(session, author, kind, at=START, account_id=account_id, reason="Lovelace called", act="note")
    subscription = WebhookSubscription(
        subscription_id=f"s{account_id}",
        name=f"crm {account_id[-6:]}",
        url="https://host.example/",
        sealed_secret=b"sealed",
        made_by="olga",
        made_at=START,
        ended_at=START,
    )
    session.add(subscription)
    session.flush()
    session.add(
        WebhookDelivery(
            webhook_id=f"w{account_id}",
            subscription_id=subscription.subscription_id,
            account_id=account_id,
            entry_id=1,
            hook_type="passkey_proven",
            is_request=False,
            state="delivered",
            created_at=START,
            not_before=START,
            tries_until=LATER,
            settled_at=START,
        )
    )
    session.flush()
