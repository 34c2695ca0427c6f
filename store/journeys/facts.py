"""Reads the facts of accounts out of their rows. Times are cut to the second: no journey plans more finely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.facts import Channel, Facts, Nudged, SmsState
from store.journeys import journeys
from store.journeys.journeys import Course
from store.messages import contact_faults, message_facts
from store.messages.contact_faults import ContactFault
from store.messages.message_facts import Noticed
from store.people import accounts, passkeys, recovery_codes
from store.people.accounts import Account
from store.people.passkeys import Passkey


def read(session: Session, account_id: str) -> Facts:
    """What is true of an account in this transaction; raises Unknown."""
    return read_many(session, [account_id])[account_id]


def read_many(session: Session, account_ids: Sequence[str]) -> dict[str, Facts]:
    """What is true of several accounts in this transaction, with as many queries as for one account; raises Unknown."""
    rows = gather(session, account_ids)
    return {account_id: from_rows(rows, account_id) for account_id in account_ids}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of several accounts, by account id; an account that has no row of a kind is missing there."""

    accounts: Mapping[str, Account]
    passkeys: Mapping[str, Sequence[Passkey]]
    days: Mapping[str, int]
    codes: Mapping[str, tuple[int, bool]]
    nudges: Mapping[str, tuple[Nudged, ...]]
    notices: Mapping[str, Noticed]
    faults: Mapping[tuple[str, Channel], ContactFault]
    journeys: Mapping[str, Course]


def gather(session: Session, account_ids: Sequence[str]) -> Rows:
    """The rows that the facts of several accounts are read out of; raises Unknown."""
    by_id = accounts.get_many(session, account_ids)
    active_passkeys = passkeys.active_of(session, account_ids)
    return Rows(
        accounts=by_id,
        passkeys=active_passkeys,
        days=passkeys.days_used_by(session, list(active_passkeys)) if active_passkeys else {},
        codes=recovery_codes.left_of(session, account_ids),
        nudges=message_facts.nudges(session, account_ids),
        notices=_notices(session, by_id),
        faults=contact_faults.of_accounts(session, account_ids),
        journeys=journeys.of_accounts(session, account_ids),
    )


def from_rows(rows: Rows, account_id: str) -> Facts:
    """The facts of one account, read out of its rows."""
    account = rows.accounts[account_id]
    active_passkeys = rows.passkeys.get(account_id, ())
    proven_passkeys = [passkey for passkey in active_passkeys if passkey.last_used_at]
    first_to_count = min(proven_passkeys, key=_counts_sooner, default=None)
    course = rows.journeys.get(account_id)
    notice = rows.notices.get(account_id, Noticed(at=None, missed=False))
    codes_left, codes_proven = rows.codes.get(account_id, (0, False))
    return Facts(
        version=account.facts_version,
        time_zone=account.time_zone or account.phone_zone,
        channels=_channels(account, rows.faults),
        progress_at=_second(account.progress_at),
        exposed_at=_second(account.exposed_at),
        snoozed_until=_second(account.snoozed_until),
        nudges=rows.nudges.get(account_id, ()),
        stuck_since=_second(account.stuck_since),
        email_verified_at=_second(account.email_verified_at),
        passkeys=len(active_passkeys),
        synced_passkeys=sum(passkey.backed_up for passkey in active_passkeys),
        proven_passkeys=len(proven_passkeys),
        passkey_days=rows.days.get(account_id, 0),
        passkey_bound_at=_second(first_to_count.bound_at if first_to_count else None),
        passkey_rooted_in_sms_at=_second(first_to_count.rooted_in_sms_at if first_to_count else None),
        sim_checked_at=_second(account.sim_checked_at),
        sim_changed_at=_second(account.sim_changed_at),
        recovery_codes_left=codes_left,
        recovery_codes_proven=codes_proven,
        sms=SmsState(account.sms),
        sms_since=_second(account.sms_since),
        restored_at=_second(account.restored_at),
        held_since=_second(account.held_since),
        policy_changes=course.policy_changes if course else 0,
        capped_until=_second(account.capped_until),
        noticed_at=notice.at,
        notice_missed=notice.missed,
        disputed_since=_second(account.disputed_since),
        rests_until=_second(account.rests_until),
        extended_until=_second(account.extended_until),
        rescued_at=_second(account.rescued_at),
    )


def _counts_sooner(passkey: Passkey) -> tuple[bool, datetime]:
    """The sort key of how soon a passkey counts: passkeys that are not rooted in SMS come first."""
    return (passkey.rooted_in_sms_at is not None, passkey.rooted_in_sms_at or passkey.bound_at)


def _second(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None


def _notices(session: Session, by_id: Mapping[str, Account]) -> Mapping[str, Noticed]:
    under_notice = [account_id for account_id, account in by_id.items() if account.sms == SmsState.NOTICE]
    return message_facts.notices(session, under_notice) if under_notice else {}


def _channels(account: Account, faults: Mapping[tuple[str, Channel], ContactFault]) -> tuple[Channel, ...]:
    """The channels by which a reminder may go; a fault counts only for its own contact."""
    working = []
    for channel, contact in contact_faults.contacts(account).items():
        fault = faults.get((account.account_id, channel))
        if fault is None or fault.contact != contact:
            working.append(channel)
    return tuple(working)
