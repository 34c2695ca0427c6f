"""Requests of people to get back in by themselves: their proofs, the browsers that follow them, and how far they are.

The rows are the truth; one workflow for each request waits. The relay tells it of every version that it has not heard.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, UniqueConstraint, delete, func, text, update
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.codes import digest, new_short_code
from domain.journal import Actor, EventKind
from domain.recovery import GATHERING_FOR, OPEN_FOR, Proof, RecoveryStage, RecoveryState, StopReason
from domain.recovery_rules import ProofKind
from domain.trust import Root
from store.engine import epochs
from store.engine.database import wake_relay
from store.engine.types import Instant
from store.people import journal, sessions
from store.people.accounts import Account

UNDER_WAY = (RecoveryStage.WAITING, RecoveryStage.OPEN)
"""The stages of a request whose proofs are complete, and whose passkey is not made."""

_OPEN_ENDED = (RecoveryStage.GATHERING, *UNDER_WAY)


class Recovery(SQLModel, table=True):
    """One request; `number` counts an account's requests, and names the workflow.

    `version` grows with each change; the workflow has heard of `told_version`. `reference` is what the person tells
    the host, who then vouches for this very request. `failures` are wrong proofs given in it. `complete_at` is when
    both proofs were there, which then had to wait for `wait_seconds`; `session_id` is the session that its link has
    opened.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "number"),
        Index(
            "ix_recovery_under_way",
            "account_id",
            sqlite_where=text("stage IN ('waiting', 'open')"),
            postgresql_where=text("stage IN ('waiting', 'open')"),
        ),
        Index(
            "ix_recovery_untold",
            "recovery_id",
            sqlite_where=text("told_version < version"),
            postgresql_where=text("told_version < version"),
        ),
    )

    recovery_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id")
    number: int
    version: int = 1
    told_version: int = 0
    stage: str = RecoveryStage.GATHERING
    reference: str = Field(default_factory=new_short_code, unique=True)
    failures: int = 0
    browser_known: bool = False
    begun_at: datetime = Field(sa_type=Instant)
    complete_at: datetime | None = Field(default=None, sa_type=Instant)
    wait_seconds: int = 0
    tells_again_at: datetime | None = Field(default=None, sa_type=Instant)
    opens_at: datetime | None = Field(default=None, sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    links_sent: int = 0
    session_id: str | None = Field(default=None, index=True)
    codes_made_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    stop_reason: str | None = None


class RecoveryProof(SQLModel, table=True):
    """One proof of a request. `root` is what its trust goes back to; `set_id` is the set of a recovery code."""

    __tablename__ = "recovery_proof"

    recovery_id: str = Field(primary_key=True, foreign_key="recovery.recovery_id")
    kind: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.account_id", index=True)
    root: str
    set_id: str | None = None
    given_at: datetime = Field(sa_type=Instant)


class RecoveryBrowser(SQLModel, table=True):
    """One browser that may see a request, by the digest of a token that it keeps."""

    __tablename__ = "recovery_browser"

    browser_id: str = Field(primary_key=True)
    recovery_id: str = Field(foreign_key="recovery.recovery_id", index=True)
    account_id: str = Field(foreign_key="account.account_id", index=True)
    since: datetime = Field(sa_type=Instant)


def begin(session: Session, account_id: str, *, at: datetime, browser_known: bool = False) -> Recovery:
    """Begin a request of a locked account. `browser_known`: the account has known the browser for long."""
    last_number = session.exec(
        select(func.max(Recovery.number)).where(Recovery.account_id == account_id)
    ).one()
    recovery = Recovery(
        account_id=account_id,
        number=(last_number or 0) + 1,
        begun_at=at,
        ends_at=at + GATHERING_FOR,
        browser_known=browser_known,
    )
    session.add(recovery)
    session.flush()
    wake_relay(session)
    return recovery


def begin_waiting(session: Session, recovery: Recovery, wait: timedelta, *, at: datetime) -> None:
    """Let a locked request wait, whose proofs are complete; half-way, it is told of once more."""
    recovery.stage, recovery.ends_at = RecoveryStage.WAITING, None
    recovery.complete_at = recovery.complete_at or at
    recovery.wait_seconds = int(wait.total_seconds())
    recovery.opens_at, recovery.tells_again_at = at + wait, at + wait / 2 if wait else None
    _keep(session, recovery)


def wait_anew(session: Session, recovery: Recovery, *, at: datetime) -> None:
    """Let a locked request that waits begin its whole time once more."""
    begin_waiting(session, recovery, timedelta(seconds=recovery.wait_seconds), at=at)


def move(session: Session, recovery: Recovery, opens_at: datetime) -> None:
    """Let a locked request that waits open at another moment; it is not told of half-way any more."""
    recovery.opens_at, recovery.tells_again_at = opens_at, None
    _keep(session, recovery)


def note_told_again(session: Session, recovery: Recovery) -> None:
    """Note that a locked request was told of half-way."""
    recovery.tells_again_at = None
    _keep(session, recovery)


def open_(session: Session, recovery: Recovery, *, at: datetime) -> None:
    """Open a locked request whose waiting is over."""
    recovery.stage, recovery.opened_at, recovery.ends_at = RecoveryStage.OPEN, at, at + OPEN_FOR
    _keep(session, recovery)


def note_link(session: Session, recovery: Recovery) -> int:
    """Count a link of a locked request; returns its number."""
    recovery.links_sent += 1
    session.add(recovery)
    session.flush()
    return recovery.links_sent


def note_session(session: Session, recovery: Recovery, session_id: str) -> None:
    """Note which session the link of a locked request has opened last."""
    recovery.session_id = session_id
    session.add(recovery)
    session.flush()


def note_codes(session: Session, recovery: Recovery, *, at: datetime) -> None:
    """Note that the person has got new codes in the place of those of which one was a proof."""
    recovery.codes_made_at = at
    session.add(recovery)
    session.flush()


def _keep(session: Session, recovery: Recovery) -> None:
    """Keep a change of a locked request as its next version."""
    recovery.version += 1
    session.add(recovery)
    session.flush()
    wake_relay(session)


def note_failure(session: Session, recovery_id: str) -> None:
    """Count a wrong proof that was given in a request."""
    counted = update(Recovery).where(col(Recovery.recovery_id) == recovery_id)
    session.execute(counted.values(failures=col(Recovery.failures) + 1))


def end(
    session: Session,
    recovery: Recovery,
    stage: RecoveryStage,
    *,
    at: datetime,
    reason: StopReason | None = None,
) -> None:
    """End a locked request."""
    recovery.stage, recovery.ended_at, recovery.stop_reason = stage, at, reason
    recovery.tells_again_at = None
    if recovery.session_id and stage is not RecoveryStage.DONE:
        sessions.end(session, recovery.session_id, at=at)
    _keep(session, recovery)


def stop(session: Session, recovery: Recovery, reason: StopReason, *, at: datetime, actor: Actor) -> None:
    """Stop a request of a locked account for good."""
    end(session, recovery, RecoveryStage.STOPPED, at=at, reason=reason)
    kind, number = EventKind.RECOVERY_STOPPED, recovery.number
    journal.append(session, recovery.account_id, kind, at=at, actor=actor, number=number, reason=reason)


def stop_all(session: Session, account_id: str, reason: StopReason, *, at: datetime, actor: Actor) -> None:
    """Stop all requests of a locked account that are not over."""
    for recovery in not_over(session, account_id):
        stop(session, recovery, reason, at=at, actor=actor)


def finish(session: Session, recovery: Recovery, account: Account, *, at: datetime) -> None:
    """End a request whose passkey is made, and all others of the account; it cools off from now on."""
    account.rescued_at = at
    session.add(account)
    end(session, recovery, RecoveryStage.DONE, at=at)
    for other in not_over(session, recovery.account_id):
        stop(session, other, StopReason.OVERTAKEN, at=at, actor=Actor.PERSON)
    number = recovery.number
    journal.append(
        session, recovery.account_id, EventKind.RECOVERED, at=at, actor=Actor.PERSON, number=number
    )


def lock(session: Session, recovery_id: str) -> Recovery | None:
    """A request, locked after its account by the caller; None if it is not on record."""
    return session.get(Recovery, recovery_id, with_for_update=True, populate_existing=True)


def reread(session: Session, recovery_id: str) -> Recovery:
    """A request that is on record, read anew and locked after its account by the caller."""
    return session.get_one(Recovery, recovery_id, with_for_update=True, populate_existing=True)


def find(session: Session, recovery_id: str) -> Recovery | None:
    """A request, as it stands."""
    return session.get(Recovery, recovery_id)


def of_browser(session: Session, token: str) -> Recovery | None:
    """The request that the browser with this token follows."""
    query = select(Recovery).join(RecoveryBrowser, col(RecoveryBrowser.recovery_id) == Recovery.recovery_id)
    return session.exec(query.where(RecoveryBrowser.browser_id == digest(token))).first()


def follow(session: Session, recovery: Recovery, token: str, *, at: datetime) -> None:
    """Let the browser with this token see a request, and no other one any more."""
    browser = RecoveryBrowser(
        browser_id=digest(token),
        recovery_id=recovery.recovery_id,
        account_id=recovery.account_id,
        since=at,
    )
    session.merge(browser)
    session.flush()


def forget_browsers(session: Session, account_id: str) -> None:
    """Let no browser follow a request of an account any more."""
    session.execute(delete(RecoveryBrowser).where(col(RecoveryBrowser.account_id) == account_id))


def under_way(session: Session, account_id: str) -> Sequence[Recovery]:
    """The account's requests that wait or are open, the oldest first."""
    query = select(Recovery).where(Recovery.account_id == account_id, col(Recovery.stage).in_(UNDER_WAY))
    return session.exec(query.order_by(col(Recovery.number))).all()


def is_any_under_way(session: Session, account_id: str) -> bool:
    """Whether any request of the account waits or is open."""
    query = select(Recovery.recovery_id).where(
        Recovery.account_id == account_id, col(Recovery.stage).in_(UNDER_WAY)
    )
    return session.exec(query.limit(1)).first() is not None


def waiting(session: Session) -> Sequence[Recovery]:
    """All requests that wait, or are open."""
    query = select(Recovery).where(col(Recovery.stage).in_(UNDER_WAY))
    return session.exec(query.order_by(col(Recovery.recovery_id))).all()


def not_over(session: Session, account_id: str) -> Sequence[Recovery]:
    """The account's requests that are not over, the oldest first."""
    query = select(Recovery).where(Recovery.account_id == account_id, col(Recovery.stage).in_(_OPEN_ENDED))
    return session.exec(query.order_by(col(Recovery.number))).all()


def of_account(session: Session, account_id: str) -> Sequence[Recovery]:
    """The account's requests, the newest first."""
    query = select(Recovery).where(Recovery.account_id == account_id)
    return session.exec(query.order_by(col(Recovery.number).desc())).all()


def by_reference(session: Session, account_id: str, reference: str) -> Recovery | None:
    """The account's request with this reference."""
    query = select(Recovery).where(Recovery.account_id == account_id, Recovery.reference == reference)
    return session.exec(query).first()


def opened_in(session: Session, session_id: str) -> Recovery | None:
    """The request that has opened a session."""
    return session.exec(select(Recovery).where(Recovery.session_id == session_id)).first()


def add_proof(
    session: Session, recovery: Recovery, proof: Proof, *, at: datetime, set_id: str | None = None
) -> None:
    """Keep a proof; one of a kind that is there already takes its place."""
    row = RecoveryProof(
        recovery_id=recovery.recovery_id,
        kind=proof.kind,
        account_id=recovery.account_id,
        root=proof.root,
        set_id=set_id,
        given_at=at,
    )
    session.merge(row)
    session.flush()


def proofs(session: Session, recovery_id: str) -> list[Proof]:
    """What was shown in a request, the first first."""
    query = select(RecoveryProof).where(RecoveryProof.recovery_id == recovery_id)
    rows = session.exec(query.order_by(col(RecoveryProof.given_at), col(RecoveryProof.kind)))
    return [Proof(kind=ProofKind(row.kind), root=Root(row.root)) for row in rows]


def state(session: Session, recovery: Recovery) -> RecoveryState:
    """What the workflow of a request goes by."""
    stage = RecoveryStage(recovery.stage)
    return RecoveryState(
        recovery_id=recovery.recovery_id,
        account_id=recovery.account_id,
        number=recovery.number,
        version=recovery.version,
        epoch=epochs.current(session),
        stage=stage,
        tells_again_at=recovery.tells_again_at,
        opens_at=recovery.opens_at,
        ends_at=recovery.ends_at if stage in (RecoveryStage.GATHERING, RecoveryStage.OPEN) else None,
    )


def untold(session: Session, *, limit: int) -> list[RecoveryState]:
    """Requests whose workflow has not heard their newest version, the oldest first."""
    query = select(Recovery).where(col(Recovery.told_version) < col(Recovery.version))
    rows = session.exec(query.order_by(col(Recovery.recovery_id)).limit(limit)).all()
    return [state(session, recovery) for recovery in rows]


def mark_told(session: Session, heard: RecoveryState) -> None:
    """Note which version a workflow has heard; a later one stays untold."""
    behind = update(Recovery).where(
        col(Recovery.recovery_id) == heard.recovery_id, col(Recovery.told_version) < heard.version
    )
    session.execute(behind.values(told_version=heard.version))


def tell_all_again(session: Session) -> int:
    """Have the workflows of all requests that are not over told once more; returns how many these are."""
    result = session.execute(
        update(Recovery).where(col(Recovery.stage).in_(_OPEN_ENDED)).values(told_version=0)
    )
    wake_relay(session)
    return int(result.rowcount)  # type: ignore[attr-defined]


def count_late(session: Session, *, before: datetime) -> int:
    """How many requests should have opened or lapsed before an instant, and have not."""
    is_late = (col(Recovery.stage) == RecoveryStage.WAITING) & (col(Recovery.opens_at) < before)
    is_overdue = col(Recovery.stage).in_((RecoveryStage.GATHERING, RecoveryStage.OPEN)) & (
        col(Recovery.ends_at) < before
    )
    return session.exec(select(func.count()).select_from(Recovery).where(is_late | is_overdue)).one()


def count_by_stage(session: Session) -> dict[RecoveryStage, int]:
    """How many requests are at each stage that is not over."""
    query = select(Recovery.stage, func.count()).where(col(Recovery.stage).in_(_OPEN_ENDED))
    counted = dict(session.exec(query.group_by(Recovery.stage)).all())
    return {RecoveryStage(stage): counted.get(stage, 0) for stage in _OPEN_ENDED}
