"""A host's program that tells events by a key of its own, for tests."""

from dataclasses import dataclass, field
from typing import Any

from httpx2 import Response

from domain.host.keys import KeyScope
from services.host import keys as host_keys
from store.host import keys
from tests.api.host.keys import OPERATOR, call, key_for
from tests.api.world import World


@dataclass
class HostProgram:
    """A program of the host, with a key for some scopes."""

    world: World
    scopes: tuple[KeyScope, ...]
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = key_for(self.world, *self.scopes)

    def end_key(self) -> None:
        """Have the key ended."""
        now = self.world.clock()
        with self.world.database.transaction() as session:
            key = keys.find(session.connection(), self.token, now=now)
            assert key is not None
            host_keys.end(session, OPERATOR, key.holder.key_id, at=now)

    def post(self, path: str, **sent: Any) -> Response:
        """Call the API."""
        return call(self.world, self.token, "POST", path, **sent)
