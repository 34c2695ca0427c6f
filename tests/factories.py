"""Accounts, passkeys, policies, facts and cohorts for tests, each in one line; keywords change what a test is about."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from domain.facts import Channel, Facts, Method, SmsState
from domain.messages.messages import MessageState
from domain.policy import Policy
from domain.presets import STANDARD
from domain.rollouts.buckets import BUCKETS
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.guardrails import Guardrail, Metric, Reaction
from domain.rollouts.launch_windows import LaunchWindows
from domain.trust import Root, Trust, Way
from store import Session
from store.journeys import journeys, policies
from store.journeys.sms import StoredOffProof
from store.messages import messages
from store.messages.messages import ClaimOutcome
from store.people import authenticator_apps, passkeys, recovery_codes, sessions
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey
from store.people.recovery_codes import AskedBack
from store.people.sessions import WebSession
from store.rollouts import cohorts
from store.rollouts.members import Member
from tests.clocks import START
from tests.unguarded import unguarded

EVIDENCE = {
    "email_verified_at": START.isoformat(),
    "proven_passkeys": 1,
    "passkey_days": 2,
    "passkey_counts_from": START.isoformat(),
    "second_routes": ["another_passkey"],
    "policy": "standard",
    "facts_version": 1,
}
"""The evidence of a proof that a test makes by itself."""

_numbers = itertools.count(1)


def make_policy(**changes: Any) -> Policy:
    """The standard policy with changes."""
    return replace(STANDARD, **changes)


def make_facts(**changes: Any) -> Facts:
    """The facts of somebody who can be reached by both channels and has done nothing yet."""
    blank = Facts(version=1, channels=(Channel.EMAIL, Channel.SMS), progress_at=START)
    return replace(blank, **changes)


def make_ready_facts(**changes: Any) -> Facts:
    """The facts of somebody who has reached every milestone of the standard policy, and may lose SMS at once."""
    ready = make_facts(
        version=9,
        email_verified_at=START,
        passkeys=2,
        proven_passkeys=1,
        passkey_days=2,
        passkey_bound_at=START,
        recovery_codes_left=8,
        recovery_codes_proven=True,
    )
    return replace(ready, **changes)


def make_account(session: Session, **changes: Any) -> Account:
    """A new account with an e-mail address and a phone number of its own.

    SMS that is off has its proof on record, unless `on_proof` is among the changes and False.
    """
    number = next(_numbers)
    account = Account(
        external_id=f"host-{number}",
        email=f"person{number}@example.org",
        phone=f"+49151{number:08d}",
        created_at=START,
    )
    sms, on_proof = changes.pop("sms", SmsState.ON), changes.pop("on_proof", True)
    is_off = sms in (SmsState.SUSPENDED, SmsState.REMOVED)
    told_by_host = {"host_email": changes.get("email", account.email)}
    account.sqlmodel_update(told_by_host | changes | {"sms": SmsState.ON if is_off else sms})
    session.add(account)
    session.flush()
    if is_off:
        put_sms(session, account, sms, at=changes.get("sms_since"), on_proof=on_proof)
    return account


def put_sms(
    session: Session, account: Account, state: SmsState, *, at: datetime | None = None, on_proof: bool = True
) -> None:
    """Put an account's SMS into a state, on a proof that a test makes by itself, whatever other ways in it has."""
    with unguarded(session):
        account.sms, account.sms_since = state, at or account.sms_since
        session.add(account)
        if on_proof and state in (SmsState.SUSPENDED, SmsState.REMOVED):
            evidence = dict(EVIDENCE)
            proof = StoredOffProof(
                account_id=account.account_id, state=state, at=at or START, evidence=evidence
            )
            session.add(proof)


def make_passkey(
    session: Session, account_id: str, *, used_on: Iterable[date] = (), **changes: Any
) -> Passkey:
    """A new passkey, bound to one device and owing nothing to SMS; proven if it was used on any day."""
    number = next(_numbers)
    passkey = Passkey(
        account_id=account_id,
        credential_id=f"credential-{number}",
        public_key=b"public key",
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        backup_eligible=False,
        backed_up=False,
        name=f"Device {number}",
        platform="Android",
        bound_at=START,
        bound_by=Method.PASSKEY,
        root=Root.HOST,
        rooted_at=START,
        way=Way.VOUCHED,
        established_from=START,
    )
    passkey.sqlmodel_update(changes)
    passkeys.add(session, passkey)
    for day in used_on:
        passkeys.note_use(session, passkey, at=START, day=day)
    return passkey


def make_journey(
    session: Session, account_id: str, policy: Policy = STANDARD, *, at: datetime = START
) -> str:
    """Start the account's journey by a policy; returns the policy's id."""
    policy_id = policies.store(session, policy, at=at)
    journeys.open_(session, account_id, policy_id, at=at)
    return policy_id


def by_sms(at: datetime, *, wait: timedelta = STANDARD.cooling_off) -> dict[str, Any]:
    """What is different about a passkey that was bound after a text-message code, and told by e-mail at once."""
    return {"root": Root.SMS, "rooted_at": at, "way": Way.NOTICE, "established_from": at + wait}


def vouched(at: datetime = START) -> Trust:
    """The trust of what the host vouches for: established at once."""
    return Trust(root=Root.HOST, rooted_at=at, bound_at=at, way=Way.VOUCHED, established_from=at)


def make_web_session(session: Session, token: str, **changes: Any) -> WebSession:
    """A browser's session, signed in only if `account_id` is among the changes."""
    web_session = WebSession(session_id="", started_at=START, expires_at=START + timedelta(hours=12))
    web_session.sqlmodel_update(changes)
    sessions.start(session, token, web_session)
    return web_session


def make_ready_account(session: Session, **changes: Any) -> Account:
    """An account that has reached every milestone of the standard policy, and may lose SMS at once."""
    account = make_account(session, **({"email_verified_at": START, "progress_at": START} | changes))
    days = [START.date() - timedelta(days=1), START.date()]
    make_passkey(session, account.account_id, used_on=days, last_used_at=START)
    make_passkey(session, account.account_id)
    return account


def make_app(
    session: Session,
    account_id: str,
    *,
    sealed: bytes = b"sealed",
    at: datetime = START,
    new_trust: Trust | None = None,
    bound_in: str = "a session",
    **changes: Any,
) -> AuthenticatorApp:
    """An authenticator app that is set up, owing nothing to SMS unless its trust says so."""
    new_trust = new_trust or vouched(at)
    app = authenticator_apps.begin(session, account_id, sealed, new_trust, bound_in=bound_in)
    authenticator_apps.prove(session, app, new_trust, step=1, at=at, day=at.date())
    app.sqlmodel_update(changes)
    session.add(app)
    session.flush()
    return app


def make_recovery_codes(
    session: Session, account_id: str, *, proven: bool = True, at: datetime = START
) -> list[str]:
    """Eight recovery codes of an account; returns their digests."""
    digests = [f"digest-{next(_numbers)}" for _ in range(8)]
    asked_code = AskedBack(number_in_set=1, ending=f"secret ending {next(_numbers)}")
    recovery_codes.make(session, account_id, digests, vouched(at), asked_code=asked_code)
    if proven:
        prove_recovery_codes(session, account_id, digests, at=at)
    return digests


def prove_recovery_codes(
    session: Session, account_id: str, digests: list[str], *, at: datetime = START
) -> None:
    """Type the first of some recovery codes back."""
    code = recovery_codes.find(session, account_id, digests[0])
    assert code
    recovery_codes.prove(session, code, at=at)


def send_everything(session: Session, account_id: str, *, at: datetime = START) -> None:
    """Have the providers take all that an account is to be told and has not been told yet."""
    for message in reversed(messages.of_account(session, account_id)):
        claim, claimed = messages.claim(session, message.key, now=at)
        if claim is ClaimOutcome.GRANTED and claimed:
            messages.settle(session, claimed, MessageState.SENT, at=at)


def make_cohort(**changes: Any) -> Cohort:
    """Everybody, in two waves, at any hour, with a tenth held out and no guardrails."""
    described: dict[str, Any] = {
        "name": "spring",
        "include": Who(),
        "exclude": None,
        "policy": STANDARD,
        "holdout_percent": 10,
        "waves": (Wave(percent=5, bake=timedelta(days=3)), Wave(percent=100, bake=timedelta(days=7))),
        "pace": 60,
        "windows": LaunchWindows(),
        "guardrails": (),
        "assess_every": timedelta(minutes=15),
    }
    return Cohort(**(described | changes))


def make_guardrail(metric: Metric = Metric.LOCK_OUTS, **changes: Any) -> Guardrail:
    """At most one in twenty, of ten people or more within a week, or the rollout pauses."""
    plain = Guardrail(
        metric=metric, limit=0.05, least_sample=10, window=timedelta(days=7), reaction=Reaction.PAUSE
    )
    return replace(plain, **changes)


def keep_cohort(session: Session, cohort: Cohort | None = None) -> str:
    """Keep a cohort, without anybody in it yet; returns its id."""
    row = cohorts.add(session, cohort or make_cohort(), at=START, by="olga", reason="spring has come")
    return row.cohort_id


def make_member(
    session: Session, cohort_id: str, account_id: str | None = None, *, held_out: bool = False, **changes: Any
) -> str:
    """A member that the first wave has launched, or one that is held out; returns its account."""
    account_id = account_id or make_account(session).account_id
    member = Member(
        cohort_id=cohort_id,
        account_id=account_id,
        bucket=BUCKETS - 1 if held_out else 0,
        held_out=held_out,
        enrolled_at=START,
        wave=None if held_out else 0,
        launched_at=None if held_out else START,
    )
    member.sqlmodel_update(changes)
    session.add(member)
    session.flush()
    return account_id
