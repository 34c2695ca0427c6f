"""The API's own description, at `/v1/openapi.json`, where it says more than what the types of the routes say."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.host.scim_bodies import ScimRefusal
from api.web.problems import MEDIA_TYPE, Problem
from providers import scim

_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?$"


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an application's routes, made once."""
    if app.openapi_schema is None:
        drawn = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=app.servers,
        )
        _name_problems(drawn)
        _refuse_by_scim(drawn)
        _correct_times(drawn)
        app.openapi_schema = drawn
    return app.openapi_schema


def _name_problems(drawn: dict[str, Any]) -> None:
    """Say once what a problem looks like, and refer to it from every refusal."""
    drawn["components"]["schemas"][Problem.__name__] = Problem.model_json_schema()
    for operations in drawn["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if content := response.get("content", {}).get(MEDIA_TYPE):
                    content["schema"] = {"$ref": f"#/components/schemas/{Problem.__name__}"}


def _refuse_by_scim(drawn: dict[str, Any]) -> None:
    """Below SCIM's paths refusals have SCIM's own form, and what is not as expected is a bad request (400)."""
    name = ScimRefusal.__name__
    drawn["components"]["schemas"][name] = ScimRefusal.model_json_schema()
    for path, operations in drawn["paths"].items():
        if not path.startswith("/scim/"):
            continue
        for operation in operations.values():
            responses = operation["responses"]
            responses.pop("422", None)
            for status, response in responses.items():
                if response.get("content", {}).pop(MEDIA_TYPE, None):
                    schema = {"$ref": f"#/components/schemas/{name}"}
                    example = scim.write_error(int(status), response["description"])
                    response["content"] = {scim.MEDIA_TYPE: {"schema": schema, "example": example}}


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
