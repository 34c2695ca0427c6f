"""Whoever waits for commits hears of them, and stops waiting without bringing the process down."""

import threading
from datetime import UTC, datetime

from store import Database
from store.engine import heartbeats, wakeups
from store.engine.database import wake_relay
from store.engine.heartbeats import ProcessKind


def test_a_commit_ends_the_wait(database: Database) -> None:
    with wakeups.listen(database) as woken:
        waiting = threading.Thread(target=woken.wait, args=(30,))
        waiting.start()
        with database.transaction() as session:
            wake_relay(session)
            heartbeats.beat(session, "worker", ProcessKind.WORKER, at=datetime.now(UTC))
        waiting.join(timeout=10)
        assert not waiting.is_alive()


def test_closing_while_a_thread_waits_leaves_the_closing_to_it(database: Database) -> None:
    for _ in range(20):
        with wakeups.listen(database) as woken:
            waiting = threading.Thread(target=woken.wait, args=(0.05,))
            waiting.start()
        waiting.join(timeout=10)
        assert not waiting.is_alive()
        woken.wait(30)  # returns at once: it is closed
