"""`INSERT … ON CONFLICT`: what two transactions write at once is written once, and neither of them fails."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, which both databases spell alike."""
    return _insert(session, table)


def insert_into(session: Session, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The same for many rows at once, which bypass the ORM."""
    return _insert(session, table)


def _insert(session: Session, table: Any) -> postgresql.Insert | sqlite.Insert:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
