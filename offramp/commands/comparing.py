"""`offramp accounts compare`: compares what the host says of each account with what Offramp believes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import typer

from domain.host.comparing import AccountDifference, Comparison, SmsDifference
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.opening import opened_database, opened_file, runnable_settings
from offramp.views.terminal import Exit, fail, note, out, print_json_line
from providers.host_lists import ListNotRead, opened_list
from services.host import comparing
from services.imports.file_lines import BadLine
from services.imports.host_states import listed_states

WORDS = {
    SmsDifference.ON_THERE: "codes are off here, and on at the host",
    SmsDifference.OFF_THERE: "codes are on here, and off at the host",
    SmsDifference.UNKNOWN_HERE: "the account is not here",
    SmsDifference.MISSING_THERE: "the account is here, and the host does not list it",
}


def compare(*, file: str | None, url: str | None, as_json: bool) -> None:
    """Compare a list, tell of each difference, and keep the counts."""
    if bool(file) == bool(url):
        fail("say where the list is: --file or --url", Exit.USAGE)
    settings, comparison = runnable_settings(), Comparison()

    def refuse(bad: BadLine) -> None:
        comparison.count_bad_line()
        note(f"line {bad.line}: {bad.reason}")

    def tell(account_difference: AccountDifference) -> None:
        if as_json:
            print_json_line(
                {
                    "line": account_difference.line,
                    "external_id": account_difference.external_id,
                    "difference": account_difference.kind,
                }
            )
        else:
            out.print(f"{account_difference.external_id}: {WORDS[account_difference.kind]}", markup=False)

    with _content(settings, file=file, url=url) as content, opened_database(settings) as database:
        states = listed_states(content, refuse=refuse)
        comparing.compare(database, states, comparison, clock=clock, tell=tell)
    if not comparison.is_whole:
        note("the list has bad lines or no accounts, so it does not say who is missing in it")
    _answer(comparison, as_json=as_json)
    raise typer.Exit(Exit.OK if comparison.is_clean else Exit.NOT_WELL)


@contextmanager
def _content(settings: Settings, *, file: str | None, url: str | None) -> Iterator[BinaryIO]:
    try:
        with opened_list(url, token=settings.host_list_token) if url else opened_file(file or "") as content:
            yield content
    except ListNotRead as trouble:
        fail(str(trouble), Exit.UNREACHABLE)


def _answer(comparison: Comparison, *, as_json: bool) -> None:
    if as_json:
        print_json_line(comparison)
        return
    count = sum(comparison.differences.values()) - comparison.missing
    missing = f"; {comparison.missing} more are not listed" if comparison.is_whole else ""
    out.print(
        f"{comparison.compared} accounts compared: {count} differ, {comparison.under_way} are being asked about, "
        f"{comparison.bad_lines} bad lines{missing}"
    )
