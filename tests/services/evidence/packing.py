"""A cohort with somebody about whom every table says something, and packs of evidence about it."""

import json
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from api.web.evidence_pages import StandalonePages
from domain.evidence.canonical import canonical, digest
from domain.evidence.packs import MANIFEST, SIGNATURE, PackKind, PackSubject
from domain.staff.staff import Author, Role
from providers.sealing import FernetSeal
from services.evidence import packs, signing
from services.evidence.pack_parts import MadePack, PackOrder
from services.evidence.sealing_days import DaySealer
from store import Database
from store.people import accounts
from store.rollouts import cohorts, members
from tests.clocks import START, FakeClock
from tests.factories import make_account, make_member
from tests.whole_persons import make_whole_person

SEAL = FernetSeal("a secret key of a test, long enough")
NOW = START + timedelta(days=3)
AUTHOR = Author(by="olga@example.com", role=Role.OPERATOR, came_from="192.0.2.7")


def make_people(database: Database) -> PackSubject:
    """A cohort with Ada, of whom much is known, and two members of whom little is; its days are sealed."""
    account_id = make_whole_person(database)
    with database.transaction() as session:
        cohort_id = members.cohort_of(session, account_id) or ""
        make_member(session, cohort_id)
        make_member(session, cohort_id, make_account(session).account_id, held_out=True)
        name = cohorts.get(session, cohort_id).name
    DaySealer(database, FakeClock(NOW)).seal_due()
    return PackSubject(kind=PackKind.COHORT, subject_id=cohort_id, name=name)


def ada(database: Database) -> PackSubject:
    """The one of whom much is known."""
    with database.reading() as session:
        account = accounts.by_external_id(session, "ada.lovelace")
        assert account
        return PackSubject(kind=PackKind.ACCOUNT, subject_id=account.account_id, name=account.external_id)


def make_pack(database: Database, subject: PackSubject, *, at: datetime = NOW) -> tuple[bytes, MadePack]:
    """A pack as a zip, and what its maker says of it."""
    order = PackOrder(subject=subject, reason="yearly audit", author=AUTHOR, at=at, service="Example")
    file = BytesIO()
    made = packs.make(database, SEAL, order, StandalonePages(), file)
    return file.getvalue(), made


def public_key(database: Database) -> str:
    """The key by which packs are verified."""
    return signing.public_keys(database, SEAL, at=NOW)[0].public


def contents(pack: bytes) -> dict[str, bytes]:
    """The files of a pack."""
    with ZipFile(BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    """A zip of files, at a path."""
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def signed_again(database: Database, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that fits them, signed by the true key: what an insider can make."""
    manifest = json.loads(files[MANIFEST])
    inner = {name: content for name, content in files.items() if name not in (MANIFEST, SIGNATURE)}
    manifest["files"] = [
        {"path": name, "bytes": len(content), "sha256": digest(content)}
        for name, content in sorted(inner.items())
    ]
    text = canonical(manifest) + b"\n"
    signature = signing.signer(database, SEAL, at=NOW).sign(text)
    return {**inner, MANIFEST: text, SIGNATURE: f"{signature.hex()}\n".encode()}
