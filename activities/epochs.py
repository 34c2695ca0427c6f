"""Keeps a rollout that was started before a backup was put back from writing down what the database does not know."""

from domain.errors import OfframpError
from store import Session
from store.engine import epochs


class RolloutOutdated(OfframpError):
    """The rollout goes by what a restored database does not know. It is tried again until somebody ends it."""


def require_epoch(session: Session, epoch: int) -> None:
    """Raise RolloutOutdated if the database was restored since the rollout was started."""
    if epoch != epochs.current(session):
        raise RolloutOutdated
