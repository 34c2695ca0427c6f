"""Wants journeys for many accounts, batch by batch; wanting one twice is wanting it once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from domain.policy import Policy
from domain.ports import Clock
from store import Database, Session
from store.journeys import journeys, policies
from store.people import accounts

BATCH = 200


@dataclass(kw_only=True)
class Started:
    """What became of the wish: `no_phone` have no text-message codes to leave behind."""

    started: int = 0
    already: int = 0
    no_phone: int = 0
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Start:
    """Wants journeys by one policy."""

    database: Database
    clock: Clock
    policy: Policy

    def everyone(self, started: Started) -> Iterator[int]:
        """Start all that have no journey; counts in `started`, and yields how many were dealt with."""
        with self.database.reading() as session:
            without = accounts.count(session)
        after, seen = "", 0
        while account_ids := self._without_one(after):
            self._open(account_ids, started)
            after, seen = account_ids[-1], seen + len(account_ids)
            yield seen
        started.already += max(without - seen, 0)

    def some(self, external_ids: Iterable[str], started: Started) -> Iterator[int]:
        """Start those of the host's ids."""
        remaining = iter(dict.fromkeys(external_ids))
        seen = 0
        while batch := list(islice(remaining, BATCH)):
            self._open(self._known(batch, started), started)
            seen += len(batch)
            yield seen

    def _without_one(self, after: str) -> list[str]:
        with self.database.reading() as session:
            return list(journeys.without_journey(session, after=after, batch=BATCH))

    def _known(self, external_ids: list[str], started: Started) -> list[str]:
        with self.database.reading() as session:
            found = {one: accounts.by_external_id(session, one) for one in external_ids}
        started.unknown += [one for one, account in found.items() if account is None]
        return [account.account_id for account in found.values() if account]

    def _open(self, account_ids: list[str], started: Started) -> None:
        with self.database.transaction() as session:
            policy_id = policies.store(session, self.policy, at=self.clock())
            # Locking in one order keeps two commands at once from waiting for each other.
            for account_id in sorted(account_ids):
                self._open_one(session, account_id, policy_id, started)

    def _open_one(self, session: Session, account_id: str, policy_id: str, started: Started) -> None:
        if journeys.open_(session, account_id, policy_id, at=self.clock()):
            started.started += 1
        elif journeys.find(session, account_id):
            started.already += 1
        else:
            started.no_phone += 1
