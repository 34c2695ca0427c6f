"""Reads what people can sign in with out of their rows, for many accounts with as many queries as for one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from domain.facts import Channel
from domain.host.ceremonies import Ceremonies
from domain.inventory import OtherMethod
from domain.safety.routes import Route, proven_routes
from domain.upkeep.possessions import OwnPasskey, Possessions, lives_on_phone
from store.journeys import facts, recoverable
from store.journeys.facts import Rows
from store.messages import contact_faults
from store.people import authenticator_apps, host_routes, trust
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode


def of_account(session: Session, account_id: str, *, now: datetime) -> Possessions:
    """What one account can be opened with; raises Unknown."""
    return of_accounts(session, [account_id], now=now)[account_id]


def of_accounts(session: Session, account_ids: Sequence[str], *, now: datetime) -> dict[str, Possessions]:
    """What several accounts can be opened with, by account id; raises Unknown."""
    rows = facts.gather(session, account_ids)
    recovering = recoverable.of_accounts(session, account_ids, now=now)
    apps = authenticator_apps.working_of(session, account_ids)
    with_codes = _with_codes(session, account_ids)
    is_here = host_routes.ceremonies(session) is Ceremonies.HOSTED
    return {
        account_id: replace(
            _read(rows, account_id, had_codes=account_id in with_codes, is_here=is_here, now=now),
            proofs=recovering[account_id][0] if is_here else (),
            link_channels=recovering[account_id][1],
            has_app=account_id in apps,
            app_is_established=any(trust.of_row(app).is_established(now) for app in apps.get(account_id, ())),
        )
        for account_id in account_ids
    }


def _read(rows: Rows, account_id: str, *, had_codes: bool, is_here: bool, now: datetime) -> Possessions:
    account = rows.accounts[account_id]
    codes_left, is_proven = rows.codes.get(account_id, (0, False))
    fault = rows.faults.get((account_id, Channel.EMAIL))
    is_active = account.deactivated_at is None
    return Possessions(
        passkeys=tuple(_passkey(passkey, now) for passkey in rows.passkeys.get(account_id, ())),
        codes_left=codes_left if is_proven else 0,
        codes_are_established=_any_established(rows.code_sets.get(account_id, ()), now),
        has_had_codes=had_codes,
        texts_sign_in=Route.SMS in proven_routes(facts.from_rows(rows, account_id)),
        has_email=account.email is not None,
        email_fails=fault is not None and fault.is_about(account.email) and fault.is_broken,
        other_methods=_other_methods(account),
        can_be_rescued=is_here and is_active and bool(contact_faults.contacts(account)),
    )


def _passkey(passkey: Passkey, now: datetime) -> OwnPasskey:
    return OwnPasskey(
        passkey_id=passkey.passkey_id,
        name=passkey.name,
        is_synced=passkey.backed_up,
        is_on_phone=lives_on_phone(passkey.platform, passkey.transports),
        is_established=passkey.lowered_at is None and trust.of_row(passkey).is_established(now),
        bound_at=passkey.bound_at,
        last_used_at=passkey.last_used_at,
    )


def _any_established(codes: Sequence[RecoveryCode], now: datetime) -> bool:
    return any(trust.of_row(code).is_established(now) for code in codes)


def _other_methods(account: Account) -> frozenset[OtherMethod]:
    return frozenset(OtherMethod(method) for method in account.other_methods or ())


def _with_codes(session: Session, account_ids: Sequence[str]) -> frozenset[str]:
    """The accounts that ever had a set of codes that its owner keeps."""
    query = select(RecoveryCode.account_id).where(
        col(RecoveryCode.account_id).in_(account_ids), col(RecoveryCode.proven_at).is_not(None)
    )
    return frozenset(session.exec(query.distinct()))
