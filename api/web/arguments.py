"""The services and the raw body, as arguments of a route."""

from typing import Annotated

from fastapi import Depends, Request

from services.container import Services


async def _services(request: Request) -> Services:
    # It waits for nothing; without `async` it would cost every request a turn in another thread.
    services: Services = request.app.state.services
    return services


Use = Annotated[Services, Depends(_services)]
"""The services, as an argument of a route."""


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]
"""The body, byte for byte, because signatures cover the bytes."""
