"""The web application: people's pages and the staff's console, built from one router per noun."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Mount

from api.routers import routers
from api.staff import errors as staff_errors
from api.support_api import support_api
from api.web import errors, security
from api.web.problems import TAKES_KEYS
from api.web.readable import OnlyReadable
from services.container import Services
from services.figures.adoption_figures import AdoptionFigures

# FastAPI's own telemetry would name paths and queries, and those hold tokens.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> FastAPI:
    """The application on these services. It has no public schema; only the API under `/v1` has one."""
    app = FastAPI(
        title="Offramp",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in routers(is_development=services.is_development):
        app.include_router(router)
    app.mount(TAKES_KEYS.rstrip("/"), support_api(services))
    app.add_middleware(OnlyReadable)
    security.protect(app, services.site)
    errors.explain(app)
    staff_errors.explain(app)
    serve_from(app, services)
    return app


def serve_from(app: FastAPI, services: Services) -> None:
    """Use these services from now on. The application keeps the site and the mode with which it was made."""
    app.state.services = services
    app.state.adoption = AdoptionFigures(database=services.database, clock=services.clock)
    for route in app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            route.app.state.services = services
