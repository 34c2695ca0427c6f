"""What all people of a crowd share: the instance that they use, and how long they wait for its messages."""

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
    """The instance and its limits. `patience` and `waits` are in seconds.

    At most `at_once` requests run at once. `waits` says how long each code took to come.
    """

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
        """Whether the waiting times of a journey add up to five minutes at most, so that somebody can watch it."""
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
