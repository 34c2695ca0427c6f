"""The services, as an argument of a route."""

from typing import Annotated

from fastapi import Depends, Request

from services.container import Services


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Use = Annotated[Services, Depends(_services)]
"""The services, as an argument of a route."""
