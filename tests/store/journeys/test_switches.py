"""For which accounts a stop holds, and who waits because of it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.attempts import Occasion, Scene
from domain.errors import RetiringStopped
from domain.rollouts.slices import Dimension, Platform
from domain.software import BrowserFamily, Software
from domain.switches import Switch
from store import Database
from store.journeys import retiring, switches
from store.people import accounts
from store.rollouts import holds
from tests.clocks import START
from tests.factories import make_account, make_passkey
from tests.switches import resume, stop

BITWARDEN = "d548826e-79b4-db40-a3d8-11116f7e8349"
ON_CHROME = Scene(
    occasion=Occasion.HOST,
    software=Software(browser=BrowserFamily.CHROME, browser_major=131, system=Platform.WINDOWS),
)


def add(database: Database, *, country: str | None = None, aaguid: str = "", **passkey: Any) -> str:
    with database.transaction() as session:
        account_id = make_account(session, country=country).account_id
        if aaguid:
            make_passkey(session, account_id, aaguid=aaguid, **passkey)
    return account_id


def is_stopped(database: Database, switch: Switch, account_id: str, scene: Scene | None = None) -> bool:
    with database.reading() as session:
        return switches.is_stopped(session, switch, account_id, scene)


def test_a_stop_for_everybody_holds_for_all_and_for_no_other_switch(database: Database) -> None:
    account_id = add(database)
    stop(database, Switch.NUDGES)
    assert is_stopped(database, Switch.NUDGES, account_id)
    assert not any(is_stopped(database, other, account_id) for other in Switch if other is not Switch.NUDGES)
    resume(database, Switch.NUDGES)
    assert not is_stopped(database, Switch.NUDGES, account_id)


def test_a_country_holds_for_its_accounts_and_not_for_those_without_one(database: Database) -> None:
    stop(database, Switch.NUDGES, Dimension.COUNTRY, "DE")
    assert is_stopped(database, Switch.NUDGES, add(database, country="DE"))
    assert not is_stopped(database, Switch.NUDGES, add(database, country="FR"))
    assert not is_stopped(database, Switch.NUDGES, add(database))


def test_a_provider_holds_for_whoever_has_a_passkey_there_that_opens_the_account(database: Database) -> None:
    stop(database, Switch.RETIRING, Dimension.PROVIDER, "Bitwarden")
    assert is_stopped(database, Switch.RETIRING, add(database, aaguid=BITWARDEN))
    assert not is_stopped(database, Switch.RETIRING, add(database, aaguid=BITWARDEN, removed_at=START))
    assert not is_stopped(database, Switch.RETIRING, add(database, aaguid=BITWARDEN, frozen_at=START))
    assert not is_stopped(database, Switch.RETIRING, add(database))


@pytest.mark.parametrize(
    ("dimension", "value", "holds_here"),
    [
        (Dimension.PLATFORM, "windows", True),
        (Dimension.PLATFORM, "ios", False),
        (Dimension.BROWSER, "Chrome 131", True),
        (Dimension.BROWSER, "Chrome", True),
        (Dimension.BROWSER, "Chrome 132", False),
    ],
)
def test_a_device_is_the_one_that_somebody_uses_now(
    sqlite_database: Database, dimension: Dimension, value: str, *, holds_here: bool
) -> None:
    account_id = add(sqlite_database)
    stop(sqlite_database, Switch.PROMPTS, dimension, value)
    assert is_stopped(sqlite_database, Switch.PROMPTS, account_id, ON_CHROME) is holds_here
    assert not is_stopped(sqlite_database, Switch.PROMPTS, account_id)


def test_whoever_retires_is_refused_for_the_slice_alone(database: Database) -> None:
    german, french = add(database, country="DE"), add(database, country="FR")
    stop(database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    with database.transaction() as session:
        retiring.require(session, french)
        with pytest.raises(RetiringStopped, match="stopped for country DE: something is down"):
            retiring.require(session, german)


def test_held_journeys_are_released_but_for_those_for_whom_retiring_is_still_stopped(
    database: Database,
) -> None:
    german, french = add(database, country="DE"), add(database, country="FR")
    stop(database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    with database.transaction() as session:
        for account_id in (german, french):
            holds.hold(session, account_id, at=START)
    assert release(database) == 1
    with database.reading() as session:
        assert accounts.get(session, german).held_since == START
        assert accounts.get(session, french).held_since is None
    resume(database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    assert release(database) == 1


def release(database: Database) -> int:
    with database.transaction() as session:
        return holds.release_idle(session, at=START + timedelta(minutes=1), batch=9)
