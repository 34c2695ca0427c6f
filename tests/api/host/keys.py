"""A host's program in tests: a key with scopes, and the requests that it makes."""

from collections.abc import Mapping
from typing import Any

from httpx2 import Response

from domain.host.keys import KeyScope
from domain.staff.staff import Author
from services.host import keys
from tests.api.world import World

OPERATOR = Author(by="olga", came_from="this machine")


def key_for(world: World, *scopes: KeyScope, **given: Any) -> str:
    """A new key with these scopes, or with all."""
    with world.database.transaction() as session:
        made = keys.make(
            session,
            OPERATOR,
            name="login",
            scopes=scopes or tuple(KeyScope),
            at=world.clock(),
            **given,
        )
    return made.token


def is_refused(answer: Response, status: int, reason: str) -> bool:
    """Whether an answer is a problem with this status and reason."""
    if answer.headers["content-type"] != "application/problem+json":
        return False
    return (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (status, status, reason)


def call(
    world: World,
    key: str,
    method: str,
    path: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    **body: Any,
) -> Response:
    """One request with a key, below `/v1`; `name` is its Idempotency-Key."""
    sent = {"authorization": f"Bearer {key}", **(headers or {})}
    if name is not None:
        sent["idempotency-key"] = name
    return world.browser().client.request(method, f"/v1{path}", headers=sent, **body)
