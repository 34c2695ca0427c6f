"""An owner, a thief, support, a host, lost messages and a relay that crashes, at random, against the real services."""

import re
from datetime import timedelta

import pytest
from hypothesis.stateful import invariant

from tests.databases import SqliteDatabases
from tests.services.safety.random_plays import play
from tests.services.safety.trust_machine import HostTrustMachine, TrustMachine

PLAYS = 200
"""Some 7,000 steps, in little more than two minutes of one core. `python -m benchmarks.trust_machine` plays more."""

HOST_PLAYS = 60
"""Fewer, since the host's pages leave out what needs a page of Offramp's."""

SHRINKING = timedelta(minutes=2)


@pytest.mark.timeout(900)
def test_no_thief_gets_more_than_a_way_in_that_waits(sqlite: SqliteDatabases) -> None:
    TrustMachine.databases = sqlite
    play(TrustMachine, PLAYS, derandomize=True, shrinking=SHRINKING)


@pytest.mark.timeout(900)
def test_no_thief_gets_more_than_that_where_the_host_runs_the_ceremonies(sqlite: SqliteDatabases) -> None:
    HostTrustMachine.databases = sqlite
    play(HostTrustMachine, HOST_PLAYS, derandomize=True, shrinking=SHRINKING)


class _Mistaken(TrustMachine):
    """Believes that nobody has ever more than two passkeys."""

    @invariant()
    def nobody_has_three_passkeys(self) -> None:
        assert not hasattr(self, "play") or len(self.stage.passkeys()) < 3, "there are three passkeys"


@pytest.mark.timeout(900)
def test_a_play_that_fails_is_told_in_a_few_steps(sqlite: SqliteDatabases) -> None:
    _Mistaken.databases = sqlite
    with pytest.raises(AssertionError, match="three passkeys") as failure:
        play(_Mistaken, 100, derandomize=True, shrinking=timedelta(minutes=4))
    told = "\n".join(failure.value.__notes__)
    assert len(re.findall(r"^ *state\.(?!begin|teardown)", told, re.MULTILINE)) <= 4, told
