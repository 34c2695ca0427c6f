"""How what a session binds or a host changes becomes established: at once, by a notice, or by waiting."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.facts import Channel
from domain.trust import Assurance, Bearer, Root, Trust, Way


def new_binding(
    bearer: Bearer,
    *,
    guarded: bool,
    told_independently: bool,
    sim_swap_window: timedelta,
    now: datetime,
) -> Trust:
    """The trust of what a session binds now.

    An established passkey vouches at once. Otherwise the waiting begins with the notice at an independent contact;
    without such a contact it never ends on an account that has an established passkey, and takes the SIM-swap window
    on others.
    """
    bound = Trust(
        root=bearer.root,
        rooted_at=bearer.rooted_at,
        bound_at=now,
        way=Way.CONFIRMATION,
        established_from=None,
    )
    if bearer.binds_as is Assurance.HIGH and not bearer.is_lowered:
        return replace(bound, way=Way.VOUCHED, established_from=now)
    if told_independently:
        return replace(bound, way=Way.NOTICE)
    if guarded:
        return bound
    # While a dispute is open, no waiting begins; it begins when the dispute ends.
    from_ = None if bearer.is_disputed else now + sim_swap_window
    return replace(bound, way=Way.SIM_WINDOW, established_from=from_)


def host_binding(*, guarded: bool, is_disputed: bool, cooling_off: timedelta, now: datetime) -> Trust:
    """The trust of a contact that the host changes, which is a new binding with a time of its own.

    The host vouches for it at once, as it does for the contacts of a new account. On an account with an established
    passkey it waits for the cooling-off, because a host can be talked into changing a number, and the owner has more to
    lose than a text message; while a dispute is open, no waiting begins.
    """
    vouched = Trust(root=Root.HOST, rooted_at=now, bound_at=now, way=Way.VOUCHED, established_from=now)
    if not guarded:
        return vouched
    return replace(vouched, way=Way.NOTICE, established_from=None if is_disputed else now + cooling_off)


def is_independent(
    channel: Channel, contact: Trust, *, root: Root, rooted_at: datetime, is_shared: bool = False
) -> bool:
    """Whether a contact can tell the owner what a session does: it did not bring it along, nor come in by it."""
    came_in_by_it = channel is Channel.SMS and root is Root.SMS
    return not came_in_by_it and not is_shared and contact.is_established(rooted_at)


def begins_with_notice(arrivals: Iterable[datetime | None], *, cooling_off: timedelta) -> datetime | None:
    """From when a binding is established, by when its notices arrived at independent contacts; None if none did."""
    arrived_at = [at for at in arrivals if at is not None]
    return min(arrived_at) + cooling_off if arrived_at else None
