"""How a database goes about a query, asked with parameters as in earnest: literals would match more indexes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, event, text

from store import Database, Session

SCANNING = ("seqscan",)
SORTING = ("seqscan", "bitmapscan", "sort")


def explained(
    database: Database, session: Session, query: Executable, *, kept_from: Sequence[str] = SCANNING
) -> str:
    """The plan of a query. PostgreSQL is kept from ways that pay for tables as small as a test's."""
    for way in () if database.is_sqlite else kept_from:
        session.execute(text(f"SET LOCAL enable_{way} = off"))
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    session.execute(query)
    event.remove(database.engine, "before_cursor_execute", note)
    statement, parameters = sent[-1]
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    return " ".join(map(str, session.connection().exec_driver_sql(f"{explain} {statement}", parameters)))
