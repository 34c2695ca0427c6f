"""Reads what a pack says of some accounts at once, without keeping a row in memory behind that."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from domain.desk.exemptions import ExemptionRecord
from domain.evidence.entries import EntryRecord
from domain.journal import EventKind
from domain.messages.messages import Purpose
from store.evidence import entries
from store.journeys.journeys import Journey
from store.journeys.policies import StoredPolicy
from store.journeys.sms import StoredOffProof
from store.messages.message_rows import Message
from store.people import journal
from store.people.accounts import Account
from store.people.exemptions import Exemption
from store.rollouts.members import Member

BATCH = 200
"""Accounts that are read at once, and that share one page of a pack."""

TELLING = (Purpose.NOTICE, Purpose.NUDGE)
"""What a pack tells of: codes are no evidence of anything that was told."""

EXEMPTING = (
    EventKind.PAUSED,
    EventKind.RESUMED,
    EventKind.EXTENDED,
    EventKind.EXTENSION_ENDED,
    EventKind.EXEMPTED,
    EventKind.EXEMPTION_RENEWED,
    EventKind.EXEMPTION_REVIEWED,
    EventKind.EXEMPTION_EXPIRED,
    EventKind.EXEMPTION_ENDED,
)
"""Entries by which support leaves somebody alone, or gives more time, and takes it back."""

SWITCHING = (
    EventKind.JOURNEY_STARTED,
    EventKind.END_TOLD,
    EventKind.NOTICE_GIVEN,
    EventKind.NOTICE_MISSED,
    EventKind.SMS_SUSPENDED,
    EventKind.SMS_RESTORED,
    EventKind.SMS_REMOVED,
    EventKind.OBJECTED,
    EventKind.OBJECTION_SETTLED,
    EventKind.JOURNEY_ENDED,
    EventKind.ACCOUNT_DELETED,
    EventKind.ACCOUNT_ERASED,
)
"""Entries about the end of text-message codes, which a pack's pages tell in sentences."""

_Row = TypeVar("_Row", bound=SQLModel)


@dataclass(frozen=True, kw_only=True)
class AccountRows:
    """The rows about one account, each kind in the order of time. `policy` is that of its journey."""

    account: Account
    member: Member | None
    journey: Journey | None
    policy: StoredPolicy | None
    proofs: Sequence[StoredOffProof]
    messages: Sequence[Message]
    exemptions: Sequence[ExemptionRecord]
    exempting: Sequence[EntryRecord]
    switching: Sequence[EntryRecord]
    counts: Mapping[tuple[str, str], int]


def members_of(session: Session, cohort_id: str, *, after: str) -> list[str]:
    """The next members of a cohort behind an account, launched or not, in the order of their ids."""
    query = select(Member.account_id).where(Member.cohort_id == cohort_id, Member.account_id > after)
    return list(session.exec(query.order_by(Member.account_id).limit(BATCH)).all())


def read(session: Session, account_ids: Sequence[str], *, cohort_id: str | None) -> list[AccountRows]:
    """The rows about some accounts; of a cohort's pack with their places in it, of others with that which launched."""
    proofs = _by_account(session, StoredOffProof, account_ids, "proof_id")
    tellings = _by_account(
        session, Message, account_ids, "created_at", "key", where=col(Message.purpose).in_(TELLING)
    )
    journeys = {row.account_id: row for row in _rows(session, Journey, account_ids, "account_id")}
    policies = {row.policy_id: row for row in session.exec(select(StoredPolicy))}
    places = _members(session, account_ids, cohort_id)
    happened = journal.counts(session, account_ids)
    exemptions = _by_account(session, Exemption, account_ids, "granted_at", "exemption_id")
    exempting = _grouped(entries.of_kinds(session, account_ids, EXEMPTING))
    switching = _grouped(entries.of_kinds(session, account_ids, SWITCHING))
    read_rows = [
        AccountRows(
            account=account,
            member=places.get(account.account_id),
            journey=journeys.get(account.account_id),
            policy=_policy(policies, journeys.get(account.account_id)),
            proofs=proofs[account.account_id],
            messages=tellings[account.account_id],
            exemptions=[row.record() for row in exemptions[account.account_id]],
            exempting=exempting[account.account_id],
            switching=switching[account.account_id],
            counts=happened.get(account.account_id, Counter()),
        )
        for account in _rows(session, Account, account_ids, "account_id")
    ]
    session.expunge_all()
    return read_rows


def _policy(policies: Mapping[str, StoredPolicy], journey: Journey | None) -> StoredPolicy | None:
    return policies.get(journey.policy_id) if journey else None


def _members(session: Session, account_ids: Sequence[str], cohort_id: str | None) -> dict[str, Member]:
    query = select(Member).where(col(Member.account_id).in_(account_ids))
    is_meant = col(Member.launched_at).is_not(None) if cohort_id is None else Member.cohort_id == cohort_id
    return {row.account_id: row for row in session.exec(query.where(is_meant))}


def _rows(
    session: Session, table: type[_Row], account_ids: Sequence[str], *order: str, where: object = None
) -> Sequence[_Row]:
    query = select(table).where(col(table.account_id).in_(account_ids))  # type: ignore[attr-defined]
    if where is not None:
        query = query.where(where)  # type: ignore[arg-type]
    return session.exec(query.order_by(*(getattr(table, name) for name in order))).all()


def _by_account(
    session: Session, table: type[_Row], account_ids: Sequence[str], *order: str, where: object = None
) -> Mapping[str, Sequence[_Row]]:
    grouped: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in _rows(session, table, account_ids, *order, where=where):
        grouped[row.account_id].append(row)  # type: ignore[attr-defined]
    return grouped


def _grouped(records: Sequence[EntryRecord]) -> Mapping[str, Sequence[EntryRecord]]:
    grouped: defaultdict[str, list[EntryRecord]] = defaultdict(list)
    for record in records:
        grouped[record.account_id].append(record)
    return grouped
