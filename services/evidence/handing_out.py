"""Makes a pack for whoever asks by a page or by the API, and hands it out as a file that is gone when it is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from domain.evidence.packs import MOST_AT_ONCE, EvidenceRefused, PackKind, PackSubject
from domain.staff.reasons import clean_reason
from domain.staff.staff import Author
from services.container import Services
from services.evidence import packs
from services.evidence.pack_parts import EvidencePages, MadePack, PackOrder
from store import Session
from store.people import accounts
from store.rollouts import cohorts, members

_AT_ONCE = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class PackFile:
    """A pack that is ready: its name, its file, how long it is, and what is in it."""

    name: str
    file: BinaryIO
    size: int
    made: MadePack

    def parts(self) -> Iterator[bytes]:
        """The bytes, part by part; the file is closed behind the last one."""
        with self.file:
            while part := self.file.read(_AT_ONCE):
                yield part


def hand_out(
    services: Services,
    kind: PackKind,
    subject_id: str,
    author: Author,
    *,
    reason: str,
    pages: EvidencePages,
) -> PackFile:
    """Make a pack about a cohort or an account. Raises BadReason, Unknown, EvidenceRefused."""
    why = clean_reason(reason)
    with services.database.reading() as session:
        subject = _cohort(session, subject_id) if kind is PackKind.COHORT else _account(session, subject_id)
    order = PackOrder(
        subject=subject, reason=why, author=author, at=services.clock(), service=services.site.service_name
    )
    with _kept_unless_it_fails() as file:
        made = packs.make(services.database, services.seal, order, pages, file)
        size = file.tell()
        file.seek(0)
    return PackFile(name=f"evidence-{kind}-{subject_id}.zip", file=file, size=size, made=made)


@contextmanager
def _kept_unless_it_fails() -> Iterator[BinaryIO]:
    file = TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    try:
        yield file
    except BaseException:
        file.close()
        raise


def _cohort(session: Session, cohort_id: str) -> PackSubject:
    row = cohorts.get(session, cohort_id)
    people = sum(members.size(session, cohort_id, held_out=held_out) for held_out in (False, True))
    if people > MOST_AT_ONCE:
        raise EvidenceRefused(
            f"{people:,} members are too many for a browser to wait for. On the machine itself, "
            f"`offramp evidence --cohort {row.name} --out FILE` makes the pack."
        )
    return PackSubject(kind=PackKind.COHORT, subject_id=cohort_id, name=row.name)


def _account(session: Session, account_id: str) -> PackSubject:
    external_id = accounts.get(session, account_id).external_id.strip()
    return PackSubject(kind=PackKind.ACCOUNT, subject_id=account_id, name=external_id)
