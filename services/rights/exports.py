"""Writes out all that is kept about one person: every table, and what happened in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from domain.desk.acts import Act
from domain.journal import Actor, EventKind
from domain.rights.kept_tables import ELSEWHERE, PERSONAL
from domain.rights.retention import Retention
from domain.staff.approvals import FETCHED_WITHIN, ApprovalRefused, Decision, Hand
from domain.staff.staff import AuditKind, Author
from domain.words import timeline
from domain.words.desk_words import ACTORS
from services.container import Services
from store import Session
from store.acts import refusals
from store.people import accounts, journal
from store.people.accounts import Account
from store.rights import personal_rows
from store.staff import audit, staff_requests
from store.staff.staff_requests import StaffRequest


class ExportForm(StrEnum):
    """For programs, or to read."""

    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One entry of the account's journal as a sentence."""

    at: datetime
    who: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ExportedTable:
    """One table: what it is for, and its rows about the person. `kept_for` says how long such rows are kept."""

    name: str
    what: str
    why: str
    kept_for: str
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class AccountExport:
    """All that is kept about one person at one moment.

    `version` grows when a program that reads the former one would misread this one. Secrets (codes, tokens, what lies
    sealed) are named and not shown; members of staff are not named. `locale` is the person's language as the service
    told it, `language` that of the sentences.
    """

    format: Literal["offramp.account-export"]
    version: Literal[1]
    made_at: datetime
    service: str
    locale: str
    language: Literal["en"]
    account_id: str
    external_id: str
    history: Sequence[Happening]
    tables: Sequence[ExportedTable]
    elsewhere: Sequence[str]


def write_out(
    session: Session,
    account: Account,
    author: Author,
    form: ExportForm,
    *,
    service: str,
    retention: Retention,
    reason: str,
    at: datetime,
    **detail: str,
) -> AccountExport:
    """Read all rows about a locked account, and note in its journal and in the audit that this was done."""
    account_id = account.account_id
    rows = personal_rows.read(session, account_id)
    signed = {"by": author.mark, "together_with": author.together_with}
    filled = {name: mark for name, mark in signed.items() if mark}
    kind, actor = EventKind.DATA_EXPORTED, Actor.STAFF
    journal.append(session, account_id, kind, at=at, actor=actor, form=form, **filled)
    audited = AuditKind.DATA_EXPORTED
    audit.append(session, author, audited, at=at, account_id=account_id, reason=reason, form=form, **detail)
    return AccountExport(
        format="offramp.account-export",
        version=1,
        made_at=at,
        service=service,
        locale=account.locale,
        language="en",  # as all pages are
        account_id=account_id,
        external_id=account.external_id,
        history=tuple(_happening(row) for row in rows["journal"]),
        tables=tuple(
            ExportedTable(
                name=kept.name,
                what=kept.what,
                why=kept.why,
                kept_for=kept.kept_for(retention),
                rows=rows[kept.name],
            )
            for kept in PERSONAL
        ),
        elsewhere=ELSEWHERE,
    )


def fetch(services: Services, request_id: str, author: Author, hand: Hand, form: ExportForm) -> AccountExport:
    """What a second member has approved, for the member who asked. Raises Unknown, ApprovalRefused."""
    now = services.clock()
    with refusals.deciding(services.database, author, request_id, at=now) as session:
        request = staff_requests.get(session, request_id)
        account = accounts.lock(session, request.account_id)
        _require_fetchable(request, account, hand, now)
        return write_out(
            session,
            account,
            author,
            form,
            service=services.site.service_name,
            retention=services.retention,
            reason=request.reason,
            at=now,
            request_id=request_id,
        )


def may_be_fetched(request: StaffRequest, now: datetime) -> bool:
    """Whether what was asked for is approved, and not for too long."""
    return (
        request.act == Act.EXPORT
        and request.decision == Decision.APPROVED
        and request.decided_at is not None
        and now < request.decided_at + FETCHED_WITHIN
    )


def _require_fetchable(request: StaffRequest, account: Account, hand: Hand, now: datetime) -> None:
    if request.asked_by != hand.staff_id:
        raise ApprovalRefused("It is for the member who asked for it, and for nobody else.")
    if account.deleted_at:
        raise ApprovalRefused("The account is gone, and nothing about the person is left.")
    if not may_be_fetched(request, now):
        raise ApprovalRefused("This is not approved, or was approved too long ago. Ask for it again.")


def _happening(row: dict[str, Any]) -> Happening:
    return Happening(
        at=datetime.fromisoformat(row["at"]),
        who=ACTORS[row["actor"]],
        sentence=timeline.sentence(EventKind(row["kind"]), row["detail"]),
    )
