"""Writes tables as TOML: values first, then tables. Lists of tables become [[tables]] of their own at the top alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

_Table = Mapping[str, Any]


def write(top: _Table) -> str:
    """The text of a file, which reads back as these tables."""
    return "\n".join(_lines(top, "")).strip() + "\n"


def value_text(value: Any) -> str:
    """One value as TOML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case int() | float():
            return repr(value)
        case date():
            return value.isoformat()
        case Mapping():
            return f"{{{', '.join(f'{_key(name)} = {value_text(inner)}' for name, inner in value.items())}}}"
        case Sequence():
            return f"[{', '.join(map(value_text, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _lines(table: _Table, path: str) -> Iterator[str]:
    for name, value in table.items():
        if not isinstance(value, Mapping) and not (_is_tables(value) and not path):
            yield f"{_key(name)} = {value_text(value)}"
    for name, value in table.items():
        place = f"{path}.{_key(name)}" if path else _key(name)
        if isinstance(value, Mapping):
            yield from ("", f"[{place}]", *_lines(value, place))
        elif _is_tables(value) and not path:
            for inner in value:
                yield from ("", f"[[{place}]]", *_lines(inner, place))


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else _quoted(name)


def _quoted(text: str) -> str:
    # JSON escapes what TOML wants escaped, but for the one control character beyond those.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
