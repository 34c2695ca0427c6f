"""The web application: people's pages, put together from one router per noun."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import (
    account,
    callbacks,
    ceremonies,
    console,
    console_launches,
    console_orders,
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
    security,
    setup,
    sign_in,
)
from api.services import Services

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
        emails,
        devices,
        setup,
        account,
        objections,
        no_reminders,
        callbacks,
    ):
        app.include_router(room.router)
    if services.is_development:
        for local_room in (inbox, console, console_launches, console_orders):
            app.include_router(local_room.router)
    security.protect(app, services.site)
    errors.explain(app)
    return app
