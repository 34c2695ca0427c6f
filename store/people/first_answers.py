"""What a browser was answered to a one-time secret, kept for a minute: an answer that gets lost can be given again."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, delete

from store.engine.types import Instant
from store.engine.upserts import insert


class SecretKind(StrEnum):
    """Which secret was sent."""

    SIGN_IN_CODE = "sign_in_code"
    RECOVERY_CODE = "recovery_code"
    RESCUE_CODE = "rescue_code"
    DEVICE_LINK = "device_link"
    BROWSER_LINK = "browser_link"
    EMAIL_LINK = "email_link"
    EMAIL_CODE = "email_code"
    HOLD_CODE = "hold_code"
    RESTORE_CODE = "restore_code"
    RECOVERY_PROOF = "recovery_proof"
    APP_CODE = "app_code"


class FirstAnswer(SQLModel, table=True):
    """The newest answer of a kind to one browser: the keyed `digest` of the secret, and the answer, sealed.

    `key_id` is the secret key that both hang on.
    """

    __tablename__ = "first_answer"

    browser_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    digest: str
    sealed: bytes
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    expires_at: datetime = Field(sa_type=Instant, index=True)


def keep(session: Session, answer: FirstAnswer) -> None:
    """Keep an answer; it replaces the browser's earlier one of this kind."""
    key = {"browser_id": answer.browser_id, "kind": answer.kind}
    fields = {
        "digest": answer.digest,
        "sealed": answer.sealed,
        "key_id": answer.key_id,
        "expires_at": answer.expires_at,
    }
    row = insert(session, FirstAnswer).values(**key, **fields)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=fields))


def find(session: Session, browser_id: str, kind: SecretKind, *, now: datetime) -> FirstAnswer | None:
    """The browser's answer of a kind, unless a minute has passed since."""
    answer = session.get(FirstAnswer, (browser_id, kind), populate_existing=True)
    return answer if answer and answer.expires_at > now else None


def forget(session: Session, browser_id: str, kind: SecretKind) -> None:
    """Give an answer no more."""
    session.execute(
        delete(FirstAnswer).where(col(FirstAnswer.browser_id) == browser_id, col(FirstAnswer.kind) == kind)
    )
