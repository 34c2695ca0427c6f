"""Six-digit codes: kept as keyed digests, five tries each, good once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import TRIES, is_any
from domain.errors import CodeRejected
from domain.messages.messages import CODE_LIFETIME
from store.engine.types import Instant


class CodePurpose(StrEnum):
    """What a code is good for."""

    SIGN_IN = "sign_in"
    VERIFY_EMAIL = "verify_email"
    HOLD_PASSKEY = "hold_passkey"
    RESTORE_SMS = "restore_sms"
    RECOVER_BY_EMAIL = "recover_by_email"
    RECOVER_BY_SMS = "recover_by_sms"


class OneTimeCode(SQLModel, table=True):
    """One code for one browser session. Without an account it can never match: nobody learns who exists.

    `asked_for` is the account whose contact was typed, empty for nobody; `account_id` is filled in when the code is on
    its way. `subject` is the keyed digest by which attempts are counted, whether there is an account or not. After a
    rotation it may hang on another secret key, `subject_key_id`, than the digest of the code, `key_id`.
    """

    __tablename__ = "one_time_code"

    code_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    session_id: str = Field(foreign_key="session.session_id", index=True)
    purpose: str
    account_id: str | None = Field(default=None, foreign_key="account.account_id")
    email: str | None = None
    asked_for: str = ""
    subject: str = ""
    digest: str
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    subject_key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    tries_left: int = TRIES
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def issue(
    session: Session,
    *,
    session_id: str,
    purpose: CodePurpose,
    account_id: str | None,
    digest: str,
    now: datetime,
    email: str | None = None,
    asked_for: str = "",
    subject: str = "",
    key_id: str = "",
    subject_key_id: str = "",
) -> OneTimeCode:
    """Keep a new code; earlier ones of the same session and purpose are void."""
    session.execute(
        update(OneTimeCode)
        .where(
            col(OneTimeCode.session_id) == session_id,
            col(OneTimeCode.purpose) == purpose,
            col(OneTimeCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    code = OneTimeCode(
        session_id=session_id,
        purpose=purpose,
        account_id=account_id,
        email=email,
        asked_for=asked_for,
        subject=subject,
        digest=digest,
        key_id=key_id,
        subject_key_id=subject_key_id,
        made_at=now,
        expires_at=now + CODE_LIFETIME,
    )
    session.add(code)
    session.flush()
    return code


def address_to(session: Session, code_id: str, account_id: str) -> OneTimeCode | None:
    """Let a code sign in to this account, as it is on its way there; None if the code is gone."""
    code = session.get(OneTimeCode, code_id)
    if code is not None:
        code.account_id = account_id
        session.add(code)
        session.flush()
    return code


def pending(session: Session, session_id: str, purpose: CodePurpose, *, now: datetime) -> OneTimeCode | None:
    """The unused code of this browser session that has not expired."""
    query = select(OneTimeCode).where(
        OneTimeCode.session_id == session_id,
        OneTimeCode.purpose == purpose,
        col(OneTimeCode.used_at).is_(None),
        col(OneTimeCode.expires_at) > now,
    )
    by_age = query.order_by(col(OneTimeCode.made_at).desc(), col(OneTimeCode.code_id).desc()).limit(1)
    return session.exec(by_age.with_for_update().execution_options(populate_existing=True)).first()


def latest(session: Session, session_id: str, purpose: CodePurpose) -> OneTimeCode | None:
    """The code that this browser session asked for last, even if it is used or expired."""
    query = select(OneTimeCode).where(OneTimeCode.session_id == session_id, OneTimeCode.purpose == purpose)
    return session.exec(
        query.order_by(col(OneTimeCode.made_at).desc(), col(OneTimeCode.code_id).desc())
    ).first()


def first_asked(session: Session, session_id: str, purpose: CodePurpose) -> datetime | None:
    """When this browser session asked for its first code: the time of a sign-in is counted from then on."""
    made_at = select(func.min(OneTimeCode.made_at))
    return session.exec(
        made_at.where(OneTimeCode.session_id == session_id, OneTimeCode.purpose == purpose)
    ).one()


def take(code: OneTimeCode | None, *digests: str, now: datetime) -> OneTimeCode | CodeRejected:
    """Spend a try: returns the code if one of the digests matches, else the refusal, to be raised *after the commit*.

    A refusal that is raised inside the transaction would undo the spent try.
    """
    if code is None or code.tries_left <= 0:
        return CodeRejected(tries_left=0)
    if is_any(code.digest, digests) and code.account_id is not None:
        code.used_at = now
        return code
    code.tries_left -= 1
    return CodeRejected(tries_left=code.tries_left)
