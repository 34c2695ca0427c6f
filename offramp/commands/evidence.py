"""`offramp evidence`: makes a pack of evidence about a cohort or an account."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from api.web.evidence_pages import StandalonePages
from domain.errors import Unknown
from domain.evidence.packs import PackKind, PackSubject
from domain.staff.reasons import clean_reason
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, fail, note, out, print_json
from offramp.wiring import make_seal
from services.evidence import packs
from services.evidence.pack_parts import PackOrder
from services.rollouts.cohort_portraits import get_by_name
from store import Session
from store.people import accounts

_OWNER_ALONE = 0o600


def make(*, cohort: str | None, account: str | None, to: Path, reason: str, by: str, as_json: bool) -> None:
    """Write the pack into a file of its owner alone. Raises Unknown, BadReason, JournalChanged."""
    settings, why = runnable_settings(), clean_reason(reason)
    with opened_database(settings) as database:
        with database.reading() as session:
            subject = _cohort(session, cohort) if cohort else _account(session, account or "")
        order = PackOrder(
            subject=subject,
            reason=why,
            author=on_this_machine(by),
            at=clock(),
            service=settings.service_name,
        )
        draft = to.with_name(f"{to.name}.part")
        try:
            with _private(draft) as file:
                made = packs.make(
                    database, make_seal(settings), order, StandalonePages(), file, progress=_progress
                )
            draft.replace(to)
        finally:
            draft.unlink(missing_ok=True)
    if as_json:
        print_json({"file": str(to), **asdict(made)})
    else:
        _tell(to, accounts_count=made.accounts, entries=made.entries, key_id=made.key_id)


def _progress(people: int) -> None:
    note(f"{people:,} accounts written")


def _tell(file: Path, *, accounts_count: int, entries: int, key_id: str) -> None:
    out.print(
        f"Wrote {file}: {accounts_count:,} accounts, {entries:,} entries of the journal, signed by {key_id[:16]}…",
        markup=False,
        soft_wrap=True,
    )
    note("`offramp evidence key` shows the public key by which it is verified.")


def _private(path: Path) -> BinaryIO:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ALONE)
        os.fchmod(descriptor, _OWNER_ALONE)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", Exit.USAGE)
    return os.fdopen(descriptor, "wb")


def _cohort(session: Session, name: str) -> PackSubject:
    row = get_by_name(session, name)
    return PackSubject(kind=PackKind.COHORT, subject_id=row.cohort_id, name=row.name)


def _account(session: Session, given: str) -> PackSubject:
    """The account by the host's id of it; by ours, too, because who is gone has no other any more."""
    account = accounts.by_external_id(session, given)
    if account is None:
        try:
            account = accounts.get(session, given)
        except Unknown:
            raise Unknown(f"no account is called {given}") from None
    return PackSubject(kind=PackKind.ACCOUNT, subject_id=account.account_id, name=account.external_id.strip())
