"""Lists as files for spreadsheets."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence

from fastapi.responses import Response, StreamingResponse


def download(name: str, rows: Iterable[Sequence[str]]) -> Response:
    """The rows as CSV. Each row is sent as soon as it is there; what cannot begin is an error, and no half file."""
    coming = iter(rows)
    first = list(itertools.islice(coming, 2))  # the names of the columns come without a question
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(
        _lines(itertools.chain(first, coming)), media_type="text/csv; charset=utf-8", headers=headers
    )


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()
