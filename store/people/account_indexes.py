"""The indexes of accounts, spelled as both databases can use them."""

from typing import Any

from sqlalchemy import ColumnElement, Index, collate, func, text
from sqlmodel import Session

PHONE_END = text("substr(phone, length(phone) - 3)")
"""The last four digits."""

PROGRESS = text("coalesce(progress_at, created_at)")
"""Since when an account has made no progress."""


def index_since(column: str, *leading_columns: str) -> Index:
    """An index of the few accounts in a state, by when the state began."""
    name, is_set = f"ix_account_{column}", text(f"{column} IS NOT NULL")
    return Index(name, *leading_columns, column, "account_id", sqlite_where=is_set, postgresql_where=is_set)


def index_progress(column: str, *leading_columns: str) -> Index:
    """An index of many accounts in a state, by how long they have made no progress."""
    name, is_set = f"ix_account_{column.removesuffix('_since')}_progress", text(f"{column} IS NOT NULL")
    return Index(name, *leading_columns, PROGRESS, "account_id", sqlite_where=is_set, postgresql_where=is_set)


def index_beginnings(column: str) -> Index:
    """An index for searches by the first letters, capital or not, in PostgreSQL's spelling.

    Only the order of bytes keeps texts with the same beginning together; SQLite has no other order.
    """
    return Index(f"ix_account_{column}_lower", text(f'lower({column} COLLATE "C")'), "account_id")


def in_small(session: Session, words: Any) -> ColumnElement[str]:
    """A column or a text as `index_beginnings` has it: capitals of ASCII, and no others, become small letters."""
    return func.lower(words if session.get_bind().dialect.name == "sqlite" else collate(words, "C"))
