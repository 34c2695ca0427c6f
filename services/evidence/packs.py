"""Makes a pack of evidence about a cohort or an account: files, pages, a manifest of both, and its signature."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from domain.evidence.canonical import canonical, digest
from domain.evidence.packs import (
    CHAIN,
    CONTENTS,
    FORMAT,
    JOURNAL,
    MANIFEST,
    OF_COHORTS,
    PACK,
    SIGNATURE,
    VERSION,
    Manifest,
    PackKind,
    PackSubject,
)
from domain.evidence.records import AccountEvidence, PackedAssessment
from domain.ports import Seal
from domain.staff.staff import AuditKind
from services.evidence import cohort_lines, decisions, journal_lines, people, signing
from services.evidence.pack_folders import PackFolder
from services.evidence.pack_parts import (
    CohortFront,
    EvidencePages,
    MadePack,
    PackFront,
    PackOrder,
    PackTotals,
)
from store import Database, Session
from store.evidence import days
from store.people import journal
from store.staff import audit

_LATEST = 50
"""Assessments that the front page shows; all are in their file."""


def make(
    database: Database,
    seal: Seal,
    order: PackOrder,
    pages: EvidencePages,
    file: BinaryIO,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> MadePack:
    """Write a pack as a zip, and note in the audit that it was made. Raises Unknown, JournalChanged.

    It is written on the disk first, account by account, so that any number of accounts fits in memory.
    """
    signer = signing.signer(database, seal, at=order.at)
    subject = order.subject
    with (
        TemporaryDirectory(prefix="offramp-evidence-") as path,
        closing(PackFolder(Path(path), _line_files(subject))) as folder,
    ):
        with database.reading() as session:
            accounts = _write(session, folder, order, pages, signer.key_id, progress)
        manifest = _sign(folder, signer, at=order.at)
        folder.zip_into(file)
        made = MadePack(
            accounts=accounts,
            entries=folder.counts[JOURNAL],
            files=len(manifest.files),
            key_id=signer.key_id,
            manifest_sha256=digest(_text(manifest)),
        )
    _note(database, order, made)
    return made


def _line_files(subject: PackSubject) -> list[str]:
    is_of_cohort = subject.kind is PackKind.COHORT
    names = [name for name in CONTENTS if name.endswith(".ndjson")]
    return [name for name in names if is_of_cohort or name not in OF_COHORTS]


def _write(
    session: Session,
    folder: PackFolder,
    order: PackOrder,
    pages: EvidencePages,
    key_id: str,
    progress: Callable[[int], None],
) -> int:
    """Write all files but the manifest; returns how many accounts there are."""
    up_to, links = journal.newest_id(session), days.every(session)
    subject, totals, names = order.subject, PackTotals(), []
    cohort_front = _write_cohort(session, folder, subject.subject_id) if _is_cohort(subject) else None
    policies = list(cohort_lines.packed_policies(session, subject))
    folder.add("policies.ndjson", policies)
    for number, batch in enumerate(people.batches(session, subject, now=order.at), start=1):
        names.append(f"accounts-{number:04}.html")
        folder.put_page(names[-1], pages.accounts(order, number, batch))
        for evidence in batch:
            totals.add(evidence)
            _write_account(folder, evidence)
        progress(totals.accounts)
    folder.add_as_is(JOURNAL, journal_lines.lines(session, subject, links, up_to=up_to))
    folder.add_as_is(CHAIN, links)
    folder.close()
    front = PackFront(
        order=order,
        made_by=order.author.mark,
        key_id=key_id,
        totals=totals,
        lines=dict(folder.counts),
        pages=names,
        links=links,
        policies=policies,
        cohort=cohort_front,
    )
    folder.put_page("index.html", pages.front(front))
    folder.put_value(PACK, _about(front, up_to))
    return totals.accounts


def _write_cohort(session: Session, folder: PackFolder, cohort_id: str) -> CohortFront:
    """Write what is about the cohort as a whole; returns what the first page shows of it."""
    cohort, orders = cohort_lines.cohort(session, cohort_id), list(cohort_lines.orders(session, cohort_id))
    latest: deque[PackedAssessment] = deque(maxlen=_LATEST)
    folder.put_value("cohort.json", cohort)
    folder.add("orders.ndjson", orders)
    folder.add("assessments.ndjson", _noted(cohort_lines.assessments(session, cohort_id), latest))
    folder.add("decisions.ndjson", decisions.decisions_on(session, cohort_id))
    return CohortFront(cohort=cohort, orders=orders, assessments=list(latest))


def _noted(
    assessments: Iterator[PackedAssessment], latest: deque[PackedAssessment]
) -> Iterator[PackedAssessment]:
    for assessment in assessments:
        latest.append(assessment)
        yield assessment


def _write_account(folder: PackFolder, evidence: AccountEvidence) -> None:
    folder.add("accounts.ndjson", [evidence.account])
    folder.add("off_proofs.ndjson", evidence.proofs)
    folder.add("messages.ndjson", evidence.messages)
    folder.add("alternatives.ndjson", [evidence.alternatives])
    folder.add("exemptions.ndjson", evidence.exemptions)
    folder.add("decisions.ndjson", evidence.decisions)


def _about(front: PackFront, up_to: int) -> dict[str, object]:
    order = front.order
    newest = front.links[-1] if front.links else None
    return {
        "format": FORMAT,
        "version": VERSION,
        "service": order.service,
        "offramp": version("offramp"),
        "subject": order.subject,
        "made_at": order.at,
        "made_by": front.made_by,
        "reason": order.reason,
        "key_id": front.key_id,
        "accounts": front.totals.accounts,
        "lines": front.lines,
        "journal_up_to": up_to,
        "newest_day": newest.day if newest else None,
    }


def _sign(folder: PackFolder, signer: signing.Signer, *, at: datetime) -> Manifest:
    manifest = Manifest(
        format=FORMAT, version=VERSION, made_at=at, key_id=signer.key_id, files=folder.files()
    )
    folder.put(MANIFEST, _text(manifest))
    folder.put(SIGNATURE, f"{signer.sign(_text(manifest)).hex()}\n".encode())
    return manifest


def _text(manifest: Manifest) -> bytes:
    return canonical(manifest) + b"\n"


def _note(database: Database, order: PackOrder, made: MadePack) -> None:
    subject = order.subject
    with database.transaction() as session:
        audit.append(
            session,
            order.author,
            AuditKind.EVIDENCE_MADE,
            at=order.at,
            account_id=None if _is_cohort(subject) else subject.subject_id,
            cohort_id=subject.subject_id if _is_cohort(subject) else None,
            reason=order.reason,
            accounts=made.accounts,
            manifest_sha256=made.manifest_sha256,
        )


def _is_cohort(subject: PackSubject) -> bool:
    return subject.kind is PackKind.COHORT
