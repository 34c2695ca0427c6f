"""Many accounts at once, in requests of some thousand lines each, so that neither side keeps them all in memory."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import httpx

from offramp_client.accounts import AccountFields
from offramp_client.calls import Call, as_json
from offramp_client.errors import ServerTrouble

NDJSON = "application/x-ndjson"
LINES_A_REQUEST = 2000


class RemarkKind(StrEnum):
    """What is said of an account: it was refused, a contact of it was left out, or there is something to know."""

    REFUSED = "refused"
    LEFT_OUT = "left_out"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class LineRemark:
    """Something about one account; `line` counts from the very first account on, which is 1."""

    line: int
    kind: RemarkKind
    words: str


@dataclass(frozen=True, kw_only=True)
class ImportProgress:
    """What became of one request's accounts. `lines` is how many were read since the very first."""

    lines: int
    new: int
    changed: int
    unchanged: int
    refused: int
    remarks: tuple[LineRemark, ...]


def importing(accounts: Iterable[tuple[str, AccountFields]], *, lines_before: int) -> Call[ImportProgress]:
    """Create accounts, or bring them up to date; an account that comes twice is as it came last."""
    lines = [as_json({"external_id": external_id, **fields.body()}) for external_id, fields in accounts]
    return Call(
        method="POST",
        path="/v1/accounts/imports",
        body=b"\n".join(lines) + b"\n",
        media_type=NDJSON,
        read=lambda response: _progress(response, lines_before),
    )


def parts(
    accounts: Iterable[tuple[str, AccountFields]],
) -> Iterator[tuple[int, tuple[tuple[str, AccountFields], ...]]]:
    """The accounts of each request, with how many came before them."""
    rest = iter(accounts)
    lines_before = 0
    while part := tuple(islice(rest, LINES_A_REQUEST)):
        yield lines_before, part
        lines_before += len(part)


def _progress(response: httpx.Response, lines_before: int) -> ImportProgress:
    *said, last = [json.loads(line) for line in response.text.splitlines() if line]
    if not last["done"]:
        raise ServerTrouble(
            status=503,
            title="Service Unavailable",
            detail="The import broke off. Import the same again: what is stored already stays as it is.",
            reason="import_broken_off",
        )
    return ImportProgress(
        lines=lines_before + last["committed_line"],
        new=last["new"],
        changed=last["changed"],
        unchanged=last["unchanged"],
        refused=last["refused"],
        remarks=tuple(
            LineRemark(line=lines_before + line["line"], kind=kind, words=line[kind])
            for line in said
            for kind in RemarkKind
            if "line" in line and kind in line
        ),
    )
