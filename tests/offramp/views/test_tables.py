"""What is too wide for the terminal is told below each other, and nothing of it is cut."""

import io

import pytest
from rich.console import Console, RenderableType

from offramp.views.tables import Chronicle, Listing, Particulars

PEOPLE = Listing(
    titles=("address", "role", "here"),
    rows=[("ada@example.com", "admin", "not yet"), ("sam@example.com", "viewer", "today\nyesterday")],
)


def shown(renderable: RenderableType, *, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO())
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_listing_is_a_table_where_there_is_room() -> None:
    assert shown(PEOPLE, width=40) == [
        "address          role    here",
        "ada@example.com  admin   not yet",
        "sam@example.com  viewer  today",
        "                         yesterday",
    ]


def test_a_listing_is_a_block_for_each_row_where_there_is_none() -> None:
    assert shown(PEOPLE, width=33) == [
        "address: ada@example.com",
        "role: admin",
        "here: not yet",
        "",
        "address: sam@example.com",
        "role: viewer",
        "here: today, yesterday",
    ]


def test_what_is_empty_or_decoration_has_no_line_in_a_block() -> None:
    listing = Listing(titles=("name", "", "reason"), rows=[("a long cohort", "━━━━━━━━", "")])
    assert shown(listing, width=20) == ["name: a long cohort"]


def test_sideways_each_row_is_a_column() -> None:
    listing = Listing(titles=("policy", "notice"), rows=[("fast", "15 s"), ("firm", "7 d")], sideways=True)
    assert shown(listing, width=40) == ["policy  fast  firm", "notice  15 s  7 d"]
    assert shown(listing, width=17)[0] == "policy: fast"


def test_cells_are_no_markup() -> None:
    assert shown(Listing(titles=("reason",), rows=[("[red]alert[/red]",)]), width=40)[1] == "[red]alert[/red]"


def test_a_chronicle_tells_details_below_what_happened() -> None:
    chronicle = Chronicle(rows=[("12:00", "paused by ada", "the help desk is full")])
    assert shown(chronicle, width=60) == ["12:00  paused by ada  the help desk is full"]
    assert shown(chronicle, width=30) == ["12:00  paused by ada", "    the help desk is full"]


def test_an_empty_chronicle_says_so() -> None:
    assert shown(Chronicle(rows=[]), width=20) == ["none"]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["Next   an invitation", "Facts  version 3"]),
        (18, ["Next   an", "       invitation", "Facts  version 3"]),
        (14, ["Next: an", "invitation", "Facts: version", "3"]),
    ],
)
def test_particulars_break_lines_and_no_words(width: int, lines: list[str]) -> None:
    assert shown(Particulars(values={"Next": "an invitation", "Facts": "version 3"}), width=width) == lines
