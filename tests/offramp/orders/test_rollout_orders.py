"""The way to the rollouts, while nobody is there."""

import pytest

from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Command, Order
from offramp import wiring
from offramp.config.settings import Settings
from offramp.orders.rollout_orders import RolloutOrders
from services.container import NobodyThere
from store import Database
from store.rollouts import cohorts
from tests.clocks import FakeClock
from tests.factories import keep_cohort, make_cohort
from tests.journeys.site import free_port


@pytest.fixture
def orders(sqlite_database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> RolloutOrders:
    """Where no Temporal server listens."""
    for variable in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    settings = Settings(temporal_port=free_port())
    return RolloutOrders(connect=lambda: wiring.connect(settings), database=sqlite_database, clock=clock)


def test_without_temporal_nothing_is_ordered(orders: RolloutOrders, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        cohort_id = keep_cohort(session)
    order = Order(command=Command.PAUSE, by="olga", reason="the help desk is full")
    with pytest.raises(NobodyThere, match="Temporal does not answer") as nobody:
        orders.give(cohort_id, order)
    assert not nobody.value.is_taken
    with pytest.raises(NobodyThere, match="Temporal does not answer"):
        orders.launch(make_cohort(name="autumn"), by="olga", reason="a test")
    with pytest.raises(NobodyThere, match="Temporal does not answer"):
        orders.edit(cohort_id, Edit(cohort=make_cohort(pace=1), by="olga", reason="a test"))
    with sqlite_database.reading() as session:
        assert cohorts.by_name(session, "autumn") is None
        assert [entry.kind for entry in cohorts.entries(session, cohort_id)] == ["launch"]
