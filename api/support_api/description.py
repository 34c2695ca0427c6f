"""The API's own description, at `/v1/openapi.json`, where it says more than what the types of the routes say."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?$"


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an application's routes, made once."""
    if app.openapi_schema is None:
        drawn = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        _correct_times(drawn)
        app.openapi_schema = drawn
    return app.openapi_schema


def _correct_times(part: Any) -> None:
    """A person's time of day has no offset from UTC, and the format `time` asks for one (RFC 3339, 5.6)."""
    if isinstance(part, dict):
        if part.get("format") == "time":
            del part["format"]
            part["pattern"] = _TIME_OF_DAY
        for inner in part.values():
            _correct_times(inner)
    elif isinstance(part, list):
        for inner in part:
            _correct_times(inner)
