"""An account to begin with, and databases without tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Database
from tests.factories import make_account


@pytest.fixture
def account_id(database: Database) -> str:
    """An account in the database."""
    with database.transaction() as session:
        return make_account(session).account_id


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").empty_database() as url:
        yield url
