"""The web application: people's pages and the staff's console, put together from one router per noun."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import (
    account,
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
from api.security import TAKES_KEYS
from api.services import Services
from api.support_api import support_api

STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> FastAPI:
    """The application on these services. It serves pages and their own JSON; there is no public schema of it."""
    app = FastAPI(title="Offramp", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
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
        console_launches,
        console_orders,
        desk,
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
