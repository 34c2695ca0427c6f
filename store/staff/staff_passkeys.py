"""Passkeys of staff, in a table of their own: they open no person's account, and people's passkeys open no console."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import CeremonyRejected, LastRoute, Unknown
from domain.passkeys import Assertion
from store.engine.database import add_new
from store.engine.types import Instant


class StaffPasskey(SQLModel, table=True):
    """One credential of one member; removed passkeys stay on record."""

    __tablename__ = "staff_passkey"

    passkey_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    staff_id: str = Field(foreign_key="staff.staff_id", index=True)
    credential_id: str = Field(unique=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int
    aaguid: str
    transports: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    backup_eligible: bool
    backed_up: bool
    name: str
    bound_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


def active(session: Session, staff_id: str) -> Sequence[StaffPasskey]:
    """The member's passkeys that are not removed, oldest first."""
    query = select(StaffPasskey).where(
        StaffPasskey.staff_id == staff_id, col(StaffPasskey.removed_at).is_(None)
    )
    return session.exec(query.order_by(col(StaffPasskey.bound_at))).all()


def by_credential(session: Session, credential_id: str) -> StaffPasskey | None:
    """The active passkey of a credential id."""
    query = select(StaffPasskey).where(StaffPasskey.credential_id == credential_id)
    return session.exec(query.where(col(StaffPasskey.removed_at).is_(None))).first()


def find_ever_bound(session: Session, credential_id: str) -> StaffPasskey | None:
    """The passkey of a credential id, removed or not."""
    return session.exec(select(StaffPasskey).where(StaffPasskey.credential_id == credential_id)).first()


def on_record(session: Session, credential_id: str) -> bool:
    """Whether a credential id was ever bound here, removed or not."""
    query = select(StaffPasskey.passkey_id).where(StaffPasskey.credential_id == credential_id)
    return session.exec(query).first() is not None


def get(session: Session, staff_id: str, passkey_id: str) -> StaffPasskey:
    """An active passkey of this member; raises Unknown."""
    passkey = session.get(StaffPasskey, passkey_id)
    if passkey is None or passkey.staff_id != staff_id or passkey.removed_at:
        raise Unknown("that passkey is not one of this member")
    return passkey


def add(session: Session, passkey: StaffPasskey) -> None:
    """Bind a new passkey. Raises CeremonyRejected when another transaction has just bound the same credential."""
    add_new(session, passkey, refusal=CeremonyRejected("already_bound"))


def rename(session: Session, passkey: StaffPasskey, name: str) -> None:
    """Give a passkey the name by which its owner knows it."""
    passkey.name = name
    session.add(passkey)
    session.flush()


def remove(session: Session, passkey: StaffPasskey, *, at: datetime) -> None:
    """Take a passkey out of use. Raises LastRoute when the member would be left with none."""
    # The rows are locked: otherwise two requests at once could each remove the other's last passkey.
    query = select(StaffPasskey).where(
        StaffPasskey.staff_id == passkey.staff_id, col(StaffPasskey.removed_at).is_(None)
    )
    active_passkeys = session.exec(query.order_by(col(StaffPasskey.passkey_id)).with_for_update()).all()
    if len(active_passkeys) < 2:
        raise LastRoute("this is the member's last passkey")
    passkey.removed_at = at
    session.add(passkey)
    session.flush()


def note_use(session: Session, passkey: StaffPasskey, *, assertion: Assertion, at: datetime) -> None:
    """Record a ceremony; the highest signature counter is kept, and so is the right to be synced."""
    passkey.sign_count = max(passkey.sign_count, assertion.sign_count)
    passkey.backup_eligible = passkey.backup_eligible or assertion.backup_eligible
    passkey.backed_up = assertion.backed_up
    passkey.last_used_at = at
    session.add(passkey)
    session.flush()
