"""The desk as JSON, for those with a desk of their own: the same rights, the same rules, the same words."""

from functools import partial

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer

from api.support_api import acts, audits, exempt_people, objections, people, problems, requests, stuck_people
from api.support_api.description import describe
from services.container import Services

_ABOUT = """
Everything that support sees and does in the console, under the same rights.

Authenticate with a key: `Authorization: Bearer …`, made by `offramp staff key`. A key acts for one member of staff, and
every act names in `on_behalf_of` for whom. What takes a fresh ceremony or a second person is done at the console.
Contacts are masked unless they are revealed, with a reason. Errors are problem details (RFC 9457); `reason` is for
programs.
"""

# Only for the description: the dependencies of each route decide who may come in.
_KEY = HTTPBearer(scheme_name="key", description="Made by `offramp staff key`.", auto_error=False)


def support_api(services: Services) -> FastAPI:
    """The application under `/v1`, with its own description at `/v1/openapi.json`."""
    app = FastAPI(
        title="Offramp support",
        version="1",
        description=_ABOUT.strip(),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    app.state.services = services
    app.state.takes_keys = True
    for room in (people, stuck_people, exempt_people, acts, objections, requests, audits):
        app.include_router(room.router, prefix="/support", dependencies=[Security(_KEY)])
    problems.explain(app)
    # FastAPI's own way to give an application another description.
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app
