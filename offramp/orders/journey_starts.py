"""Stores for many accounts, batch by batch, that they shall have journeys. To order a journey twice does no harm."""

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
    """Counts of accounts by what became of the order; `no_phone` accounts have no text-message codes to leave."""

    started: int = 0
    already: int = 0
    no_phone: int = 0
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Start:
    """Orders journeys by one policy."""

    database: Database
    clock: Clock
    policy: Policy

    def everyone(self, counts: Started) -> Iterator[int]:
        """Start a journey for each account that has none. Counts in `counts`, and yields how many accounts are done."""
        with self.database.reading() as session:
            all_accounts = accounts.count(session)
        after, done_count = "", 0
        while account_ids := self._without_journey(after):
            self._open(account_ids, counts)
            after, done_count = account_ids[-1], done_count + len(account_ids)
            yield done_count
        counts.already += max(all_accounts - done_count, 0)

    def some(self, external_ids: Iterable[str], counts: Started) -> Iterator[int]:
        """Start a journey for each account with one of the host's ids. Counts and yields as `everyone` does."""
        remaining = iter(dict.fromkeys(external_ids))
        done_count = 0
        while batch := list(islice(remaining, BATCH)):
            self._open(self._known_accounts(batch, counts), counts)
            done_count += len(batch)
            yield done_count

    def _without_journey(self, after: str) -> list[str]:
        with self.database.reading() as session:
            return list(journeys.without_journey(session, after=after, batch=BATCH))

    def _known_accounts(self, external_ids: list[str], counts: Started) -> list[str]:
        with self.database.reading() as session:
            by_external_id = {
                external_id: accounts.by_external_id(session, external_id) for external_id in external_ids
            }
        counts.unknown += [external_id for external_id, account in by_external_id.items() if account is None]
        return [account.account_id for account in by_external_id.values() if account]

    def _open(self, account_ids: list[str], counts: Started) -> None:
        with self.database.transaction() as session:
            policy_id = policies.store(session, self.policy, at=self.clock())
            # Two commands that lock accounts in one order do not wait for each other.
            for account_id in sorted(account_ids):
                self._open_one(session, account_id, policy_id, counts)

    def _open_one(self, session: Session, account_id: str, policy_id: str, counts: Started) -> None:
        if journeys.open_(session, account_id, policy_id, at=self.clock()):
            counts.started += 1
        elif journeys.find(session, account_id):
            counts.already += 1
        else:
            counts.no_phone += 1
