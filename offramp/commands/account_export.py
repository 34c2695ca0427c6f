"""`offramp account export`: writes out all that is kept about one person, for that person."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from api.web.export_pages import standalone
from domain.errors import Unknown
from domain.staff.reasons import clean_reason
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, fail, json_text, note
from services.rights import exports
from services.rights.exports import AccountExport, ExportForm
from store.people import accounts

_OWNER_ALONE = 0o600


def export(external_id: str, *, as_html: bool, to: Path | None, reason: str, by: str) -> None:
    """Write it into a file of its owner alone, or to standard output. Raises Unknown, BadReason."""
    settings = runnable_settings()
    form = ExportForm.HTML if as_html else ExportForm.JSON
    with opened_database(settings) as database, database.transaction() as session:
        account = accounts.by_external_id(session, external_id)
        if account is None:
            raise Unknown(f"no account is called {external_id}")
        account_export = exports.write_out(
            session,
            accounts.lock(session, account.account_id),
            on_this_machine(by),
            form,
            service=settings.service_name,
            retention=settings.retention,
            reason=clean_reason(reason),
            at=clock(),
        )
        text = _text(account_export, form)
        if to is not None:
            _write(text, to)
    if to is None:
        sys.stdout.write(text)  # whoever reads it page by page keeps no transaction open by that


def _text(account_export: AccountExport, form: ExportForm) -> str:
    return standalone(account_export) if form is ExportForm.HTML else json_text(asdict(account_export))


def _write(text: str, to: Path) -> None:
    """Write it before the transaction commits: what could not be written was not handed out."""
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ALONE), "w") as file:
            os.fchmod(file.fileno(), _OWNER_ALONE)
            file.write(text)
    except OSError as error:
        fail(f"{to} cannot be written: {error.strerror}", Exit.USAGE)
    note(f"Wrote {to}")
