"""Reads the facts of accounts out of their rows. Times are cut to the second: no journey plans more finely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from domain.facts import Channel, Facts, HostChange, Nudged, SmsState
from domain.messages.messages import Fate
from domain.trust import Root, Trust, Way
from store.journeys import host_words, journeys
from store.journeys.host_words import HostWord
from store.journeys.journeys import Course
from store.messages import contact_faults, message_facts
from store.messages.contact_faults import ContactFault
from store.messages.message_facts import Noticed
from store.people import accounts, authenticator_apps, contacts, exemptions, passkeys, recovery_codes, trust
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import KnownContact
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode


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
    apps: Mapping[str, Sequence[AuthenticatorApp]]
    code_sets: Mapping[str, Sequence[RecoveryCode]]
    emails: Mapping[str, KnownContact | None]
    phones_shared: frozenset[str]
    phones_since: Mapping[str, datetime | None]
    host_words: Mapping[str, HostWord]


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
        apps=authenticator_apps.working_of(session, account_ids),
        code_sets=recovery_codes.proven_sets_of(session, account_ids),
        emails={account.account_id: _email(session, account) for account in by_id.values()},
        phones_shared=contacts.with_shared_phones(session, account_ids),
        host_words=host_words.of_accounts(session, account_ids),
        phones_since={account.account_id: _phone_since(session, account) for account in by_id.values()},
    )


def from_rows(rows: Rows, account_id: str) -> Facts:
    """The facts of one account, read out of its rows."""
    account = rows.accounts[account_id]
    active_passkeys = rows.passkeys.get(account_id, ())
    proven_passkeys = [passkey for passkey in active_passkeys if passkey.last_used_at]
    apps = rows.apps.get(account_id, ())
    stand_ins = apps if account.lacks_device_since and not proven_passkeys else ()
    may_count: list[Passkey | AuthenticatorApp] = [*proven_passkeys, *stand_ins]
    first_to_count = min(may_count, key=_counts_sooner, default=None)
    evidence = _evidence(rows, account, active_passkeys, first_to_count)
    course = rows.journeys.get(account_id)
    notice = rows.notices.get(account_id, Noticed(at=None, missed=False))
    word = rows.host_words.get(account_id) or HostWord(account_id=account_id)
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
        passkey_rooted_in_sms_at=_second(_rooted_weakly(first_to_count) if first_to_count else None),
        sim_checked_at=_second(account.sim_checked_at),
        sim_changed_at=_second(account.sim_changed_at),
        recovery_codes_left=codes_left,
        recovery_codes_proven=codes_proven,
        sms=SmsState(account.sms),
        sms_since=_second(account.sms_since),
        restored_at=_second(account.restored_at),
        held_since=_second(account.held_since),
        policy_changes=course.policy_changes if course else 0,
        epoch=course.epoch if course else 0,
        capped_until=_second(account.capped_until),
        noticed_at=notice.at,
        notice_missed=notice.missed,
        disputed_since=_second(account.disputed_since),
        rests_until=_second(account.rests_until),
        extended_until=_second(account.extended_until),
        rescued_at=_second(account.rescued_at),
        evidence_from=evidence.from_,
        unconfirmed=evidence.is_unconfirmed,
        sms_alone=first_to_count is not None and first_to_count.way == Way.SIM_WINDOW,
        phone_shared=account_id in rows.phones_shared,
        phone_missing=account.phone is None,
        sim_asked_at=_second(account.sim_asked_at),
        phone_since=_second(rows.phones_since[account_id]),
        texts_stopped=_fate_of_texts(account, rows.faults) == Fate.STOPPED,
        notice_until=notice.until,
        removal_not_before=_second(account.removal_not_before) if account.sms == SmsState.SUSPENDED else None,
        cools_off_until=_second(account.cools_off_until),
        deleted_at=_second(account.deleted_at),
        deactivated_at=_second(account.deactivated_at),
        host_asked=HostChange(word.change) if word.change else None,
        host_asked_since=_second(word.asked_since),
        host_asked_at=_second(word.asked_at),
        host_asked_times=word.asked_times,
        host_confirmed_at=_second(word.confirmed_at),
        host_refused=HostChange(word.refused) if word.refused else None,
        host_refused_at=_second(word.refused_at),
        host_refused_reason=word.refused_reason,
        host_reopened=account.sms == SmsState.SUSPENDED and word.said == SmsState.ON,
        authenticator_apps=len(apps),
        app_days=max((app.days_used for app in apps), default=0),
        lacks_device=account.lacks_device_since is not None,
        told_end_at=_second(account.told_end_at),
        told_end_since=_second(account.told_end_since),
        exempt_until=_second(exemptions.exempt_until(account)),
    )


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """From when the evidence for the end of SMS counts at the earliest, and whether that is not certain."""

    from_: datetime | None = None
    is_unconfirmed: bool = False


def _evidence(
    rows: Rows,
    account: Account,
    active_passkeys: Sequence[Passkey],
    first_to_count: Passkey | AuthenticatorApp | None,
) -> _Evidence:
    """The youngest of what signs in without SMS: the passkey, or the app in its place, the e-mail address, and each
    kind of second way in.

    Which kinds a policy accepts is not known here, so every kind that is there has to be established, but for those
    that wait for a confirmation while another kind does not.
    """
    email = rows.emails[account.account_id]
    if first_to_count is None or account.email_verified_at is None or email is None:
        return _Evidence()
    others = [passkey for passkey in active_passkeys if passkey is not first_to_count]
    apps = [app for app in rows.apps.get(account.account_id, ()) if app is not first_to_count]
    kinds = [kind for kind in (others, rows.code_sets.get(account.account_id, ()), apps) if kind]
    soonest = [min(map(_established, kind), key=_soonest) for kind in kinds]
    sound = [piece for piece in soonest if piece.from_]
    pieces = [_established(first_to_count), _from_trust(email.trust), *(sound or soonest)]
    moments = [piece.from_ for piece in pieces if piece.from_]
    return _Evidence(
        from_=_second(max(moments)) if len(moments) == len(pieces) else None,
        is_unconfirmed=any(piece.is_unconfirmed for piece in pieces),
    )


def _established(row: Passkey | RecoveryCode | AuthenticatorApp) -> _Evidence:
    if isinstance(row, Passkey) and row.lowered_at:
        return _Evidence(is_unconfirmed=True)
    return _from_trust(trust.of_row(row))


def _from_trust(bound: Trust) -> _Evidence:
    """A binding whose notice is under way is not established before it was bound; more is not known of it."""
    if bound.established_from:
        return _Evidence(from_=bound.established_from)
    return _Evidence(from_=bound.bound_at if bound.way is Way.NOTICE else None, is_unconfirmed=True)


def _soonest(piece: _Evidence) -> tuple[bool, bool, datetime]:
    return piece.from_ is None, piece.is_unconfirmed, piece.from_ or datetime.max.replace(tzinfo=UTC)


def _email(session: Session, account: Account) -> KnownContact | None:
    return contacts.present(session, account).get(Channel.EMAIL) if account.email_verified_at else None


def _phone_since(session: Session, account: Account) -> datetime | None:
    """When the number was changed after the import; most accounts have that of their import, and cost no query."""
    phone = contacts.present(session, account).get(Channel.SMS) if account.contacts_changed_at else None
    return phone.trust.bound_at if phone and phone.contact_id else None


def _rooted_weakly(row: Passkey | AuthenticatorApp) -> datetime | None:
    return None if row.root == Root.HOST else row.rooted_at


def _counts_sooner(row: Passkey | AuthenticatorApp) -> tuple[bool, bool, datetime]:
    """The sort key of how soon a passkey counts, or the app in its place.

    Those that only a confirmation establishes come last.
    """
    piece = _established(row)
    return piece.from_ is None, piece.is_unconfirmed, piece.from_ or row.bound_at


def _second(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None


def _notices(session: Session, by_id: Mapping[str, Account]) -> Mapping[str, Noticed]:
    under_notice = [account_id for account_id, account in by_id.items() if account.sms == SmsState.NOTICE]
    return message_facts.notices(session, under_notice) if under_notice else {}


def _channels(account: Account, faults: Mapping[tuple[str, Channel], ContactFault]) -> tuple[Channel, ...]:
    """The channels by which a reminder may go; a fault counts only for its own contact.

    What the provider does not carry is tried again only where nothing else reaches the person.
    """
    working, withheld = [], []
    for channel, contact in contact_faults.contacts(account).items():
        fault = faults.get((account.account_id, channel))
        if fault is None or not fault.is_about(contact):
            working.append(channel)
        elif fault.is_withheld:
            withheld.append(channel)
    return tuple(working or withheld)


def _fate_of_texts(account: Account, faults: Mapping[tuple[str, Channel], ContactFault]) -> str | None:
    """What becomes of texts to the number that the account has now; None if nothing is known against them."""
    fault = faults.get((account.account_id, Channel.SMS))
    return fault.fate if fault and fault.contact == account.phone else None
