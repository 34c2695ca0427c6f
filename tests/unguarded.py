"""A database without its guards, for rows that no code of ours may make: broken ones, and shortcuts of tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from store import Session


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Without triggers, until the block ends. PostgreSQL goes without foreign keys meanwhile, too."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        session.flush()
        session.execute(text("SET LOCAL session_replication_role = origin"))
        return
    guards = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in guards:
        session.execute(text(f"DROP TRIGGER {name}"))
    yield
    session.flush()
    for _, statement in guards:
        session.connection().exec_driver_sql(statement)
