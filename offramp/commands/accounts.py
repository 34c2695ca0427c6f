"""`offramp accounts import`: imports accounts from a file, and reports every line that is bad."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from offramp.clock import clock
from offramp.opening import opened_database, opened_file, runnable_settings
from offramp.views.terminal import Exit, err, fail, note, out, print_json
from providers.contacts import is_region
from services.imports.account_files import FileFormat, WithoutPlus
from services.imports.importing import Import


def import_(
    file: str,
    *,
    file_format: FileFormat | None,
    region: str | None,
    without_plus: WithoutPlus | None,
    as_json: bool,
) -> None:
    """Import the good lines, and report the bad lines."""
    if region and not is_region(region):
        fail(f"no region is called {region}; give two capital letters, like DE or US", Exit.USAGE)
    kind = file_format or _format_by_ending(file)
    settings = runnable_settings()
    with opened_file(file) as content, opened_database(settings) as database, _progress(content) as step:
        countries = frozenset(settings.sms_countries)
        taking = Import(
            database=database,
            clock=clock,
            region=region,
            countries=countries,
            without_plus=without_plus,
            step=step,
        )
        if not as_json:
            taking.tell = lambda bad: note(f"line {bad.line}: {bad.reason}")
            taking.miss = lambda left_out: note(f"line {left_out.line}: left out: {left_out.reason}")
            taking.warn = lambda shared: note(f"line {shared.line}: warning: {shared.warning}")
        taking.run(content, kind)
    _answer(taking, as_json=as_json)
    raise typer.Exit(Exit.NOT_WELL if taking.bad else Exit.OK)


def _format_by_ending(file: str) -> FileFormat:
    endings = {".csv": FileFormat.CSV, ".ndjson": FileFormat.NDJSON, ".jsonl": FileFormat.NDJSON}
    kind = endings.get(Path(file).suffix.lower())
    if kind is None:
        fail(f"say what {file} is: --format csv or --format ndjson", Exit.USAGE)
    return kind


@contextmanager
def _progress(content: BinaryIO) -> Iterator[Callable[[], None]]:
    """Show a bar that counts bytes; no bar without a terminal, or if the size of the file is unknown."""
    if not err.is_terminal or not content.seekable():
        yield lambda: None
        return
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("import", total=Path(content.name).stat().st_size)
        yield lambda: progress.update(task, completed=content.tell())


def _answer(taking: Import, *, as_json: bool) -> None:
    total = taking.total
    if as_json:
        counts = {"new": total.new, "changed": total.changed, "unchanged": total.unchanged}
        bad_lines = [{"line": bad.line, "reason": bad.reason} for bad in taking.bad]
        shared_lines = [{"line": shared.line, "warning": shared.warning} for shared in taking.shared]
        left_out_lines = [{"line": left.line, "reason": left.reason} for left in taking.left_out]
        counts |= {"bad": len(bad_lines), "left_out": len(left_out_lines), "shared": len(shared_lines)}
        lines = {"bad_lines": bad_lines, "left_out_lines": left_out_lines, "shared_lines": shared_lines}
        print_json(counts | {"unverified": total.unverified} | lines)
        return
    out.print(f"{total.new} new, {total.changed} changed, {total.unchanged} unchanged, {len(taking.bad)} bad")
    if taking.left_out:
        note(
            f"{len(taking.left_out)} contacts cannot be used and were left out; what the accounts had stays."
        )
    if taking.shared:
        note(f"{len(taking.shared)} lines have a number or address that another account has, too.")
    if total.unverified:
        note(
            f"{len(total.unverified)} verified e-mail addresses were replaced, and have to be verified again."
        )
