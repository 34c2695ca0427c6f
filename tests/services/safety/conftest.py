"""An account with its owner, and somebody with the owner's SIM."""

from datetime import timedelta

import pytest

from store import Database
from tests.clocks import FakeClock
from tests.services.safety.players import Player
from tests.services.safety.trust_stage import TrustStage, keep_passkey, make_stage

DAY = timedelta(days=1)


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> TrustStage:
    return make_stage(database, clock, email_verified_at=clock())


@pytest.fixture
def thief(stage: TrustStage) -> Player:
    """Somebody who has the owner's SIM."""
    return Player(stage, "203.0.113.66", mailboxes={stage.account.phone or ""})


@pytest.fixture
def owner(stage: TrustStage) -> Player:
    """The owner, with one passkey from the beginning, who reads their own mail."""
    mailboxes, since = {stage.account.email or ""}, stage.now - DAY
    return Player(stage, "198.51.100.1", credentials=[keep_passkey(stage, at=since)], mailboxes=mailboxes)
