"""Reads the operator's own list of the grounds on which people are exempted, from a TOML file."""

from datetime import timedelta
from pathlib import Path

from domain.desk.acts import LONGEST_EXEMPTION
from domain.desk.exemptions import REVIEWED_AFTER, STANDARD_BASES, Bases, Basis, basis_problems
from services.rollouts.toml_tables import NotToml, Problems, Table, flag, read_toml, text
from services.rollouts.toml_values import duration


class BadBases(Exception):
    """A list that cannot be used; `problems` say why, each with its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def load(file: Path | None) -> Bases:
    """The grounds of a file, or the standard ones without a file. Raises BadBases."""
    if file is None:
        return STANDARD_BASES
    try:
        return read(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadBases([f"{file} cannot be read: {error}"]) from None


def read(toml: str) -> Bases:
    """The grounds that a text names, as `[[basis]]` tables. Raises BadBases."""
    problems: Problems = []
    try:
        top = Table(read_toml(toml), "", problems)
    except NotToml as error:
        raise BadBases([str(error)]) from None
    bases = tuple(_basis(table) for table in top.tables("basis") or ())
    top.close()
    mistakes = [f"{place}: {problem}" for place, problem in problems] or basis_problems(bases)
    if mistakes:
        raise BadBases(mistakes)
    return Bases(bases)


def _basis(table: Table) -> Basis:
    basis = Basis(
        code=table.require("code", text, stand_in="basis"),
        words=table.require("words", text, stand_in="A basis"),
        longest=table.take("longest", _days, LONGEST_EXEMPTION),
        reviewed_after=table.take("reviewed_after", _days, REVIEWED_AFTER),
        needs_evidence=table.take("needs_evidence", flag, default=False),
        takes_two=table.take("takes_two", flag, default=False),
    )
    table.close()
    return basis


def _days(value: object) -> timedelta:
    length = duration(value)
    if length % timedelta(days=1):
        raise ValueError("must be whole days")
    return length
