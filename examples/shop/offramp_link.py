"""How the shop hears from Offramp and tells Offramp: each heard once, each told until it is taken, whatever breaks."""

import json
import logging
import sqlite3
import threading
from datetime import datetime

from examples.shop.customers import ShopDatabase
from offramp_client import Event, EventType, Message, Offramp, OfframpError

_EVERY_SECONDS = 1.0
_WAITING = """
    SELECT * FROM told WHERE sent = 0 AND event_id NOT IN (SELECT event_id FROM refused) ORDER BY rowid LIMIT 100
"""
_log = logging.getLogger("shop")


def hear(database: ShopDatabase, message: Message) -> None:
    """Do what a webhook asks for, in one transaction with the note that it was heard and with the answer.

    The answer is what the shop's own database says then, and not what the webhook says.
    """
    with database.transaction() as rows:
        if rows.execute("INSERT OR IGNORE INTO heard VALUES (?)", (message.webhook_id,)).rowcount == 0:
            return
        if not message.is_sms_request:
            return
        row = rows.execute(
            "SELECT needs_sms FROM customer WHERE customer_id = ?", (message.external_id,)
        ).fetchone()
        if message.type != "sms.restore" and (row is None or row["needs_sms"]):
            reason = "unknown_customer" if row is None else "contract"
            detail = {"request_id": message.request_id, "reason": reason}
            database.add_event(rows, EventType.SMS_REFUSED, message.external_id, detail)
            return
        is_on = message.type == "sms.restore"
        rows.execute(
            "UPDATE customer SET sms_enabled = ? WHERE customer_id = ?", (is_on, message.external_id)
        )
        database.add_event(
            rows, _ANSWERS[message.type], message.external_id, {"request_id": message.request_id}
        )


_ANSWERS = {
    "sms.suspend": EventType.SMS_SUSPENDED,
    "sms.restore": EventType.SMS_RESTORED,
    "sms.remove": EventType.SMS_REMOVED,
}


class Teller:
    """Sends what the shop has to tell, in a thread of its own, until Offramp has taken it."""

    def __init__(self, database: ShopDatabase, offramp: Offramp) -> None:
        self._database = database
        self._offramp = offramp
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="teller")

    def start(self) -> None:
        """Begin to tell, and first what was refused before: whatever was wrong may have been mended since."""
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM refused")
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is not told yet is told after the next start."""
        self._stopping.set()
        self._thread.join()

    def tell_waiting(self) -> int:
        """Tell what waits, and return how much that was. Raises OfframpError.

        What Offramp refuses is not told: it is set aside until the shop starts anew, so that nothing waits behind it.
        """
        with self._database.transaction() as rows:
            waiting = rows.execute(_WAITING).fetchall()
        if not waiting:
            return 0
        happened = [
            Event(
                type=EventType(row["type"]),
                external_id=row["customer_id"],
                data=json.loads(row["detail"]),
                at=datetime.fromisoformat(row["at"]),
                event_id=row["event_id"],
            )
            for row in waiting
        ]
        told = list(zip(waiting, self._offramp.send_events(happened), strict=True))
        refused = [(row["event_id"], answer.reason or "") for row, answer in told if answer.is_refused]
        taken = [(row["event_id"],) for row, answer in told if not answer.is_refused]
        with self._database.transaction() as rows:
            rows.executemany("UPDATE told SET sent = 1 WHERE event_id = ?", taken)
            rows.executemany("INSERT OR REPLACE INTO refused VALUES (?, ?)", refused)
        for event_id, reason in refused:
            _log.warning("Offramp refused the event %s: %s", event_id, reason)
        return len(waiting)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                rest = 0.0 if self.tell_waiting() else _EVERY_SECONDS
            except (OfframpError, sqlite3.OperationalError) as error:
                _log.warning("Offramp cannot be told now: %s", error)
                rest = _EVERY_SECONDS
            self._stopping.wait(rest)
