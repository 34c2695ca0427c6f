"""Compares a host's list with what Offramp believes: line by line, in constant memory. It changes nothing by itself."""

from collections.abc import Callable, Iterable
from itertools import islice

from domain.host.comparing import AccountDifference, Comparison, ListedState, SmsDifference, difference
from domain.ports import Clock
from store import Database, Session
from store.host import comparisons, listed_accounts

BATCH = 500

Tell = Callable[[AccountDifference], None]


def compare(
    database: Database, listed: Iterable[ListedState], comparison: Comparison, *, clock: Clock, tell: Tell
) -> None:
    """Compare all lines, tell of each difference, and keep the result. The counts are added to `comparison`.

    At the end come the accounts that are not listed, unless lines were bad, or there were none: then nobody can say who
    is behind them. If `listed` raises, nothing is kept.
    """
    lines, began_at = iter(listed), clock()
    with listed_accounts.opened(database) as session:
        while batch := list(islice(lines, BATCH)):
            _compare(session, batch, comparison, tell)
        if comparison.is_whole:
            comparison.count_missing(0)
            for external_id in listed_accounts.missing(session, before=began_at):
                comparison.count_missing(1)
                tell(AccountDifference(kind=SmsDifference.MISSING_THERE, external_id=external_id))
    with database.transaction() as session:
        comparisons.keep(session, comparison, at=clock())


def _compare(session: Session, batch: list[ListedState], comparison: Comparison, tell: Tell) -> None:
    ours = comparisons.states(session, [line.external_id for line in batch])
    listed_accounts.note(session, [state.account_id for state in ours.values()])
    for line in batch:
        our_state = ours.get(line.external_id)
        kind = difference(line, our_state.sms if our_state else None)
        is_under_way = our_state is not None and our_state.is_under_way
        comparison.count(kind, is_under_way=is_under_way)
        if kind and not is_under_way:
            tell(AccountDifference(kind=kind, external_id=line.external_id, line=line.line))
