"""The passkey that a recovery makes: what its trust is, and that the request is done with it."""

from datetime import datetime

from domain.messages.messages import Template
from domain.recovery import RecoveryStage, established_from
from domain.safety.contact_keys import contact_key
from domain.trust import Change, NotTrusted, Trust, Way, Why
from services.people.bearers import Door
from store import Session
from store.messages import establishing, notices
from store.safety import recoveries
from store.safety.recoveries import Recovery


def bind(session: Session, door: Door) -> tuple[Trust, dict[str, str]]:
    """The trust of what a recovery makes. The waiting of the request counts, where it was told independently.

    While a dispute is open, no waiting begins; it begins when the dispute ends. Raises NotTrusted if the request was
    stopped, or is over.
    """
    recovery = _open(session, door)
    policy, is_disputed = door.policy, door.bearer.is_disputed
    from_ = established_from(
        told_at=_told_at(session, door, recovery),
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
    """End the request: its one passkey is made. Raises NotTrusted if it was stopped, or is over."""
    recoveries.finish(session, _open(session, door), door.account, at=door.now)


def _open(session: Session, door: Door) -> Recovery:
    """The request of this session, read anew now that the account is locked."""
    opened = recoveries.opened_in(session, door.bearer.session_id or "")
    recovery = recoveries.reread(session, opened.recovery_id) if opened else None
    if recovery is None or recovery.stage != RecoveryStage.OPEN:
        raise NotTrusted(Change.BIND_PASSKEY, Why.LINK_USED_UP)
    return recovery


def _told_at(session: Session, door: Door, recovery: Recovery) -> datetime | None:
    """When an independent contact was told; None if none was. The contact that the link went to tells nobody else."""
    account_id = door.account.account_id
    links = notices.of_event(session, account_id, Template.RECOVERY_OPEN, recovery.recovery_id)
    came_in_by = {contact_key(link.recipient) for link in links}
    sent_notices = notices.of_event(session, account_id, Template.RECOVERY_ASKED, recovery.recovery_id)
    arrived = [
        notice.settled_at
        for notice in sent_notices
        if notice.vouches
        and notice.settled_at
        and establishing.arrived(notice)
        and contact_key(notice.recipient) not in came_in_by
    ]
    return min(arrived, default=None)
