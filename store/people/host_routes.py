"""The host's events on which the facts of routes at the host rest, and those that came before what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, func, select, update

from domain.host.ceremonies import ROUTE_EVENTS, Ceremonies
from domain.host.events import HostEvent, HostEventKind
from store.engine.types import Instant
from store.people import passkeys, recovery_codes
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode

CEREMONIES = "ceremonies"
"""Under which name a session holds who runs the ceremonies, as its database was opened."""


class HostRouteEvent(SQLModel, table=True):
    """One event of the host; of those that say the same on one day, the earliest.

    `host_id` is the host's own name of the passkey or of the set of codes, empty where the event names none. `day` is
    by the person's own calendar. `codes_left` is what the last use of a code on that day has left of its set.
    """

    __tablename__ = "host_route_event"

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    kind: str = Field(primary_key=True)
    host_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    source: str
    event_id: str
    codes_left: int | None = None


@dataclass(frozen=True, kw_only=True)
class KeptRoutes:
    """How many passkeys and sets of recovery codes are kept, by where they live."""

    here: int
    at_host: int


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One event of the host, as evidence cites it."""

    kind: str
    source: str
    event_id: str
    at: datetime

    def stored(self) -> dict[str, str]:
        """The citation as a proof keeps it."""
        return {"kind": self.kind, "source": self.source, "id": self.event_id, "at": self.at.isoformat()}


def ceremonies(session: Session) -> Ceremonies:
    """Who runs the ceremonies of this instance; Offramp itself, if nothing else was said."""
    who: Ceremonies = session.info.get(CEREMONIES, Ceremonies.HOSTED)
    return who


def note(
    session: Session,
    account_id: str,
    event: HostEvent,
    *,
    host_id: str = "",
    at: datetime,
    day: date,
    codes_left: int | None = None,
) -> None:
    """Keep an event. The caller has locked the account."""
    kept = session.get(HostRouteEvent, (account_id, event.kind, host_id, day))
    row = kept or HostRouteEvent(
        account_id=account_id,
        kind=event.kind,
        host_id=host_id,
        day=day,
        at=at,
        source=event.source,
        event_id=event.event_id,
        codes_left=codes_left,
    )
    if at < row.at:
        row.at, row.source, row.event_id = at, event.source, event.event_id
    if codes_left is not None and (row.codes_left is None or codes_left < row.codes_left):
        row.codes_left = codes_left
    session.add(row)
    session.flush()


def of_route(
    session: Session, account_id: str, kind: HostEventKind, host_id: str
) -> Sequence[HostRouteEvent]:
    """The events of one kind about one passkey or set, earliest first."""
    query = select(HostRouteEvent).where(
        HostRouteEvent.account_id == account_id,
        HostRouteEvent.kind == kind,
        HostRouteEvent.host_id == host_id,
    )
    return session.exec(query.order_by(col(HostRouteEvent.at))).all()


def find_passkey(session: Session, account_id: str, host_id: str) -> Passkey | None:
    """The account's passkey that the host calls so, even if it is removed."""
    query = select(Passkey).where(Passkey.account_id == account_id, Passkey.host_id == host_id)
    return session.exec(query).first()


def find_set(session: Session, account_id: str, host_id: str) -> RecoveryCode | None:
    """A code of the account's set that the host calls so, whatever became of it; a working one, if one works."""
    query = select(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.host_id == host_id)
    codes = session.exec(query).all()
    return min(codes, key=lambda code: (code.voided_at is not None, code.used_at is not None), default=None)


def newest_set_at(session: Session, account_id: str) -> datetime | None:
    """When the newest set of codes that the host has told of was made; None without any."""
    query = select(RecoveryCode.made_at).where(
        RecoveryCode.account_id == account_id, col(RecoveryCode.host_id).is_not(None)
    )
    return session.exec(query.order_by(col(RecoveryCode.made_at).desc()).limit(1)).first()


def left_of_set(session: Session, account_id: str, set_id: str) -> int:
    """How many codes of a set work."""
    return len(_working(session, account_id, set_id))


def use_up(session: Session, account_id: str, set_id: str, *, left: int, at: datetime) -> None:
    """Use up codes of a set until no more than `left` work."""
    codes = _working(session, account_id, set_id)
    used_ids = [code.code_id for code in codes[: max(len(codes) - left, 0)]]
    statement = update(RecoveryCode).where(col(RecoveryCode.code_id).in_(used_ids))
    session.execute(statement.values(used_at=at))


def void_others(session: Session, account_id: str, set_id: str, *, at: datetime) -> None:
    """Void what is left of the account's other sets, because the host has put this one in their place."""
    for other in recovery_codes.other_sets(session, account_id, set_id):
        recovery_codes.void_set(session, account_id, other.set_id, at=at)


def citations(session: Session, account_id: str, *, uses: int) -> list[Citation]:
    """The host's events that the account's facts rest on, earliest first.

    Of each passkey's uses they are those of the first `uses` days. Events about what is removed, void or unknown here
    are no evidence.
    """
    counting = {passkey.host_id for passkey in passkeys.active(session, account_id)} | {
        code.host_id for code in recovery_codes.other_sets(session, account_id, "")
    }
    query = select(HostRouteEvent).where(HostRouteEvent.account_id == account_id)
    cited: list[Citation] = []
    days: dict[str, int] = {}
    for row in session.exec(query.order_by(col(HostRouteEvent.at), col(HostRouteEvent.event_id))):
        if row.kind in ROUTE_EVENTS and row.host_id not in counting:
            continue
        if row.kind == HostEventKind.PASSKEY_USED:
            days[row.host_id] = days.get(row.host_id, 0) + 1
            if days[row.host_id] > uses:
                continue
        cited.append(Citation(kind=row.kind, source=row.source, event_id=row.event_id, at=row.at))
    return cited


def count_kept(session: Session) -> KeptRoutes:
    """How many passkeys that are not removed, and sets of codes that work, live here and at the host."""
    keys = select(func.count()).select_from(Passkey).where(col(Passkey.removed_at).is_(None))
    sets = select(func.count(func.distinct(col(RecoveryCode.set_id)))).where(*recovery_codes.works_now())
    counted = [
        session.execute(query.where(lives)).scalar_one()
        for query, column in ((keys, Passkey.host_id), (sets, RecoveryCode.host_id))
        for lives in (col(column).is_(None), col(column).is_not(None))
    ]
    keys_here, keys_there, sets_here, sets_there = counted
    return KeptRoutes(here=keys_here + sets_here, at_host=keys_there + sets_there)


def _working(session: Session, account_id: str, set_id: str) -> Sequence[RecoveryCode]:
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.set_id == set_id, *recovery_codes.works_now()
    )
    return session.exec(query.order_by(col(RecoveryCode.code_id))).all()
