"""Makes cells safe for files that people open in spreadsheets."""

from collections.abc import Iterable

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cells: Iterable[str]) -> tuple[str, ...]:
    """Quote cells that begin like a formula: a spreadsheet would run them, and the host chooses the ids."""
    return tuple(f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells)
