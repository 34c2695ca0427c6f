"""The JSON API under `/v1`: what hosts' programs and other desks may do, with one description of all of it."""

from functools import partial

from fastapi import APIRouter, FastAPI, Security
from fastapi.security import HTTPBearer
from fastapi.telemetry import TelemetryConfig

from api import operator_api, support_api
from api.host import account_imports, accounts, events, own_key, prompts, recoveries, scim, security_events
from api.host import problems as host_problems
from api.operator_api import problems as operator_problems
from api.support_api import problems
from api.v1_description import describe

# FastAPI's own telemetry would name paths and queries, and those hold tokens.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}

_ABOUT = """
The API for a host's own programs, for operators' programs, and for other support desks.

Authenticate with a key: `Authorization: Bearer …`. `offramp keys create` makes a host's key, with scopes; `offramp
staff key` makes a key for an operator's program or for a desk, which acts for one member of staff. Errors are problem
details (RFC 9457); `reason` is for programs. Only SCIM has errors of its own form (RFC 7644, 3.12). A host may name
every POST by an `Idempotency-Key`: it is done once, and answered again as it was the first time.
"""

# Only for the description: the dependencies of each route decide who may come in.
_HOST_KEY = HTTPBearer(scheme_name="host_key", description="Made by `offramp keys create`.", auto_error=False)

_HOST: tuple[tuple[str, APIRouter], ...] = (
    ("", own_key.router),
    ("", prompts.router),
    ("", recoveries.router),
    ("/accounts", account_imports.router),
    ("/accounts", accounts.router),
    ("/events", events.router),
    ("/scim/v2", scim.router),
)
"""The routers of the host's API, each with the prefix of its paths."""

_SIGNED: tuple[tuple[str, APIRouter], ...] = (("/security-events", security_events.router),)
"""Those that ask for no key, because a signature is the authority."""


def v1() -> FastAPI:
    """The application under `/v1`, with its own description at `/v1/openapi.json`; `serve_from` gives it services."""
    app = FastAPI(
        title="Offramp",
        version="1",
        servers=[{"url": "/v1"}],
        description=_ABOUT.strip(),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        responses=problems.RESPONSES,
    )
    app.state.takes_keys = True
    for prefix, router in _HOST:
        app.include_router(router, prefix=prefix, dependencies=[Security(_HOST_KEY)])
    for prefix, router in _SIGNED:
        app.include_router(router, prefix=prefix)
    support_api.include(app)
    operator_api.include(app)
    problems.explain(app)
    host_problems.explain(app)
    operator_problems.explain(app)
    # FastAPI's own way to give an application another description.
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app
