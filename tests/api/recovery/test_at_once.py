"""Two who get back in at the same moment never both do, and what is pressed twice is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from activities.recoveries import RecoveryActivities, RecoveryStep
from domain.messages.links import recovery_token
from domain.messages.messages import Template
from domain.recovery import RecoveryStage
from domain.trust import Root, Trust, Way
from services.people.recovery_code_sets import _named
from store import Database
from store.people import recovery_codes
from store.people.accounts import Account
from store.safety import recoveries
from tests.api.recovery.stage import Recoverer, pass_time, recoverer
from tests.api.world import World, make_world
from tests.clocks import START, FakeClock

CODES = [f"abcd-efgh-jkmn-pqr{number}" for number in range(2, 8)]
_T = TypeVar("_T")


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: only one of them locks rows."""
    return make_world(database, clock)


@pytest.fixture
def account(world: World) -> Account:
    """Somebody with codes that go back to a text, and an address of the host's."""
    account = world.account()
    kept = Trust(root=Root.SMS, rooted_at=START, bound_at=START, way=Way.VOUCHED, established_from=START)
    digests = [world.services.peppers.digest(**_named(account.account_id, code)).digest for code in CODES]
    with world.database.transaction() as session:
        recovery_codes.make(session, account.account_id, digests, kept, key_id=world.services.peppers.key_id)
    return account


def at_once(*acts: Callable[[], _T]) -> list[_T]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def stages(world: World, account: Account) -> list[str]:
    with world.database.reading() as session:
        return sorted(row.stage for row in recoveries.of_account(session, account.account_id))


def with_email(world: World, account: Account) -> Recoverer:
    person = recoverer(world, account)
    person.prove_email()
    return person


def test_of_two_who_are_let_in_at_once_one_makes_a_passkey(world: World, account: Account) -> None:
    first, second = with_email(world, account), with_email(world, account)
    at_once(lambda: first.prove_code(CODES[0]), lambda: second.prove_code(CODES[1]))
    assert stages(world, account) == [RecoveryStage.WAITING] * 2
    for number in (1, 2):
        pass_time(world, account, world.clock() + timedelta(days=1), number=number)
    links = {m.values["recovery_id"]: m for m in first.told(Template.RECOVERY_OPEN)}
    assert len(links) == 2
    paths = [f"/recover/open/{recovery_token(world.services.seal, m.key)}" for m in links.values()]
    for person in (first, second):
        for path in paths:
            person.browser.post(path)
    made = at_once(
        lambda: first.browser.make_passkey(world.authenticator()).status_code,
        lambda: second.browser.make_passkey(world.authenticator()).status_code,
    )
    assert sorted(made) in ([200, 401], [200, 403])
    assert stages(world, account) == [RecoveryStage.DONE, RecoveryStage.STOPPED]


def test_one_code_proves_one_request(world: World, account: Account) -> None:
    first, second = with_email(world, account), with_email(world, account)
    at_once(lambda: first.prove_code(CODES[0]), lambda: second.prove_code(CODES[0]))
    assert stages(world, account) == [RecoveryStage.GATHERING, RecoveryStage.WAITING]


def test_it_opens_once_however_often_a_worker_tries(world: World, account: Account) -> None:
    ada = with_email(world, account)
    ada.prove_code(CODES[0])
    pass_time(world, account, world.clock() + timedelta(hours=13))
    with world.database.reading() as session:
        [recovery] = recoveries.under_way(session, account.account_id)
        state = recoveries.state(session, recovery)
    acts, moment = RecoveryActivities(world.database), world.clock() + timedelta(days=2)
    step = RecoveryStep(state=state, at=moment)
    states = at_once(*[lambda: acts.open_recovery(step)] * 4)
    assert {told.stage for told in states} == {RecoveryStage.OPEN}
    assert len(ada.told(Template.RECOVERY_OPEN)) == 1


def test_stopping_and_opening_at_once_leaves_one_of_both(world: World, account: Account) -> None:
    ada = with_email(world, account)
    ada.prove_code(CODES[0])
    pass_time(world, account, world.clock() + timedelta(hours=13))
    owner = world.browser()
    owner.sign_in_by_code(account)
    with world.database.reading() as session:
        [recovery] = recoveries.under_way(session, account.account_id)
        step = RecoveryStep(state=recoveries.state(session, recovery), at=world.clock() + timedelta(days=2))
    acts = RecoveryActivities(world.database)
    at_once(lambda: acts.open_recovery(step), lambda: owner.post("/account/recovery/1/stop"))
    assert stages(world, account) == [RecoveryStage.STOPPED]
    assert pass_time(world, account, world.clock() + timedelta(days=9)) == []


def test_the_session_of_a_link_makes_one_passkey(world: World, account: Account) -> None:
    ada = with_email(world, account)
    ada.prove_code(CODES[0])
    pass_time(world, account)
    ada.browser.post(ada.link())
    assert ada.browser.make_passkey(world.authenticator()).status_code == 200
    assert ada.browser.send("/passkeys/options").status_code == 403
