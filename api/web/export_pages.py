"""What is kept about a person as one page that needs no other file: to read, to print, and to hand over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.web.pages import render
from services.rights.exports import AccountExport, ExportedTable

_STYLES = Path(__file__).parent.parent / "static" / "export.css"


def standalone(export: AccountExport) -> str:
    """An HTML document with its style sheet inside."""
    return render(
        "rights/export.html",
        export=export,
        captions={table.name: table.name.replace("_", " ").capitalize() for table in export.tables},
        filled=[table for table in export.tables if table.rows],
        empty=[table for table in export.tables if not table.rows],
        columns=_columns,
        styles=_STYLES.read_text(),
    )


def _columns(table: ExportedTable) -> Sequence[tuple[str, str]]:
    """The columns that say anything in some row, by name and by what they are called."""
    names = table.rows[0]
    filled = [name for name in names if any(_says(row[name]) for row in table.rows)]
    return [(name, name.replace("_", " ").capitalize()) for name in filled]


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})
