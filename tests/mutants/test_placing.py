"""A mutant is put where the tests meet it, whoever has imported what before, and no file is changed."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.mutants.placing import CannotBeSwapped, stand_in, swap

SOURCE = """
from functools import cache

LIMIT = 3


class Door:
    @property
    def is_open(self) -> bool:
        return LIMIT > 2

    @staticmethod
    def knocks() -> list[int]:
        return [number + 1 for number in range(LIMIT)]


@cache
def answer() -> int:
    return LIMIT + 1
"""
NAME = "a_module_of_mutants"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    file = tmp_path / f"{NAME}.py"
    file.write_text(SOURCE)
    yield file
    assert file.read_text() == SOURCE
    sys.modules.pop(NAME, None)


def module() -> Any:
    importlib.invalidate_caches()
    imported: ModuleType = importlib.import_module(NAME)
    return imported


@pytest.mark.parametrize(
    ("name", "was", "becomes", "look", "expected"),
    [
        ("Door.is_open", "> 2", "> 3", lambda door: door.Door().is_open, False),
        ("Door.knocks", "number + 1", "number - 1", lambda door: door.Door.knocks(), [-1, 0, 1]),
        ("answer", "+ 1", "- 1", lambda door: door.answer(), 2),
    ],
)
def test_a_loaded_function_is_swapped_whatever_stands_before_it(
    file: Path, name: str, was: str, becomes: str, look: Any, expected: object
) -> None:
    loaded = module()
    before = look(loaded)
    if name == "answer":
        loaded.answer.cache_clear()
    at = SOURCE.index("def answer") if name == "answer" else 0
    swap(file, name, SOURCE[:at] + SOURCE[at:].replace(was, becomes))
    assert look(loaded) == expected != before


def test_a_function_that_is_not_loaded_cannot_be_swapped(file: Path) -> None:
    with pytest.raises(CannotBeSwapped):
        swap(file, "answer", SOURCE)


def test_a_module_that_is_not_loaded_yet_is_loaded_from_the_mutant(file: Path) -> None:
    stand_in(file, NAME, SOURCE.replace("LIMIT = 3", "LIMIT = 4"))
    assert (module().LIMIT, module().answer()) == (4, 5)
