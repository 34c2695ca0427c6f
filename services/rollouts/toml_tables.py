"""Reads tables of a TOML file value by value. It goes on after a mistake, so that all mistakes are named at once."""

import tomllib
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import Enum
from math import isfinite
from typing import Any, TypeVar

_T = TypeVar("_T")
_S = TypeVar("_S")
_E = TypeVar("_E", bound=Enum)

Problems = list[tuple[str, str]]
"""Pairs of a place in the file and what is wrong there."""


class NotToml(Exception):
    """A text that is not TOML; `place` is the line."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place, self.problem = place, problem


def read_toml(text: str) -> dict[str, Any]:
    """The whole file as it is written. Raises NotToml."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem, _, place = str(error).rpartition(" (at ")
        raise NotToml(place.rstrip(")"), problem) from None
    except RecursionError:
        raise NotToml("file", "is nested too deeply") from None


class Table:
    """One table. If a reader raises ValueError, the table notes it in `problems` and uses a stand-in for the value."""

    def __init__(self, content: Any, place: str, problems: Problems) -> None:
        self.place = place
        self._problems = problems
        self._known_keys: set[str] = set()
        self._content: dict[str, Any] = {}
        if isinstance(content, dict):
            self._content = content
        else:
            self.refuse("", "must be a table")
            self._problems = []  # otherwise every required key would be missing as well

    def take(self, key: str, read: Callable[[Any], _T], default: _T, *, stand_in: _T | None = None) -> _T:
        """The value of a key, or its default if the key is absent. A stand-in or the default replaces a mistake."""
        self._known_keys.add(key)
        if key not in self._content:
            return default
        return self._read(self._content[key], read, default if stand_in is None else stand_in, key)

    def require(self, key: str, read: Callable[[Any], _T], *, stand_in: _T) -> _T:
        """The value of a key that must be there."""
        if key not in self._content:
            self.refuse(key, "is missing")
        return self.take(key, read, stand_in)

    def each(self, key: str, read: Callable[[Any], _T], default: tuple[_T, ...] = ()) -> tuple[_T, ...]:
        """The values of a list, without the mistaken values; the default if the key is absent."""
        values = self.take(key, _list, None)
        if values is None:
            return default
        read_values = [
            self._read(value, read, None, f"{key}[{number}]") for number, value in enumerate(values)
        ]
        return tuple(value for value in read_values if value is not None)

    def table(self, key: str) -> "Table":
        """The table of a key; an empty table if the key is absent."""
        self._known_keys.add(key)
        return Table(self._content.get(key, {}), self._path(key), self._problems)

    def tables(self, key: str) -> "list[Table] | None":
        """The tables of a list; None if the key is absent."""
        values = self.take(key, _list, None)
        if values is None:
            return None
        return [
            Table(value, self._path(f"{key}[{number}]"), self._problems)
            for number, value in enumerate(values)
        ]

    def items(self, read: Callable[[Any], _T]) -> dict[str, _T]:
        """All keys and values of a table whose keys are free."""
        self._known_keys |= self._content.keys()
        read_values = {key: self._read(value, read, None, key) for key, value in self._content.items()}
        return {key: value for key, value in read_values.items() if value is not None}

    def holds(self, key: str, kind: type = object) -> bool:
        """Whether a key is there, with a value of this kind."""
        return key in self._content and isinstance(self._content[key], kind)

    def refuse(self, key: str, problem: str) -> None:
        """Note a mistake."""
        self._problems.append((self._path(key), problem))

    def close(self) -> None:
        """Note every key that no reader has asked for, with the most similar known key."""
        for key in self._content.keys() - self._known_keys:
            self.refuse(key, f"is not known here{_suggestion(key, self._known_keys)}")

    def _read(self, value: Any, read: Callable[[Any], _T], stand_in: _S, key: str) -> _T | _S:
        try:
            return read(value)
        except ValueError as error:
            self.refuse(key, str(error))
            return stand_in

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self.place, key) if part) or "file"


def text(value: Any) -> str:
    """Text that is not blank."""
    if not isinstance(value, str):
        raise ValueError("must be text, in quotation marks")
    if not value.strip():
        raise ValueError("is empty")
    if "\0" in value:
        raise ValueError("contains a NUL")
    return value.strip()


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def whole_number(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def number(value: Any) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("must be a number")
    return float(value)


def choice(among: type[_E]) -> Callable[[Any], _E]:
    """One of the values of an enum."""

    def read(value: Any) -> _E:
        try:
            return among(text(value))
        except ValueError:
            raise ValueError(not_among(value, [str(member.value) for member in among])) from None

    return read


def not_among(value: Any, names: list[str]) -> str:
    """What is wrong with a value that is none of the names."""
    if not isinstance(value, str):
        return f"must be one of {', '.join(names)}"
    return f'"{value}" is none of {", ".join(names)}{_suggestion(value, names)}'


def _list(value: Any) -> list[Any] | None:
    if not isinstance(value, list):
        raise ValueError("must be a list, in [brackets]")
    return value


def _suggestion(name: str, known_names: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known_names), n=1)
    return f'; did you mean "{nearest[0]}"?' if nearest else ""
