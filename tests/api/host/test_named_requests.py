"""A request that names itself is done once, whatever happens to its answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from api.host import problems as host_problems
from api.host.callers import require
from api.host.named_requests import HostRoute
from api.support_api import problems
from domain.errors import Refused
from domain.host.keys import KeyScope
from services.host import named_requests
from store import Database
from store.host.answered_requests import KEPT_FOR, UNDER_WAY_FOR, AnsweredRequest
from tests.api.host.keys import is_refused, key_for
from tests.api.world import World

Post = Callable[..., Response]


class Counter:
    """Counts what is really done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.refuses = False


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def post(world: World, counter: Counter) -> Post:
    """Sends a POST with a key to an application whose one route counts."""
    router = APIRouter(route_class=HostRoute)

    @router.post("/things", status_code=201, dependencies=[Depends(require(KeyScope.EVENTS_WRITE))])
    def add(word: Annotated[str, Body(embed=True)]) -> dict[str, str]:
        if counter.refuses:
            raise Refused("not now")
        counter.done.append(word)
        return {"word": word, "number": str(len(counter.done))}

    app = FastAPI()
    app.include_router(router)
    app.state.services = world.services
    problems.explain(app)
    host_problems.explain(app)
    client = TestClient(app, raise_server_exceptions=False)
    own_key = key_for(world, KeyScope.EVENTS_WRITE)

    def send(word: str = "hello", *, name: str | None = "n1", key: str = own_key) -> Response:
        headers = {"authorization": f"Bearer {key}"} | ({} if name is None else {"idempotency-key": name})
        return client.post("/things", json={"word": word}, headers=headers)

    return send


def test_the_same_request_is_done_once_and_answered_twice(post: Post, counter: Counter) -> None:
    first, second = post(), post()
    assert (first.status_code, first.json()) == (201, {"word": "hello", "number": "1"})
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (
        False,
        "true",
    )
    assert counter.done == ["hello"]


def test_without_a_name_every_request_is_done(post: Post, counter: Counter) -> None:
    post(name=None)
    post(name=None)
    assert counter.done == ["hello", "hello"]


def test_another_request_under_the_same_name_is_refused(post: Post, counter: Counter) -> None:
    post("hello")
    assert is_refused(post("goodbye"), 422, "idempotency_key_taken")
    assert counter.done == ["hello"]


def test_two_keys_may_use_the_same_name(world: World, post: Post, counter: Counter) -> None:
    post()
    post(key=key_for(world, KeyScope.EVENTS_WRITE))
    assert counter.done == ["hello", "hello"]


def test_a_request_that_was_refused_can_be_made_again(post: Post, counter: Counter) -> None:
    counter.refuses = True
    assert post().status_code == 409
    counter.refuses = False
    assert post().status_code == 201
    assert counter.done == ["hello"]


def test_while_one_is_under_way_the_same_one_waits(world: World, post: Post, counter: Counter) -> None:
    begun = []
    real_answer = named_requests.answer

    def while_under_way(*given: object) -> None:
        begun.append(post())
        real_answer(*given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(named_requests, "answer", while_under_way)
        assert post().status_code == 201
    assert is_refused(begun[0], 409, "under_way")
    assert begun[0].headers["retry-after"] == "1"
    assert counter.done == ["hello"]


def test_a_request_whose_process_died_is_taken_over(world: World, post: Post, counter: Counter) -> None:
    def die(*_: object) -> None:
        raise SystemError("killed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(named_requests, "answer", die)
        assert post().status_code == 500
    assert is_refused(post(), 409, "under_way")
    world.clock.advance(UNDER_WAY_FOR)
    assert post().status_code == 201
    assert counter.done == ["hello", "hello"]


@pytest.mark.parametrize("is_refused_late", [False, True])
def test_a_request_that_took_too_long_touches_nothing_of_the_one_that_took_over(
    world: World, post: Post, counter: Counter, is_refused_late: bool
) -> None:
    late = "forget" if is_refused_late else "answer"
    end = getattr(named_requests, late)

    def too_late(*given: object) -> None:
        patch.undo()
        counter.refuses = False
        world.clock.advance(UNDER_WAY_FOR)
        assert post("goodbye").status_code == 201
        end(*given)

    with pytest.MonkeyPatch.context() as patch:
        counter.refuses = is_refused_late
        patch.setattr(named_requests, late, too_late)
        post("hello")
    again = post("goodbye")
    assert (again.json()["word"], again.headers["idempotency-replayed"]) == ("goodbye", "true")
    assert counter.done.count("goodbye") == 1


def test_an_answer_is_kept_for_a_day(world: World, post: Post, counter: Counter) -> None:
    post()
    world.clock.advance(KEPT_FOR - timedelta(seconds=1))
    assert post().headers["idempotency-replayed"] == "true"
    world.clock.advance(timedelta(seconds=1))
    assert "idempotency-replayed" not in post().headers
    assert counter.done == ["hello", "hello"]


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
def test_a_name_that_cannot_be_kept_is_refused(post: Post, counter: Counter, name: str) -> None:
    assert is_refused(post(name=name), 400, "bad_idempotency_key")
    assert counter.done == []


def test_a_key_that_works_no_more_is_not_answered_again(world: World, post: Post) -> None:
    post()
    assert is_refused(post(key="ofr_nobody"), 401, "no_key")


def test_the_answer_lies_sealed(world: World, post: Post) -> None:
    post("a-word-of-a-person")
    for row in rows(world.database):
        assert b"a-word-of-a-person" not in (row.sealed_body or b"")


def test_a_scope_that_is_missing_is_named(world: World, post: Post, counter: Counter) -> None:
    refused = post(key=key_for(world, KeyScope.ACCOUNTS_READ))
    assert is_refused(refused, 403, "scope_missing")
    assert "events:write" in refused.json()["detail"]
    assert counter.done == []


def rows(database: Database) -> list[AnsweredRequest]:
    with database.reading() as session:
        return list(session.exec(select(AnsweredRequest)))
