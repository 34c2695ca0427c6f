"""The database: every table, every query, every migration. Functions take a session first and never commit."""

from sqlmodel import Session

from store.engine.database import Database

__all__ = ["Database", "Session"]
