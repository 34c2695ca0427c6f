"""The sample hosts without Offramp: what Offramp would answer is written down."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from examples.shop.customers import ShopDatabase
from examples.shop.populating import PEOPLE
from offramp_client import Offramp, Retries
from tests.clients.scripted_server import Reply, ScriptedServer, scripted_server

PASSWORD = "correct horse"
SHOP = "http://shop.test"
Serve = Callable[[APIRouter], TestClient]


@pytest.fixture
def shop(tmp_path: Path) -> ShopDatabase:
    """A shop with a few customers."""
    database = ShopDatabase(tmp_path / "shop.db")
    for person in PEOPLE:
        database.add_customer(person, password=PASSWORD)
    return database


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as scripted:
        scripted.says(Reply(503))
        yield scripted


@pytest.fixture
def offramp(server: ScriptedServer) -> Iterator[Offramp]:
    with Offramp(server.origin, key="ofr_test", source=SHOP, retries=Retries(attempts=1)) as client:
        yield client


@pytest.fixture
def serve() -> Iterator[Serve]:
    opened: list[TestClient] = []

    def browser_of(router: APIRouter) -> TestClient:
        app = FastAPI()
        app.include_router(router)
        browser = TestClient(app, base_url=SHOP, follow_redirects=False)
        browser.__enter__()
        opened.append(browser)
        return browser

    yield browser_of
    for browser in opened:
        browser.__exit__()


def sign_in(browser: TestClient, shop: ShopDatabase, email: str = "ada@shop.example") -> str:
    """Sign in by password and code, and return where that leads."""
    browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    _, text = shop.texts()[0]
    answer = browser.post("/sign-in/code", data={"code": text[:6]})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])
