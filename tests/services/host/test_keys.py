"""Keys of hosts: what two of their keepers do at the same moment."""

from domain.host.keys import KeyScope, UnusableKey
from domain.staff.staff import Author
from services.host import keys
from store import Database
from store.host import keys as kept_keys
from tests.clocks import START
from tests.store.racing import at_once

AUTHOR = Author(by="ops")


def test_of_rotations_at_the_same_moment_one_counts(database: Database) -> None:
    with database.transaction() as session:
        made = keys.make(session, AUTHOR, name="login", scopes=[KeyScope.PROMPTS_WRITE], at=START)

    def rotate() -> bool:
        try:
            with database.transaction() as session:
                keys.rotate(session, AUTHOR, made.key_id, at=START)
        except UnusableKey:
            return False
        return True

    assert sorted(at_once(rotate, times=4)) == [False, False, False, True]
    with database.reading() as session:
        assert len(kept_keys.every(session)) == 2
