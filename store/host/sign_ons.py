"""Sign-ons: one request of a host for one browser, from its arrival to the code, and to the tokens that it gives."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import digest
from domain.host.sign_on import CODE_LIFETIME, TOKEN_LIFETIME, SignOnAnswer
from store.engine.types import Instant
from store.people.sessions import WebSession


class SignOn(SQLModel, table=True):
    """One sign-on. The session that it came by, and those that take its place, name it in `sign_on_id`.

    `expected_id` is the account that the host has announced. `answer` is what the person said on the way; it stays
    unsaid until `left_at`, when they went back. Without `account_id` they went back without having signed in.
    """

    __tablename__ = "sign_on"

    sign_on_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    wish: str
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    sealed_hint: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    expected_id: str | None = None
    began_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    answer: str | None = None
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    account_id: str | None = Field(default=None, index=True)
    acr: str | None = None
    amr: str | None = None
    shown_at: datetime | None = Field(default=None, sa_type=Instant)
    code_digest: str | None = Field(default=None, unique=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    token_digest: str | None = Field(default=None, unique=True)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)

    def is_open(self, now: datetime) -> bool:
        """Whether the person can still go back by it."""
        return self.left_at is None and now < self.expires_at


def begin(session: Session, sign_on: SignOn) -> None:
    """Keep a new sign-on."""
    session.add(sign_on)
    session.flush()


def carry(session: Session, session_id: str, sign_on: SignOn) -> None:
    """Let a browser's session carry a sign-on, in the place of any that it carried before."""
    statement = update(WebSession).where(col(WebSession.session_id) == session_id)
    session.execute(statement.values(sign_on_id=sign_on.sign_on_id))


def expect(session: Session, sign_on: SignOn, account_id: str) -> None:
    """Note whom the host has announced."""
    sign_on.expected_id = account_id
    session.add(sign_on)
    session.flush()


def ask_anew(session: Session, sign_on: SignOn) -> None:
    """Let no sign-in of before the sign-on be enough for it."""
    sign_on.not_before = sign_on.began_at
    session.add(sign_on)
    session.flush()


def find(session: Session, sign_on_id: str | None) -> SignOn | None:
    """The sign-on that a session carries, as it stands now; None if it carries none."""
    if sign_on_id is None:
        return None
    return session.get(SignOn, sign_on_id)


def lock(session: Session, sign_on_id: str) -> SignOn | None:
    """The sign-on of an id, with its row locked."""
    query = select(SignOn).where(SignOn.sign_on_id == sign_on_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def note_answer(session: Session, sign_on: SignOn, answer: SignOnAnswer) -> None:
    """Note what the person has said; the last word counts."""
    sign_on.answer = answer
    session.add(sign_on)
    session.flush()


def leave(session: Session, sign_on: SignOn, *, at: datetime) -> None:
    """Note that the person went back without having signed in."""
    sign_on.left_at = at
    session.add(sign_on)
    session.flush()


def give_code(
    session: Session,
    sign_on: SignOn,
    code: str,
    *,
    account_id: str,
    answer: SignOnAnswer,
    acr: str,
    amr: tuple[str, ...],
    shown_at: datetime,
    at: datetime,
) -> None:
    """Note that a person went back with a code, and what the code stands for."""
    sign_on.left_at, sign_on.code_digest = at, digest(code)
    sign_on.account_id, sign_on.answer = account_id, answer
    sign_on.acr, sign_on.amr, sign_on.shown_at = acr, " ".join(amr), shown_at
    session.add(sign_on)
    session.flush()


def of_code(session: Session, code: str) -> SignOn | None:
    """The sign-on of a code, whether it still works or not, with its row locked."""
    query = select(SignOn).where(SignOn.code_digest == digest(code)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def is_code_current(sign_on: SignOn, *, now: datetime) -> bool:
    """Whether the code of a sign-on has neither been used nor expired."""
    return sign_on.used_at is None and sign_on.left_at is not None and now < sign_on.left_at + CODE_LIFETIME


def use_code(session: Session, sign_on: SignOn, token: str, *, at: datetime) -> None:
    """Use a code up; an access token takes its place."""
    sign_on.used_at, sign_on.token_digest = at, digest(token)
    session.add(sign_on)
    session.flush()


def revoke(session: Session, sign_on: SignOn, *, at: datetime) -> None:
    """End what the code of a sign-on has given."""
    sign_on.revoked_at = sign_on.revoked_at or at
    session.add(sign_on)
    session.flush()


def of_token(session: Session, token: str, *, now: datetime) -> SignOn | None:
    """The sign-on of an access token that works now."""
    sign_on = session.exec(select(SignOn).where(SignOn.token_digest == digest(token))).first()
    if sign_on is None or sign_on.used_at is None or sign_on.revoked_at:
        return None
    return sign_on if now < sign_on.used_at + TOKEN_LIFETIME else None
