"""`docs/privacy.md` tells of every table of the database what it keeps about people, and so does the code."""

import re
from pathlib import Path

import pytest

from domain.rights.kept_tables import IMPERSONAL, PERSONAL, KeptTable
from domain.rights.retention import LEAST, Retention, Term
from store.tables import METADATA

PAGE = Path(__file__).parent.parent / "docs" / "privacy.md"
_SETTING = re.compile(r"`(OFFRAMP_\w+)`")


def cells(header: str) -> list[list[str]]:
    """The rows of the page's table with this header."""
    table = next(part for part in PAGE.read_text().split("\n\n") if part.startswith(header))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


def test_every_table_of_the_database_is_about_people_or_not_and_never_both() -> None:
    names = [kept.name for kept in PERSONAL]
    assert sorted([*names, *IMPERSONAL]) == sorted(METADATA.tables)


def test_whatever_refers_to_an_account_is_about_its_person() -> None:
    about = {
        table.name
        for table in METADATA.tables.values()
        if table.name == "account"
        or "account_id" in table.columns
        or any(key.column.table.name in ("account", "session", "passkey") for key in table.foreign_keys)
    }
    assert about <= {kept.name for kept in PERSONAL}


@pytest.mark.parametrize("kept", PERSONAL, ids=lambda kept: kept.name)
def test_columns_that_are_secret_or_name_somebody_else_exist(kept: KeptTable) -> None:
    assert kept.secrets | kept.sessions | kept.members <= set(METADATA.tables[kept.name].columns.keys())


def test_whatever_sounds_like_a_secret_is_one() -> None:
    sounding = {
        (kept.name, column.name)
        for kept in PERSONAL
        for column in METADATA.tables[kept.name].columns
        if re.search(r"digest|sealed|secret|token|challenge$", column.name)
    }
    assert {(name, column) for name, column in sounding if column not in secrets_of(name)} == set()


def secrets_of(name: str) -> frozenset[str]:
    return next(kept.secrets for kept in PERSONAL if kept.name == name)


def test_the_page_tells_every_table_with_people() -> None:
    told = cells("| what | where | why | how long |")
    assert told == [
        [kept.what, f"`{kept.name}`", kept.why, re.sub(r"(OFFRAMP_\w+)", r"`\1`", kept.how_long)]
        for kept in PERSONAL
    ]


def test_the_page_tells_every_table_without_people() -> None:
    told = cells("| where | why nothing there is about a person |")
    assert told == [[f"`{name}`", why] for name, why in IMPERSONAL.items()]


def test_the_page_tells_every_term_with_its_setting() -> None:
    told = [row[:3] for row in cells("| setting | days | at least | what goes |")]
    assert told == [
        [f"`OFFRAMP_KEEP_{term.upper()}_DAYS`", str(Retention().term(term).days), str(LEAST[term].days)]
        for term in Term
    ]
    assert {f"OFFRAMP_KEEP_{term.upper()}_DAYS" for term in Term} == {
        setting
        for row in cells("| setting | days | at least | what goes |")
        for setting in _SETTING.findall(row[0])
    }
