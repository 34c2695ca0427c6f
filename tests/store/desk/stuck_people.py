"""What support does in the store's tests: when, by which rules, and in what shape."""

from collections.abc import Callable
from datetime import timedelta

from domain.facts import Facts
from store import Database
from store.journeys import facts
from tests.clocks import START
from tests.factories import make_policy

POLICY = make_policy()
NOW = START + timedelta(hours=1)

Do = Callable[..., str | None]
"""Has Sam do something about an account; answers with the request's id, where it takes two."""

Approve = Callable[..., None]
"""Has Sue, or somebody else, approve what Sam has asked for."""


def read(database: Database, account_id: str) -> Facts:
    """The facts as they are now."""
    with database.reading() as session:
        return facts.read(session, account_id)
