"""The queries behind the invariants: each counts the rows that break one promise."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, exists, or_, select, text
from sqlmodel.sql.expression import SelectOfScalar

from domain.facts import Channel, SmsState
from domain.journal import EventKind
from domain.messages.messages import SEND_TIMEOUT, MessageState
from store.journeys.journeys import Journey
from store.journeys.sms import StoredOffProof
from store.messages import stops
from store.messages.contact_faults import ContactFault
from store.messages.messages import Message
from store.people import authenticator_apps, passkeys
from store.people.accounts import Account, is_deleted
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.journal import JournalEntry
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.rollouts.cohorts import StoredCohort
from store.rollouts.members import Member
from store.safety.objections import Objection

NEWEST = 100_000
"""How many of the journal's newest entries are read for what they say; nobody changes an entry that was read before."""

Count = SelectOfScalar[int]


def sms_off_without_proof(_: datetime) -> Count:
    """Accounts whose SMS is off without a proof of that state since then."""
    return _accounts(_sms_off(), ~_proof_on_record())


def without_route(_: datetime) -> Count:
    """Accounts without a proven way in, unless their owner has given up the last one, or never had one here.

    They may have used up a recovery code, or answered STOP to the only thing that signed them in. An account whose host
    never told a number that can be used is not left without a way, nor is one whose number is another person's now, or
    that its host has deleted. What lives with the host goes there, and no rule of ours can keep it: `gone_at_host`
    counts these.
    """
    nothing_left = (~_texts_reach(), ~_passkey_proven(), ~_recovery_proven(), ~_app_proven())
    by_others = (
        ~_used_up_by_owner(),
        ~_stopped_by_owner(),
        ~_has_no_phone(),
        ~_lost_at_host(),
        ~is_deleted(),
    )
    return _accounts(*nothing_left, *by_others)


def gone_at_host() -> Count:
    """Accounts whose SMS is off for good, and whose last proven way in has gone at the host."""
    return _accounts(_lost_at_host(), ~_passkey_proven(), ~_recovery_proven(), ~_app_proven())


def stopped_without_other_way() -> Count:
    """Accounts whose owners have answered STOP to the texts that were their only proven way in."""
    nothing_else = (~_passkey_proven(), ~_recovery_proven(), ~_app_proven())
    return _accounts(_texts_on(), stops.is_stopped(), *nothing_else)


def sms_off_outside_journey(_: datetime) -> Count:
    """Accounts whose SMS is not simply on, and that never had a journey."""
    has_journey = exists().where(col(Journey.account_id) == Account.account_id)
    return _accounts(col(Account.sms) != SmsState.ON, ~has_journey)


def facts_not_journaled(_: datetime) -> Count:
    """Accounts whose facts have a version that no entry has."""
    return _accounts(col(Account.facts_version) != _last_version())


def repeated_versions(_: datetime) -> Count:
    """Versions that several entries of one account have."""
    repeated = (
        select(JournalEntry.account_id)
        .group_by(JournalEntry.account_id, col(JournalEntry.version))
        .having(func.count() > 1)
    )
    return select(func.count()).select_from(repeated.subquery())


def sending_for_too_long(now: datetime) -> Count:
    """Messages whose sender is gone, and that nobody has made `unknown`."""
    # The relay settles a lost claim within seconds; the doubled time lets it do so first.
    return (
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.state) == MessageState.SENDING,
            or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) <= now - 2 * SEND_TIMEOUT),
        )
    )


def handed_twice(_: datetime) -> Count:
    """Messages that providers took more than once, among the newest entries."""
    key = col(JournalEntry.detail)["key"].as_string()
    repeated = (
        select(key)
        .where(_is_new(), col(JournalEntry.kind) == EventKind.MESSAGE_SENT)
        .group_by(key)
        .having(func.count() > 1)
    )
    return select(func.count()).select_from(repeated.subquery())


def members_out_of_place(_: datetime) -> Count:
    """Members who were held out and launched all the same, or whom a wave launched that has not begun."""
    is_launched = or_(col(Member.launched_at).is_not(None), col(Member.wave).is_not(None))
    is_ahead = col(Member.wave) > col(StoredCohort.standing)["wave"].as_integer()
    return (
        select(func.count())
        .select_from(Member)
        .join(StoredCohort, col(StoredCohort.cohort_id) == Member.cohort_id)
        .where(or_(and_(col(Member.held_out), is_launched), is_ahead))
    )


def contacts_on_record(_: datetime) -> Count:
    """Newest entries that hold their account's number or address, and messages under way whose keys hold theirs.

    The keys of messages are known to Temporal.
    """
    detail = cast(col(JournalEntry.detail), String)
    holds = or_(_contains(func.lower(detail), col(Account.email_key)), _contains(detail, col(Account.phone)))
    entries = (
        select(func.count())
        .select_from(JournalEntry)
        .join(Account, col(Account.account_id) == JournalEntry.account_id)
        .where(_is_new(), holds)
    )
    keys = (
        select(func.count())
        .select_from(Message)
        .where(
            text("state IN ('queued', 'handed', 'sending')"),
            _contains(func.lower(Message.key), col(Message.recipient_key)),
        )
    )
    return select(entries.scalar_subquery() + keys.scalar_subquery())


def _accounts(*conditions: ColumnElement[bool]) -> Count:
    return select(func.count()).select_from(Account).where(*conditions)


def _contains(words: Any, contact: Any) -> ColumnElement[bool]:
    """Whether a text contains a contact. An underscore in an address stands for any letter, which does no harm."""
    return and_(func.coalesce(contact, "") != "", words.like("%" + contact + "%"))


def _is_new() -> ColumnElement[bool]:
    last_id = select(func.max(JournalEntry.entry_id)).scalar_subquery()
    return col(JournalEntry.entry_id) > last_id - NEWEST


def _sms_off() -> ColumnElement[bool]:
    return col(Account.sms).in_([SmsState.SUSPENDED, SmsState.REMOVED])


def _texts_on() -> ColumnElement[bool]:
    return and_(~_sms_off(), col(Account.phone).is_not(None))


def _texts_reach() -> ColumnElement[bool]:
    return and_(_texts_on(), ~stops.is_stopped())


def _has_no_phone() -> ColumnElement[bool]:
    """Whether the account never had a number that can be used, or the host says that it is another person's."""
    disowned = exists().where(
        col(ContactRecord.account_id) == Account.account_id,
        col(ContactRecord.channel) == Channel.SMS,
        col(ContactRecord.disowned_at).is_not(None),
    )
    return or_(_never_had_phone(), and_(col(Account.phone).is_(None), disowned))


def _never_had_phone() -> ColumnElement[bool]:
    """Whether the account came without a number that can be used, and has had none since."""
    came_without = exists().where(
        col(JournalEntry.account_id) == Account.account_id,
        col(JournalEntry.kind) == EventKind.ACCOUNT_IMPORTED,
        col(JournalEntry.detail)["lacks"].as_string() == Channel.SMS,
    )
    number_since = exists().where(
        col(ContactRecord.account_id) == Account.account_id, col(ContactRecord.channel) == Channel.SMS
    )
    return and_(col(Account.phone).is_(None), came_without, ~number_since)


def _proof_on_record() -> ColumnElement[bool]:
    return exists().where(
        col(StoredOffProof.account_id) == Account.account_id,
        col(StoredOffProof.state) == Account.sms,
        col(StoredOffProof.at) >= Account.sms_since,
    )


def _passkey_proven() -> ColumnElement[bool]:
    return exists().where(
        col(Passkey.account_id) == Account.account_id,
        *passkeys.is_active(),
        col(Passkey.last_used_at).is_not(None),
    )


def _recovery_proven() -> ColumnElement[bool]:
    return exists().where(
        col(RecoveryCode.account_id) == Account.account_id,
        col(RecoveryCode.proven_at).is_not(None),
        col(RecoveryCode.used_at).is_(None),
        col(RecoveryCode.voided_at).is_(None),
    )


def _app_proven() -> ColumnElement[bool]:
    return exists().where(
        col(AuthenticatorApp.account_id) == Account.account_id, *authenticator_apps.works_now()
    )


def _app_gone(since: Any) -> ColumnElement[bool]:
    """Whether an app that was set up has gone since, or is held."""
    return exists().where(
        col(AuthenticatorApp.account_id) == Account.account_id,
        col(AuthenticatorApp.proven_at).is_not(None),
        or_(col(AuthenticatorApp.removed_at) > since, col(AuthenticatorApp.held_at) > since),
    )


def _lost_at_host() -> ColumnElement[bool]:
    """Whether SMS is off for good, and a proven way in that lives with the host has gone there."""
    passkey_gone = exists().where(
        col(Passkey.account_id) == Account.account_id,
        col(Passkey.host_id).is_not(None),
        col(Passkey.last_used_at).is_not(None),
        col(Passkey.removed_at).is_not(None),
    )
    codes_gone = exists().where(
        col(RecoveryCode.account_id) == Account.account_id,
        col(RecoveryCode.host_id).is_not(None),
        col(RecoveryCode.proven_at).is_not(None),
        col(RecoveryCode.voided_at).is_not(None),
    )
    return and_(col(Account.sms) == SmsState.REMOVED, or_(passkey_gone, codes_gone))


def _used_up_by_owner() -> ColumnElement[bool]:
    """Whether a recovery code was the last way in, and signed in: nothing else has gone since."""
    other = aliased(RecoveryCode)
    used_at = col(RecoveryCode.used_at)
    passkey_gone = exists().where(
        col(Passkey.account_id) == Account.account_id,
        or_(col(Passkey.removed_at) > used_at, col(Passkey.frozen_at) > used_at),
    )
    voided = exists().where(col(other.account_id) == Account.account_id, col(other.voided_at) > used_at)
    return exists().where(
        col(RecoveryCode.account_id) == Account.account_id,
        col(RecoveryCode.proven_at).is_not(None),
        used_at.is_not(None),
        col(RecoveryCode.voided_at).is_(None),
        func.coalesce(col(Account.sms_since) <= used_at, True),
        ~passkey_gone,
        ~voided,
        ~_app_gone(used_at),
    )


def _stopped_by_owner() -> ColumnElement[bool]:
    """Whether SMS is on and its owner has closed it by STOP, and nothing has gone since but by an objection."""
    stopped_at = col(ContactFault.since)
    passkey_gone = exists().where(
        col(Passkey.account_id) == Account.account_id,
        col(Passkey.last_used_at).is_not(None),
        or_(col(Passkey.removed_at) > stopped_at, col(Passkey.frozen_at) > stopped_at),
    )
    codes_gone = exists().where(
        col(RecoveryCode.account_id) == Account.account_id,
        col(RecoveryCode.proven_at).is_not(None),
        col(RecoveryCode.voided_at) > stopped_at,
    )
    objected = exists().where(
        col(Objection.account_id) == Account.account_id, col(Objection.made_at) > stopped_at
    )
    is_nothing_gone = and_(
        func.coalesce(col(Account.sms_since) <= stopped_at, True),
        ~passkey_gone,
        ~codes_gone,
        ~_app_gone(stopped_at),
    )
    return and_(_texts_on(), exists().where(stops.is_stop(), or_(is_nothing_gone, objected)))


def _last_version() -> ColumnElement[int]:
    version = select(func.max(JournalEntry.version)).where(JournalEntry.account_id == Account.account_id)
    return func.coalesce(version.scalar_subquery(), 0)
