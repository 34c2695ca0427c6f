"""The web application: people's pages and the staff's console, built from one router per noun."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import Mount

from api.host.scim_errors import ScimErrors
from api.routers import routers
from api.staff import errors as staff_errors
from api.v1 import NO_TELEMETRY, v1
from api.web import errors, security
from api.web.problems import TAKES_KEYS
from api.web.readable import OnlyReadable
from services.container import Services
from services.figures.adoption_figures import AdoptionFigures
from services.figures.promise_figures import PromiseFigures
from services.figures.today_figures import TodayFigures

STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> FastAPI:
    """The application on these services. It has no public schema; only the API under `/v1` has one."""
    app = FastAPI(
        title="Offramp",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    # First, because hosts' logins wait for it: each router before it is asked whether the path is its own.
    app.mount(TAKES_KEYS.rstrip("/"), v1())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in routers(is_development=services.is_development, way=services.site.ceremonies):
        app.include_router(router)
    app.add_middleware(OnlyReadable)
    security.protect(app, services.site)
    app.add_middleware(ScimErrors)
    errors.explain(app)
    staff_errors.explain(app)
    serve_from(app, services)
    return app


def serve_from(app: FastAPI, services: Services) -> None:
    """Use these services from now on. The application keeps the site and the mode with which it was made."""
    adoption = AdoptionFigures(database=services.database, clock=services.clock)
    promises = PromiseFigures(database=services.database, clock=services.clock)
    today = TodayFigures(database=services.database, clock=services.clock)
    mounted = [route.app for route in app.routes if isinstance(route, Mount)]
    for each in (app, *(other for other in mounted if isinstance(other, FastAPI))):
        each.state.services = services
        each.state.adoption = adoption
        each.state.promises = promises
        each.state.today = today
