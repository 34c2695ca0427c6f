"""Prompts, ceremonies and sign-ins with their ends, kept for a short time: what fails, where, and on what software."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select, update

from domain.attempts import AttemptEnd, AttemptKind, Scene
from domain.facts import Method
from domain.prompts import SmsReason
from store.engine.types import Instant


class Attempt(SQLModel, table=True):
    """One attempt. `account_id` is None at the door, until somebody is known to be in.

    `provider` keeps the passkey of the ceremony, or the newest one of an account that signs in without it; `method` is
    filled of sign-ins, and `holds_passkey` says whether the account could have used a passkey. `milliseconds` run from
    the browser's being asked to its answer.
    """

    __table_args__ = (Index("ix_attempt_account_id", "account_id", "at"),)

    attempt_id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    account_id: str | None = Field(default=None, foreign_key="account.account_id")
    kind: str
    occasion: str
    outcome: str
    reason: str = ""
    method: str = ""
    holds_passkey: bool = False
    provider: str = ""
    browser: str = ""
    browser_major: int | None = None
    system: str = ""
    system_major: int | None = None
    platform_authenticator: bool | None = None
    conditional_get: bool | None = None
    conditional_create: bool | None = None
    hybrid: bool | None = None
    milliseconds: int | None = None


def add(
    session: Session,
    scene: Scene,
    kind: AttemptKind,
    outcome: AttemptEnd,
    *,
    at: datetime,
    account_id: str | None = None,
    reason: str = "",
    method: Method | None = None,
    holds_passkey: bool = False,
    provider: str = "",
    milliseconds: int | None = None,
) -> None:
    """Keep one attempt."""
    software, capabilities = scene.software, scene.capabilities
    session.add(
        Attempt(
            at=at,
            account_id=account_id,
            kind=kind,
            occasion=scene.occasion,
            outcome=outcome,
            reason=reason,
            method=method or "",
            holds_passkey=holds_passkey,
            provider=provider,
            browser=software.browser,
            browser_major=software.browser_major,
            system=software.system or "",
            system_major=software.system_major,
            platform_authenticator=capabilities.platform_authenticator,
            conditional_get=capabilities.conditional_get,
            conditional_create=capabilities.conditional_create,
            hybrid=capabilities.hybrid,
            milliseconds=milliseconds,
        )
    )


def note_reason(session: Session, account_id: str, reason: SmsReason, *, since: datetime) -> None:
    """Write to the newest sign-in by a text-message code since then why the person has not used the passkey."""
    newest = (
        select(col(Attempt.attempt_id))
        .where(
            col(Attempt.account_id) == account_id, col(Attempt.at) >= since, col(Attempt.method) == Method.SMS
        )
        .order_by(col(Attempt.at).desc(), col(Attempt.attempt_id).desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(update(Attempt).where(col(Attempt.attempt_id) == newest).values(reason=reason))
