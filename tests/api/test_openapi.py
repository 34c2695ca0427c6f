"""The committed description is what is served, is valid, and never breaks a program unnoticed."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.api.openapi_changes import breaking_changes
from tests.api.openapi_document import committed, served

HOW = "write it anew with `python -m tests.api.openapi_document`"


def test_the_committed_description_is_what_is_served() -> None:
    document, drawn = committed(), served()
    assert breaking_changes(document, drawn) == []
    assert document == drawn, HOW


def test_it_is_valid() -> None:
    document = served()
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def examples(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of a body, with where it stands and its schema."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            bodies = [("request", operation.get("requestBody", {})), *operation["responses"].items()]
            for name, body in bodies:
                for media_type, content in body.get("content", {}).items():
                    where = f"{method.upper()} {path} {name} {media_type}"
                    if "example" in content:
                        yield where, content["schema"], content["example"]
                    for key, example in content.get("examples", {}).items():
                        yield f"{where} {key}", content["schema"], example["value"]


def test_every_example_is_one_that_its_schema_allows() -> None:
    document = served()
    registry: Registry[Any] = Registry().with_resource("urn:api", DRAFT202012.create_resource(document))
    shown = list(examples(document))
    assert len(shown) > 100
    for where, schema, example in shown:
        validator = Draft202012Validator(_absolute(schema), registry=registry)
        assert [error.message for error in validator.iter_errors(example)] == [], where


def _absolute(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: f"urn:api{value}" if key == "$ref" else _absolute(value) for key, value in part.items()}
    return [_absolute(inner) for inner in part] if isinstance(part, list) else part


def test_every_route_says_how_it_refuses() -> None:
    for path, operations in served()["paths"].items():
        for method, operation in operations.items():
            refusals = [status for status in operation["responses"] if status.startswith(("4", "5"))]
            malformed = "400" if path.startswith("/scim/") else "422"
            assert {"401", "403", malformed, "429"} <= set(refusals), f"{method} {path}"


SMALL: dict[str, Any] = {
    "paths": {
        "/things": {
            "post": {
                "parameters": [{"in": "query", "name": "after", "schema": {"type": "string"}}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                },
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "kind": {"enum": ["a", "b"], "type": "string"},
                    "many": {"type": "array", "items": {"type": "integer"}},
                },
            }
        }
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The small description with one part changed; None takes it away."""
    document = copy.deepcopy(SMALL)
    *steps, last = path.split(" ")
    part: Any = document
    for step in steps:
        part = part[int(step) if step.isdigit() and isinstance(part, list) else step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return document


THING = "components schemas Thing"
POST = "paths /things post"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("paths /things", None, "POST /things is gone"),
        (f"{POST} responses 200", None, "does not answer 200"),
        (f"{POST} requestBody content application/json", None, "takes no application/json"),
        (f"{POST} responses 200 content application/json", None, "as application/json"),
        (f"{POST} parameters", [], "no parameter query after"),
        (f"{POST} parameters 0 required", True, "requires the parameter query after"),
        (f"{THING} properties name", None, "name is gone"),
        (f"{THING} required", ["name", "kind"], "kind is required now"),
        (f"{THING} required", [], "name may be missing now"),
        (f"{THING} properties name type", "integer", "name was string and is integer"),
        (f"{THING} properties many items type", "string", "many[] was integer and is string"),
        (f"{THING} properties kind enum", ["a"], "does not take b"),
        (f"{THING} properties name pattern", "^x", "another pattern"),
    ],
)
def test_what_would_break_a_program_is_named(path: str, value: Any, said: str) -> None:
    assert any(said in change for change in breaking_changes(SMALL, changed(path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{THING} properties more", {"type": "string"}),
        (f"{THING} properties name description", "a name"),
        (f"{POST} responses 409", {"description": "not now"}),
        ("paths /others", {}),
        (f"{POST} parameters 0 description", "where to go on"),
    ],
)
def test_what_breaks_nobody_is_not(path: str, value: Any) -> None:
    assert breaking_changes(SMALL, changed(path, value)) == []
