"""Waits for no PostgreSQL server that has fallen silent for good: whoever waits knocks, and goes when nobody opens."""

import time
from typing import Any, Self

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

SILENT_SECONDS = 2.0
"""After so long without a word, whoever waits knocks, and again each time that it has passed."""

_OPENS_WITHIN_SECONDS = 3


class KnockingConnection(psycopg.Connection[Any]):
    """A connection that gives up a question when its server does not answer another connection either.

    The kernel of a frozen server still acknowledges what it gets, so no limit of TCP ends the waiting, and a server
    that is frozen keeps no limit of its own. A long question looks the same from here: therefore the knock, which a
    server that works answers. A knock takes one connection more, for as long as the server takes to open.
    """

    _address: dict[str, Any]

    @classmethod
    def connect(cls, conninfo: str = "", **parameters: Any) -> Self:
        """Connect as psycopg does. Raises psycopg.Error."""
        connection = super().connect(conninfo, **parameters)
        # Of several servers in the URL, this one.
        address = {"host": connection.info.host, "port": connection.info.port}
        waiting = {"connect_timeout": _OPENS_WITHIN_SECONDS}
        connection._address = {**parameters, "conninfo": conninfo, **address, **waiting}
        return connection

    def wait(self, gen: PQGen[RV], *arguments: Any, **limits: Any) -> RV:
        """Wait as psycopg does, but for no server that is silent. Raises psycopg.OperationalError then."""
        return super().wait(self._heeded(gen), *arguments, **limits)

    def _heeded(self, steps: PQGen[RV]) -> PQGen[RV]:
        """The same steps; psycopg sends a falsy value when it has heard nothing for a tenth of a second."""
        try:
            awaited = next(steps)
            heard_at = time.monotonic()
            while True:
                ready = yield awaited
                if ready:
                    heard_at = time.monotonic()
                elif self._is_asking() and time.monotonic() - heard_at > SILENT_SECONDS:
                    self._knock()
                    heard_at = time.monotonic()
                awaited = steps.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result

    def _is_asking(self) -> bool:
        """Whether an answer is due; who waits for notifications asks nothing."""
        return self.pgconn.transaction_status == TransactionStatus.ACTIVE

    def _knock(self) -> None:
        try:
            psycopg.connect(**self._address).close()
        except psycopg.errors.ConnectionTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server has fallen silent") from None
        except psycopg.Error:
            return  # whoever is turned away has been answered
