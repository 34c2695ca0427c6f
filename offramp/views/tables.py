"""Tables that fit: where the terminal is too narrow for a whole table, each of its rows becomes a block of lines."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Cell = str | ConsoleRenderable
_ANY_WIDTH = 10_000
_INDENT = 4


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows under titles; in blocks of `title: cell` where it is too wide. What has no title is left out of blocks.

    `sideways` makes the table's columns of the rows. `numbers` are the titles of what is aligned to the right.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Collection[object] = ()
    sideways: bool = False
    gap: int = 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, or the blocks."""
        table = self._table()
        if _widths(table, console, options).maximum <= options.max_width:
            yield table
            return
        for number, row in enumerate(self.rows):
            if number:
                yield Text()
            yield from self._block(row)

    def _table(self) -> Table:
        lines: list[Sequence[Cell]] = [self.titles, *self.rows]
        header, *body = zip(*lines, strict=True) if self.sideways else lines
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, self.gap, 0, 0))
        for title in header:
            table.add_column(_text(title), justify="right" if title in self.numbers else "left")
        for line in body:
            table.add_row(*map(_text, line))
        return table

    def _block(self, row: Sequence[Cell]) -> Iterable[Text]:
        for title, cell in zip(self.titles, row, strict=True):
            words = _text(cell)
            if title and isinstance(words, Text) and words:
                yield _named(title, Text(", ").join(words.split("\n")))


@dataclass(frozen=True, kw_only=True)
class Chronicle:
    """What happened, line by line: when, what, and further cells; these go below it where a line has no room."""

    rows: Sequence[Sequence[Cell]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """A line each, or several."""
        table = _grid()
        for row in self.rows:
            table.add_row(*map(_text, row))
        if not self.rows:
            yield Text("none")
        elif _widths(table, console, options).maximum <= options.max_width:
            yield table
        else:
            for at, what, *others in self.rows:
                yield Text("  ").join([Text(str(at)), Text(str(what))])
                yield from (Padding(_text(cell), (0, 0, 0, _INDENT)) for cell in others if cell)


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Names and values, the values below each other; `name: value` where that would break words."""

    values: Mapping[str, str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Two columns, or lines."""
        table = _grid()
        table.columns[0].no_wrap = True
        for name, value in self.values.items():
            table.add_row(Text(name, style="dim"), Text(value))
        if _widths(table, console, options).minimum <= options.max_width:
            yield table
        else:
            yield from (_named(name, Text(value)) for name, value in self.values.items())


def _grid() -> Table:
    return Table("", "", box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))


def _named(name: str, value: Text) -> Text:
    return Text.assemble((f"{name}: ", "dim"), value)


def _text(cell: Cell) -> ConsoleRenderable:
    return Text(cell) if isinstance(cell, str) else cell


def _widths(table: Table, console: Console, options: ConsoleOptions) -> Measurement:
    """The least width without a broken word, and the width without a broken line."""
    return console.measure(table, options=options.update(max_width=_ANY_WIDTH))
