"""Gives operators' orders from the console to rollouts, and keeps them in the audit.

The audit keeps every command. It keeps a launch or an edit only after the launch or the edit has succeeded.
"""

from functools import partial

from domain.errors import Refused
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.end_moves import require_launchable
from domain.rollouts.rollout import Order
from domain.staff.staff import AuditKind, Author
from services.container import Services
from services.rollouts import pausing
from services.rollouts.pausing import Pausing
from store.rollouts import cohorts
from store.staff import audit


def give(services: Services, author: Author, cohort_id: str, order: Order) -> None:
    """Give a rollout a command. Raises Refused, NobodyThere; the audit keeps the command even then."""
    with services.database.transaction() as session:
        audit.append(
            session,
            author,
            AuditKind.ROLLOUT_ORDERED,
            at=services.clock(),
            cohort_id=cohort_id,
            reason=order.reason,
            command=order.command,
        )
    services.rollouts.give(cohort_id, order)


def pause_all(services: Services, author: Author, *, reason: str) -> list[Pausing]:
    """Pause every rollout that is not over; returns what became of each. The audit keeps each command."""
    give_one = partial(give, services, author)
    return list(pausing.pause_all(services.database, give_one, by=author.signature, reason=reason))


def launch(services: Services, author: Author, cohort: Cohort, *, reason: str) -> str:
    """Launch a new cohort; returns its id. Raises Refused, NobodyThere."""
    require_launchable(cohort, now=services.clock())
    cohort_id = services.rollouts.launch(cohort, by=author.signature, reason=reason)
    _note(services, author, AuditKind.COHORT_LAUNCHED, cohort_id, reason)
    return cohort_id


def edit(services: Services, author: Author, cohort_id: str, edit: Edit) -> None:
    """Change the description of a launched cohort. Raises Refused, NobodyThere."""
    _require_same(services, cohort_id, edit.cohort)
    services.rollouts.edit(cohort_id, edit)
    _note(services, author, AuditKind.COHORT_EDITED, cohort_id, edit.reason)


def _require_same(services: Services, cohort_id: str, cohort: Cohort) -> None:
    with services.database.reading() as session:
        launched = cohorts.by_name(session, cohort.name)
    if launched is None or launched.cohort_id != cohort_id:
        raise Refused("the description is of another cohort than the one to be changed")


def _note(services: Services, author: Author, kind: AuditKind, cohort_id: str, reason: str) -> None:
    with services.database.transaction() as session:
        audit.append(session, author, kind, at=services.clock(), cohort_id=cohort_id, reason=reason)
