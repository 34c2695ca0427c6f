"""Starts a sample host. On its first start it makes what Offramp has to give it: a key, a client, a webhook secret.

It does so by the commands that `docs/integrate.md` goes through, and keeps what they print in its home. The next start
goes on with a first one that failed half-way, which leaves nothing behind that works.
"""

import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from examples.shop.customers import ShopDatabase
from examples.shop.first_start import keep_credentials
from examples.shop.offramp_link import Teller, hear
from offramp_client import NotGenuine, Offramp, WebhookReceiver


@dataclass(frozen=True)
class Place:
    """Where the shop and Offramp are, and where the shop keeps its things."""

    home: Path
    port: int
    offramp: str

    @property
    def origin(self) -> str:
        """The shop's own origin."""
        return f"http://localhost:{self.port}"

    @property
    def database(self) -> ShopDatabase:
        """The shop's database."""
        return ShopDatabase(self.home / "shop.db")


@dataclass(frozen=True)
class Credentials:
    """What Offramp gave the shop; `client` only where people are sent to Offramp's pages."""

    key: str
    webhook_secret: str
    signing_key: dict[str, Any] = field(default_factory=dict)
    client: dict[str, Any] = field(default_factory=dict)


def place(name: str) -> Place:
    """Where this run is: as the environment says, or beside the Offramp that `make up` runs."""
    beside = Path(os.environ.get("OFFRAMP_HOME", ".offramp"), name)
    home = Path(os.environ.get("SHOP_HOME", beside))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    offramp = os.environ.get("SHOP_OFFRAMP", f"http://localhost:{os.environ.get('OFFRAMP_API_PORT', '8400')}")
    return Place(home, int(os.environ.get("SHOP_PORT", "8500")), offramp.rstrip("/"))


def credentials(where: Place, *, sends_people: bool) -> Credentials:
    """What the first start made, or what it makes now."""
    kept = where.home / "credentials.json"
    if not kept.exists():
        keep_credentials(kept, where.origin, sends_people=sends_people)
    return Credentials(**json.loads(kept.read_text()))


def client_for(where: Place, given: Credentials) -> Offramp:
    """The shop's client of Offramp. `SHOP_PATIENCE` is for how many seconds a sign-in may wait for its prompt."""
    patience = timedelta(seconds=float(os.environ.get("SHOP_PATIENCE", "0.3")))
    return Offramp(where.offramp, key=given.key, source=where.origin, prompt_patience=patience)


def serve(where: Place, given: Credentials, offramp: Offramp, router: APIRouter) -> None:
    """Serve the shop's pages and its webhooks until it is stopped."""
    database, receiver = where.database, WebhookReceiver(given.webhook_secret)
    teller = Teller(database, offramp)

    @asynccontextmanager
    async def running(_app: FastAPI) -> Any:
        teller.start()
        print(f"The Shop is at {where.origin}", flush=True)
        yield
        await run_in_threadpool(teller.stop)

    app = FastAPI(lifespan=running, openapi_url=None)
    app.include_router(router)

    @app.post("/webhooks/offramp")
    async def webhook(request: Request) -> Response:
        """Verify first, then do, then answer: whatever breaks before the answer comes again."""
        try:
            message = receiver.receive(await request.body(), request.headers)
        except NotGenuine:
            return Response(status_code=401)
        await run_in_threadpool(hear, database, message)
        return Response(status_code=204)

    uvicorn.run(app, host="127.0.0.1", port=where.port, log_level="warning")
