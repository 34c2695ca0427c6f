"""Turns switches in tests, as an operator called Ada."""

from domain.rollouts.slices import Dimension
from domain.staff.staff import Author
from domain.switches import Switch, SwitchStop
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import Database
from tests.clocks import START

ADA = Author(by="ada")


def stop(database: Database, switch: Switch, by: Dimension | None = None, value: str = "") -> SwitchStop:
    """Stop a switch, for everybody or for a slice, because "something is down"."""
    with database.transaction() as session:
        return switches.stop(session, ADA, turn(switch, by, value))


def resume(database: Database, switch: Switch, by: Dimension | None = None, value: str = "") -> SwitchStop:
    """Let it go on for the same people."""
    with database.transaction() as session:
        return switches.resume(session, ADA, turn(switch, by, value), {})


def turn(switch: Switch, by: Dimension | None = None, value: str = "") -> SwitchTurn:
    """An order, with its reason."""
    people = switches.slice_of(switch, by, value)
    return SwitchTurn(switch=switch, people=people, reason="something is down", at=START)
