"""Lists as files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from fastapi.responses import Response, StreamingResponse


def download(name: str, rows: Iterable[Sequence[str]]) -> Response:
    """The rows as CSV. Each row is sent as soon as it is there."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()
