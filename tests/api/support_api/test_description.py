"""The API answers as its own description says, whatever is asked of it, on either database."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Mount

from api.app import create_app
from api.web.problems import TAKES_KEYS
from domain.staff.staff import Role
from store import Database
from tests.api.host.keys import key_for
from tests.api.staff.staff import at_desk
from tests.api.support_api.test_support_api import key_of
from tests.api.world import ORIGIN, Browser, World, make_world
from tests.clocks import FakeClock
from tests.factories import keep_cohort, make_cohort, make_member

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
EXAMPLES = settings(
    max_examples=25,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context: Any, value: Any) -> bytes:
    """Lines as they are; a value of another kind is a bad line."""
    return str(value).encode(errors="surrogatepass")


@schemathesis.serializer("application/secevent+jwt", "application/x-ndjson")
def as_text(_context: object, value: object) -> bytes:
    """A body that is no JSON, as its bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: each keeps other numbers and other texts."""
    return make_world(database, clock)


def served_documents(world: World) -> list[str]:
    """The paths of all descriptions, as the applications themselves say."""
    app = create_app(world.services)
    mounted = [(route.path, route.app) for route in app.routes if isinstance(route, Mount)]
    applications = [("", app), *((path, each) for path, each in mounted if isinstance(each, FastAPI))]
    return [path + each.openapi_url for path, each in applications if each.openapi_url]


@dataclass(frozen=True)
class Caller:
    """Somebody who calls, with the headers that let them in."""

    browser: Browser
    headers: dict[str, str]

    def call(self, case: Case[Any]) -> Response:
        """Send what was generated."""
        sent = case.as_transport_kwargs(base_url=f"{ORIGIN}{TAKES_KEYS}".rstrip("/"), headers=self.headers)
        del sent["cookies"]
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        return self.browser.client.request(**sent)


def callers(world: World) -> list[Caller]:
    """A member with a fresh ceremony, a desk's key, a host's key, and nobody."""
    desk = at_desk(world, Role.ADMIN)
    desk.step_up()
    by_key = world.browser("203.0.113.8")
    nobody = world.browser("203.0.113.9")
    by_hosts_key = Caller(world.browser("203.0.113.10"), {"authorization": f"Bearer {key_for(world)}"})
    return [
        Caller(desk.browser, {}),
        Caller(by_key, key_of(world, Role.SUPPORT)),
        by_hosts_key,
        Caller(nobody, {}),
    ]


def checks_for(call: Case[Any], answer: Response) -> list[Any]:
    """All checks; but to Schemathesis 413 and 431 are no rejections, and a body that is text may hold any value."""
    is_json = call.media_type in (None, "application/json", "application/scim+json")
    is_judged = is_json and answer.status_code not in TOO_LARGE
    return [check for check in CHECKS if is_judged or check is not negative_data_rejection]


def described(world: World, path: str) -> list[Any]:
    """The operations of a description; how to come in is left out of it, because the callers know."""
    document = world.browser().get(path).json()
    for operation in (each for methods in document["paths"].values() for each in methods.values()):
        del operation["security"]
    operations = schemathesis.openapi.from_dict(document).get_all_operations()
    read = [operation.ok() for operation in operations if isinstance(operation, Ok)]
    assert len(read) == sum(len(methods) for methods in document["paths"].values())
    return read


def odd_calls(operation: Any, account_id: str, cohort: str) -> st.SearchStrategy[Case[Any]]:
    """Calls that keep to the description, also for an account or a cohort that is there, and calls that do not."""
    kinds = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    if "account_id" in operation.path:
        kinds.append(operation.as_strategy(path_parameters={"account_id": account_id}))
    if operation.path.startswith("/cohorts/{name}"):
        kinds.append(operation.as_strategy(path_parameters={"name": cohort}))
    return st.one_of(*kinds)


def test_every_answer_is_one_that_the_description_knows(world: World) -> None:
    documents = served_documents(world)
    assert documents == ["/v1/openapi.json"]
    account_id = world.account(progress_at=world.clock()).account_id
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(name="spring"))
        make_member(session, cohort_id, account_id)
    everybody = callers(world)
    for document in documents:
        operations = described(world, document)
        for operation in operations:

            @EXAMPLES
            @given(call=odd_calls(operation, account_id, "spring"), caller=st.sampled_from(everybody))
            def ask(call: Case[Any], caller: Caller) -> None:
                answer = caller.call(call)
                call.validate_response(answer, checks=checks_for(call, answer))

            ask()
