"""An account with its owner, and somebody with the owner's SIM."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.host.ceremonies import Ceremonies
from store import Database
from tests.ceremonies import run_by
from tests.clocks import FakeClock
from tests.services.safety.host_players import HostPlayer
from tests.services.safety.players import Player
from tests.services.safety.trust_stage import TrustStage, make_stage

DAY = timedelta(days=1)


@pytest.fixture
def player(request: pytest.FixtureRequest, database: Database) -> Iterator[type[Player]]:
    """At whose pages people are: at Offramp's, or, in a test that asks for `HostPlayer`, at their host's.

    Plays about links between devices, steps up, holds, and what an account page confirms, rejects, stops or answers
    have no second way: there is no such page where the host runs the ceremonies.
    """
    chosen: type[Player] = getattr(request, "param", Player)
    is_at_host = issubclass(chosen, HostPlayer)
    with run_by(database, Ceremonies.ORCHESTRATED if is_at_host else Ceremonies.HOSTED):
        yield chosen


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> TrustStage:
    return make_stage(database, clock, email_verified_at=clock())


@pytest.fixture
def thief(stage: TrustStage, player: type[Player]) -> Player:
    """Somebody who has the owner's SIM."""
    return player(stage, "203.0.113.66", mailboxes={stage.account.phone or ""})


@pytest.fixture
def owner(stage: TrustStage, player: type[Player]) -> Player:
    """The owner, with one passkey from the beginning, who reads their own mail."""
    mailboxes, since = {stage.account.email or ""}, stage.now - DAY
    credentials = [player.keeps_passkey(stage, at=since)]
    return player(stage, "198.51.100.1", credentials=credentials, mailboxes=mailboxes)
