"""Accounts, passkeys, policies and facts for tests, each in one line; keywords change what a test is about."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from domain.facts import Channel, Facts, Method
from domain.policy import Policy
from domain.presets import STANDARD
from store import Session, journeys, passkeys, policies, recovery_codes, sessions
from store.accounts import Account
from store.passkeys import Passkey
from store.sessions import WebSession
from tests.clocks import START

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
    """A new account with an e-mail address and a phone number of its own."""
    number = next(_numbers)
    account = Account(
        external_id=f"host-{number}",
        email=f"person{number}@example.org",
        phone=f"+49151{number:08d}",
        created_at=START,
    )
    account.sqlmodel_update(changes)
    session.add(account)
    session.flush()
    return account


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


def make_recovery_codes(
    session: Session, account_id: str, *, proven: bool = True, at: datetime = START
) -> list[str]:
    """Eight recovery codes of an account; returns their digests."""
    digests = [f"digest-{next(_numbers)}" for _ in range(8)]
    recovery_codes.make(session, account_id, digests, at=at, rooted_in_sms_at=None)
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
