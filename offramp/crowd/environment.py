"""What all people of a crowd share: the instance in front of them, and how long they wait for what it says."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from domain.policy import Policy
from offramp.crowd.addresses import Addresses
from offramp.crowd.browsers import Browser

_QUICK = timedelta(minutes=5)


@dataclass(kw_only=True)
class Scenery:
    """`patience` in seconds; `at_once` requests are under way at any time. `waits` are seconds until a code came."""

    origin: str
    rp_id: str
    policy: Policy
    addresses: Addresses
    patience: float = 300.0
    at_once: int = 12
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._gate = asyncio.Semaphore(self.at_once)

    @property
    def is_quick(self) -> bool:
        """Whether a journey says all it has to say while somebody watches."""
        return self.policy.cooling_off + self.policy.notice + self.policy.probation <= _QUICK

    def browser(self, agent: str) -> Browser:
        """A browser at an address of its own."""
        return Browser(self.origin, self.addresses.next(), agent, self._gate)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Note how long somebody waits for a code."""
        began = time.monotonic()
        yield
        self.waits.append(time.monotonic() - began)
