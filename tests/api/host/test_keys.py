"""What a host's key opens, and what it does not."""

from datetime import timedelta

import pytest

from domain.errors import Unknown
from domain.host.keys import CALLS_PER_SECOND, KeyScope, UnusableKey
from services.host import keys
from store.host import keys as host_keys
from store.host.keys import HostKey
from tests.api.host.keys import OPERATOR, call, is_refused, key_for
from tests.api.world import World

DAY = timedelta(days=1)


def only_key(world: World) -> HostKey:
    with world.database.reading() as session:
        (key,) = host_keys.every(session)
        return key


def test_a_key_says_what_it_may_do(world: World) -> None:
    key = key_for(world, KeyScope.ACCOUNTS_READ, KeyScope.EVENTS_WRITE)
    answer = call(world, key, "GET", "/key")
    assert answer.status_code == 200
    assert answer.json() == {
        "key_id": only_key(world).key_id,
        "name": "login",
        "scopes": ["accounts:read", "events:write"],
        "calls_per_second": CALLS_PER_SECOND,
        "works_until": (world.clock() + timedelta(days=365)).isoformat().replace("+00:00", "Z"),
    }


def test_the_database_holds_no_key(world: World) -> None:
    key = key_for(world)
    kept = only_key(world).model_dump()
    assert key.startswith("ofr_")
    assert all(key not in str(value) for value in kept.values())
    assert key.startswith(kept["hint"])
    assert len(key) - len(kept["hint"]) > 30


@pytest.mark.parametrize(
    "header", [b"", b"Bearer", b"Bearer ", b"Bearer ofr_nothing", b"Basic b2ZyOg==", b"Bearer \xfc"]
)
def test_without_a_key_that_works_nothing_opens(world: World, header: bytes) -> None:
    headers = [(b"authorization", header)] if header else []
    answer = world.browser().client.get("/v1/key", headers=headers)
    assert is_refused(answer, 401, "no_key")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_desks_key_is_no_hosts_key_and_the_reverse(world: World) -> None:
    key = key_for(world)
    assert call(world, key, "GET", "/support/requests").status_code == 401


def test_a_key_expires(world: World) -> None:
    key = key_for(world, lifetime=2 * DAY)
    world.clock.advance(2 * DAY - timedelta(seconds=1))
    assert call(world, key, "GET", "/key").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert is_refused(call(world, key, "GET", "/key"), 401, "no_key")


def test_a_rotated_key_works_until_the_overlap_is_over(world: World) -> None:
    former = key_for(world, KeyScope.EVENTS_WRITE)
    with world.database.transaction() as session:
        key_id = host_keys.every(session)[0].key_id
        made = keys.rotate(session, OPERATOR, key_id, at=world.clock(), overlap=DAY)
    assert call(world, made.token, "GET", "/key").json()["scopes"] == ["events:write"]
    world.clock.advance(DAY - timedelta(seconds=1))
    assert call(world, former, "GET", "/key").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert call(world, former, "GET", "/key").status_code == 401
    assert call(world, made.token, "GET", "/key").status_code == 200


def test_a_key_is_rotated_once_and_only_while_it_works(world: World) -> None:
    key_for(world)
    key_id = only_key(world).key_id
    with world.database.transaction() as session:
        made = keys.rotate(session, OPERATOR, key_id, at=world.clock())
        with pytest.raises(UnusableKey, match="rotated before"):
            keys.rotate(session, OPERATOR, key_id, at=world.clock())
        keys.end(session, OPERATOR, made.key_id, at=world.clock())
        with pytest.raises(UnusableKey, match="works no more"):
            keys.rotate(session, OPERATOR, made.key_id, at=world.clock())
        with pytest.raises(UnusableKey, match="works no more"):
            keys.end(session, OPERATOR, made.key_id, at=world.clock())


def test_a_key_that_is_ended_opens_nothing_from_then_on(world: World) -> None:
    key = key_for(world)
    with world.database.transaction() as session:
        keys.end(session, OPERATOR, host_keys.every(session)[0].key_id, at=world.clock())
    assert is_refused(call(world, key, "GET", "/key"), 401, "no_key")


def test_an_end_during_an_overlap_is_at_once(world: World) -> None:
    key = key_for(world)
    with world.database.transaction() as session:
        key_id = host_keys.every(session)[0].key_id
        keys.rotate(session, OPERATOR, key_id, at=world.clock(), overlap=DAY)
        keys.end(session, OPERATOR, key_id, at=world.clock())
    assert call(world, key, "GET", "/key").status_code == 401


def test_the_last_use_and_its_address_are_on_record(world: World) -> None:
    key = key_for(world)
    assert only_key(world).last_used_at is None
    call(world, key, "GET", "/key")
    assert (only_key(world).last_used_at, only_key(world).last_used_from) == (world.clock(), "203.0.113.7")


def test_a_use_is_noted_once_a_minute_and_at_once_from_another_address(world: World) -> None:
    key = key_for(world)
    began = world.clock()
    call(world, key, "GET", "/key")
    world.clock.advance(timedelta(seconds=59))
    call(world, key, "GET", "/key")
    assert only_key(world).last_used_at == began
    world.browser("198.51.100.9").client.get("/v1/key", headers={"authorization": f"Bearer {key}"})
    assert (only_key(world).last_used_at, only_key(world).last_used_from) == (world.clock(), "198.51.100.9")


def test_whoever_calls_too_often_waits_a_second_and_other_keys_do_not(world: World) -> None:
    key, other = key_for(world, calls_per_second=3), key_for(world, calls_per_second=3)
    assert [call(world, key, "GET", "/key").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = call(world, key, "GET", "/key")
    assert is_refused(refused, 429, "throttled")
    assert refused.headers["retry-after"] == "1"
    assert call(world, other, "GET", "/key").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert call(world, key, "GET", "/key").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scopes": []}, "needs a scope"),
        ({"scopes": ["everything"]}, "everything is no scope"),
        ({"name": " \n"}, "needs a name"),
        ({"calls_per_second": 0}, "one call a second at least"),
        ({"lifetime": timedelta()}, "more than no time"),
        ({"lifetime": timedelta(days=1096)}, "1095 days at the longest"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(world: World, given: dict[str, object], said: str) -> None:
    wanted: dict[str, object] = {"name": "login", "scopes": ["accounts:read"]} | given
    with world.database.transaction() as session, pytest.raises(UnusableKey, match=said):
        keys.make(session, OPERATOR, at=world.clock(), **wanted)  # type: ignore[arg-type]


def test_a_key_that_nobody_made_cannot_be_rotated_or_ended(world: World) -> None:
    with world.database.transaction() as session:
        for change in (keys.rotate, keys.end):
            with pytest.raises(Unknown):
                change(session, OPERATOR, "0198c0de-0000-7000-8000-000000000000", at=world.clock())
