"""Where the switch stands that stops retiring SMS for everybody, and whether it is stopped for one account."""

from sqlmodel import Session

from domain.errors import RetiringStopped
from domain.retiring import Retiring
from domain.switches import Switch
from store.journeys import switches


def read(session: Session) -> Retiring:
    """Where the switch stands for everybody; a stop for a slice is none of it."""
    accepted = switches.accepted(session, Switch.RETIRING)
    if stop := switches.find_open(session, Switch.RETIRING, None):
        return Retiring(
            is_stopped=True,
            since=stop.since,
            by=stop.by,
            reason=stop.reason,
            is_automatic=stop.is_automatic,
            accepted=accepted,
        )
    if last := switches.last_ended(session, Switch.RETIRING, None):
        return Retiring(since=last.ended_at, by=last.ended_by, reason=last.ended_because, accepted=accepted)
    return Retiring(accepted=accepted)


def is_stopped_for(session: Session, account_id: str) -> bool:
    """Whether retiring is stopped for everybody, or for a slice that an account is in."""
    return switches.is_stopped(session, Switch.RETIRING, account_id)


def require(session: Session, account_id: str) -> None:
    """Raise RetiringStopped if retiring is stopped for an account.

    The switch stays locked against a stop until the transaction ends: when a stop is done, nothing retires any more.
    """
    switches.lock(session, Switch.RETIRING, to_turn=False)
    if stop := switches.stopping(session, Switch.RETIRING, account_id):
        raise RetiringStopped(stop.reason, whom=stop.whom)
