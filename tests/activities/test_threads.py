"""No exception is thrown into a thread that works on the database: it would leave a transaction and its locks open."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import activities


def definitions() -> Iterator[Any]:
    """What Temporal knows of each activity that runs in a thread."""
    for module in pkgutil.iter_modules(activities.__path__, "activities."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            for _, method in inspect.getmembers(kind, inspect.isfunction):
                definition = getattr(method, "__temporal_activity_definition", None)
                if definition and not inspect.iscoroutinefunction(method):
                    yield definition


@pytest.mark.parametrize(
    "definition", {each.name: each for each in definitions()}.values(), ids=lambda each: each.name
)
def test_an_activity_ends_what_it_has_begun_although_its_worker_stops(definition: Any) -> None:
    assert definition.no_thread_cancel_exception


def test_the_activities_of_journeys_are_among_them() -> None:
    assert {"nudge", "assess", "send_message"} <= {definition.name for definition in definitions()}
