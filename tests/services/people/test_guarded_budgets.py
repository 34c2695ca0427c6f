"""Budgets under guard: strangers get half of what they had, and a browser that the account knows keeps its own."""

from datetime import timedelta

import pytest

from domain.codes import TRIES, digest
from domain.errors import GuessedTooOften, Throttled
from domain.safety.guard import TIGHTENED, part_of
from domain.safety.guessing import GuessedCode
from domain.safety.throttle import LIMITS, Throttle
from domain.staff.staff import Author
from services.container import Services
from services.people import claimants, guessing
from services.people.claimants import Claimant
from services.people.visits import Visit
from services.safety import guard
from store.engine import throttles
from store.people import known_browsers
from tests.clocks import FakeClock
from tests.factories import make_account

STRANGER = Visit(address="198.51.100.1", platform="iPhone")
KNOWN = Visit(address="203.0.113.7", platform="iPhone", browser_token="kept")


@pytest.fixture
def claimant(services: Services) -> Claimant:
    """Somebody whose account knows one browser."""
    with services.database.transaction() as session:
        account_id = make_account(session).account_id
        known_browsers.remember(session, digest("kept"), account_id, at=services.clock())
    return claimants.of_account(services, account_id)


@pytest.fixture
def is_up(services: Services) -> None:
    """The guard, for a day."""
    with services.database.transaction() as session:
        guard.put_up(
            session, Author(by="ada"), length=timedelta(days=1), reason="SIM swaps", at=services.clock()
        )


def attempts(services: Services, throttle: Throttle, *, is_known: bool = False) -> int:
    """How often something can be tried at once."""
    with services.database.transaction() as session:
        now, subject = services.clock(), "somebody"
        for times in range(1000):
            if throttles.count(session, throttle, subject, now=now, is_known=is_known):
                return times
    raise AssertionError("no end")


def codes(services: Services, visit: Visit, claimant: Claimant) -> int:
    """How many codes can be asked for at once."""
    for times in range(100):
        try:
            guessing.require_code(services, visit, claimant)
        except Throttled:
            return times
    raise AssertionError("no end")


def guesses(services: Services, visit: Visit, claimant: Claimant) -> int:
    """How many wrong codes can be typed at once."""
    for times in range(100):
        try:
            guessing.require_guess(services, visit, claimant, GuessedCode.SIGN_IN)
        except GuessedTooOften:
            return times
    raise AssertionError("no end")


@pytest.mark.parametrize("throttle", sorted(TIGHTENED))
@pytest.mark.usefixtures("is_up")
def test_strangers_may_try_half_as_often(services: Services, throttle: Throttle) -> None:
    assert attempts(services, throttle) == part_of(LIMITS[throttle].most)


@pytest.mark.parametrize("throttle", [Throttle.CEREMONIES_PER_ADDRESS, Throttle.LONG_CODES_PER_ADDRESS])
@pytest.mark.usefixtures("is_up")
def test_passkeys_and_long_codes_are_spared(services: Services, throttle: Throttle) -> None:
    assert attempts(services, throttle) == LIMITS[throttle].most


@pytest.mark.usefixtures("is_up")
def test_a_known_browser_asks_for_as_many_codes_as_ever_and_a_stranger_for_half(
    services: Services, claimant: Claimant
) -> None:
    most = LIMITS[Throttle.CODES_PER_ACCOUNT].most
    assert codes(services, STRANGER, claimant) == part_of(most)
    assert codes(services, KNOWN, claimant) == most


@pytest.mark.usefixtures("is_up")
def test_a_strangers_wrong_code_counts_twice_and_a_known_browsers_once(
    services: Services, claimant: Claimant
) -> None:
    assert guesses(services, STRANGER, claimant) == (TRIES + 1) // 2
    assert guesses(services, KNOWN, claimant) == TRIES + 1


def test_after_its_end_wrong_codes_count_once_again(
    services: Services, claimant: Claimant, clock: FakeClock, is_up: None
) -> None:
    guesses(services, STRANGER, claimant)
    clock.advance(timedelta(days=1))
    assert guesses(services, STRANGER, claimant) == TRIES + 1 - (TRIES + 1) // 2
