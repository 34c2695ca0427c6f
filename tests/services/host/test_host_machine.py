"""Whatever a host says, in whichever order: no code is off without proof, and both sides agree in the end."""

import os
from datetime import timedelta

from tests.databases import SqliteDatabases
from tests.services.host.host_machine import HostMachine
from tests.services.safety.random_plays import play

PLAYS = int(os.environ.get("OFFRAMP_TEST_LIVES", "20"))


def test_no_host_gets_codes_switched_off_without_proof_nor_keeps_anybody_out(sqlite: SqliteDatabases) -> None:
    HostMachine.databases = sqlite
    play(HostMachine, PLAYS, derandomize=True, shrinking=timedelta(seconds=60), steps=25)
