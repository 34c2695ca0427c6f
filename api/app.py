"""The web application: people's pages and the staff's console, put together from one router per noun."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig

from api import (
    account,
    adoption,
    approvals,
    callbacks,
    case_acts,
    case_objections,
    cases,
    ceremonies,
    console,
    console_launches,
    console_orders,
    desk,
    devices,
    emails,
    errors,
    exempt_list,
    health,
    home,
    inbox,
    no_reminders,
    objections,
    passkeys,
    recovery_codes,
    rescue,
    security,
    setup,
    sign_in,
    staff_errors,
    staff_joining,
    staff_members,
    staff_provider,
    staff_self,
    staff_sign_in,
    stuck_list,
)
from api.adoption_figures import AdoptionFigures
from api.security import TAKES_KEYS
from api.services import Services
from api.support_api import support_api

# FastAPI's own would tell of paths and queries, and those hold tokens.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> FastAPI:
    """The application on these services. It serves pages and their own JSON; there is no public schema of it."""
    app = FastAPI(
        title="Offramp",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.services = services
    app.state.adoption = AdoptionFigures(database=services.database, clock=services.clock)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for room in (
        home,
        health,
        sign_in,
        passkeys,
        ceremonies,
        recovery_codes,
        rescue,
        emails,
        devices,
        setup,
        account,
        objections,
        no_reminders,
        callbacks,
        staff_sign_in,
        staff_provider,
        staff_joining,
        staff_self,
        staff_members,
        console,
        adoption,
        console_launches,
        console_orders,
        desk,
        exempt_list,
        stuck_list,
        cases,
        case_acts,
        case_objections,
        approvals,
    ):
        app.include_router(room.router)
    if services.is_development:
        app.include_router(inbox.router)
    app.mount(TAKES_KEYS.rstrip("/"), support_api(services))
    security.protect(app, services.site)
    errors.explain(app)
    staff_errors.explain(app)
    return app
