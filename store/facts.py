"""Reads the facts of one account out of its rows, instants to the second: a journey plans no finer than that."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.facts import Channel, Facts, Milestone, Nudged, SmsState
from domain.messages import Purpose
from store import accounts, passkeys, recovery_codes
from store.accounts import Account
from store.messages import Message
from store.passkeys import Passkey


def read(session: Session, account_id: str) -> Facts:
    """What is true of an account in this transaction; raises Unknown."""
    account = accounts.get(session, account_id)
    bound = passkeys.active(session, account_id)
    proven = [passkey for passkey in bound if passkey.last_used_at]
    standing = min(proven, key=_standing, default=None)
    codes_left, codes_proven = recovery_codes.left(session, account_id)
    return Facts(
        version=account.facts_version,
        time_zone=account.time_zone,
        channels=_channels(account),
        progress_at=_second(account.progress_at),
        exposed_at=_second(account.exposed_at),
        snoozed_until=_second(account.snoozed_until),
        nudges=_nudges(session, account_id),
        stuck_since=_second(account.stuck_since),
        email_verified_at=_second(account.email_verified_at),
        passkeys=len(bound),
        synced_passkeys=sum(passkey.backup_eligible for passkey in bound),
        proven_passkeys=len(proven),
        passkey_days=len(passkeys.days_used(session, account_id)) if proven else 0,
        passkey_bound_at=_second(standing.bound_at if standing else None),
        passkey_rooted_in_sms_at=_second(standing.rooted_in_sms_at if standing else None),
        sim_checked_at=_second(account.sim_checked_at),
        sim_changed_at=_second(account.sim_changed_at),
        recovery_codes_left=codes_left,
        recovery_codes_proven=codes_proven,
        sms=SmsState(account.sms),
        sms_since=_second(account.sms_since),
        restored_at=_second(account.restored_at),
    )


def _standing(passkey: Passkey) -> tuple[bool, datetime]:
    """Sorts passkeys by how soon they count: those that owe nothing to a text-message code come first."""
    return (passkey.rooted_in_sms_at is not None, passkey.rooted_in_sms_at or passkey.bound_at)


def _second(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None


def _channels(account: Account) -> tuple[Channel, ...]:
    present = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    return tuple(channel for channel, contact in present.items() if contact)


def _nudges(session: Session, account_id: str) -> tuple[Nudged, ...]:
    query = (
        select(Message.milestone, func.count(), func.max(Message.created_at))
        .where(Message.account_id == account_id, col(Message.purpose) == Purpose.NUDGE)
        .group_by(col(Message.milestone))
    )
    said = {milestone: (times, last_at) for milestone, times, last_at in session.exec(query)}
    return tuple(
        Nudged(
            milestone=milestone, times=said[milestone][0], last_at=said[milestone][1].replace(microsecond=0)
        )
        for milestone in Milestone
        if milestone in said
    )
