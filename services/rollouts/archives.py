"""Takes a cohort that is over off the lists, and brings it back, with a reason that its log keeps."""

from datetime import datetime

import structlog

from domain.rollouts.archives import require_archivable, require_archived
from domain.staff.staff import AuditKind, Author
from services.container import Services
from store import Session
from store.rollouts import cohorts
from store.staff import audit

log = structlog.get_logger()


def archive(services: Services, author: Author, cohort_id: str, *, reason: str) -> None:
    """Archive a cohort from the console, and keep that in the audit. Raises Unknown, ArchiveRefused."""
    now = services.clock()
    with services.database.transaction() as session:
        archive_in(session, cohort_id, by=author.signature, reason=reason, at=now)
        _note(session, author, cohort_id, "archive", reason=reason, at=now)


def bring_back(services: Services, author: Author, cohort_id: str, *, reason: str) -> None:
    """Bring a cohort back to the lists, and keep that in the audit. Raises Unknown, ArchiveRefused."""
    now = services.clock()
    with services.database.transaction() as session:
        bring_back_in(session, cohort_id, by=author.signature, reason=reason, at=now)
        _note(session, author, cohort_id, "unarchive", reason=reason, at=now)


def archive_in(session: Session, cohort_id: str, *, by: str, reason: str, at: datetime) -> None:
    """Archive a cohort within a transaction. Raises Unknown, ArchiveRefused."""
    row = cohorts.lock(session, cohort_id)
    require_archivable(cohorts.standing(row).stage, is_archived=row.archived_at is not None)
    cohorts.put_away(session, cohort_id, at=at)
    cohorts.note(session, cohort_id, "archived", by=by, reason=reason, at=at)
    log.info("cohort_archived", cohort_id=cohort_id)


def bring_back_in(session: Session, cohort_id: str, *, by: str, reason: str, at: datetime) -> None:
    """Bring a cohort back within a transaction. Raises Unknown, ArchiveRefused."""
    row = cohorts.lock(session, cohort_id)
    require_archived(is_archived=row.archived_at is not None)
    cohorts.put_away(session, cohort_id, at=None)
    cohorts.note(session, cohort_id, "unarchived", by=by, reason=reason, at=at)
    log.info("cohort_unarchived", cohort_id=cohort_id)


def _note(
    session: Session, author: Author, cohort_id: str, command: str, *, reason: str, at: datetime
) -> None:
    kind = AuditKind.ROLLOUT_ORDERED
    audit.append(session, author, kind, at=at, cohort_id=cohort_id, reason=reason, command=command)
