"""What is kept about a person as one page that needs no other file: to read, to print, and to hand over."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.responses import Response

from api.web.pages import render
from domain.words.kept_words import TITLES
from services.rights.exports import AccountExport, ExportedTable, ExportForm

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d")
_TRUST = frozenset({"root", "rooted_at", "bound_in", "way", "established_from"})
_STYLES = Path(__file__).parent.parent / "static" / "export.css"


def standalone(export: AccountExport) -> str:
    """An HTML document with its style sheet inside."""
    return render(
        "rights/export.html",
        export=export,
        captions=TITLES,
        filled=[table for table in export.tables if table.rows],
        empty=[table for table in export.tables if not table.rows],
        columns=_columns,
        moment=_moment,
        spelled=_spelled,
        styles=_STYLES.read_text(),
    )


def download(export: AccountExport, form: ExportForm) -> Response:
    """The same, or JSON, as a file that the browser saves."""
    is_page = form is ExportForm.HTML
    content = (
        standalone(export) if is_page else json.dumps(jsonable_encoder(export), ensure_ascii=False, indent=2)
    )
    name = f"account-{export.account_id}.{form}"
    return Response(
        content,
        media_type="text/html; charset=utf-8" if is_page else "application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _moment(at: datetime) -> str:
    """ "3 August 2026, 14:05", in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M}"


def _columns(table: ExportedTable) -> Sequence[tuple[str, str]]:
    """The columns that say anything in some row, by name and by what they are called."""
    names = table.rows[0]
    filled = [name for name in names if any(_says(row[name]) for row in table.rows)]
    shown = [name for name in filled if name != "account_id" or table.name == "account"]
    return [
        (name, name.replace("_", " ").capitalize()) for name in sorted(shown, key=lambda name: name in _TRUST)
    ]


def _spelled(value: Any) -> str:
    """A plain value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() if _INSTANT.fullmatch(value):
            return _moment(datetime.fromisoformat(value))
    return str(value)


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})
