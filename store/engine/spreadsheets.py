"""Cells of files that are opened in spreadsheets."""

from collections.abc import Iterable

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cells: Iterable[str]) -> tuple[str, ...]:
    """A spreadsheet would carry out what begins like a formula, and ids are the host's to choose."""
    return tuple(f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells)
