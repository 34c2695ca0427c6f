"""The passkey that a recovery makes: what its trust is, and that the request is done with it."""

from datetime import datetime

from domain.messages.messages import MessageState, Template
from domain.recovery import established_from
from domain.trust import Trust, Way
from services.people.bearers import Door
from store import Session
from store.messages import notices
from store.safety import recoveries
from store.safety.recoveries import Recovery

_UNDER_WAY = (MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING)


def bind(session: Session, door: Door) -> tuple[Trust, dict[str, str]]:
    """The trust of what a recovery makes. The waiting of the request counts, where it was told independently.

    While a dispute is open, no waiting begins; it begins when the dispute ends.
    """
    recovery = _of(session, door)
    policy, is_disputed = door.policy, door.bearer.is_disputed
    from_ = established_from(
        told_at=_told_at(session, door, recovery) if recovery else None,
        now=door.now,
        cooling_off=policy.cooling_off,
        sim_swap_window=policy.sim_swap_window,
    )
    bound = Trust(
        root=door.bearer.root,
        rooted_at=door.bearer.rooted_at,
        bound_at=door.now,
        way=Way.RECOVERED,
        established_from=None if is_disputed else from_,
    )
    return bound, {}


def finish(session: Session, door: Door) -> None:
    """End the request: its one passkey is made."""
    recovery = _of(session, door)
    if recovery:
        recoveries.finish(session, recovery, door.account, at=door.now)


def _of(session: Session, door: Door) -> Recovery | None:
    return recoveries.opened_in(session, door.bearer.session_id) if door.bearer.session_id else None


def _told_at(session: Session, door: Door, recovery: Recovery) -> datetime | None:
    """When an independent contact was told; now, while that message is on its way; None if there is no such contact."""
    sent_notices = notices.of_event(
        session, door.account.account_id, Template.RECOVERY_ASKED, recovery.recovery_id
    )
    vouching = [notice for notice in sent_notices if notice.vouches]
    arrived = [
        notice.settled_at
        for notice in vouching
        if notice.settled_at
        and notice.state in (MessageState.SENT, MessageState.GATHERED)
        and not notice.is_missed
    ]
    if arrived:
        return min(arrived)
    return door.now if any(notice.state in _UNDER_WAY for notice in vouching) else None
