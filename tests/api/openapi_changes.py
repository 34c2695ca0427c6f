"""Which differences between two descriptions of an API would break a program that was written against the first."""

from collections.abc import Iterator, Mapping
from typing import Any

Part = Mapping[str, Any]


def breaking_changes(before: Part, after: Part) -> list[str]:
    """Every change from one OpenAPI 3.1 document to another that may break somebody, in words; none is compatible.

    Breaking is: a path, a method, an answer or a field of an answer that is gone or may be missing now; a field of a
    request that is new and required, or gone; a type, a pattern or a set of values that differs so that what was sent
    before is refused, or that what is answered was never answered before.
    """
    return list(_paths(before, after))


def _paths(before: Part, after: Part) -> Iterator[str]:
    for path, operations in before["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            now = after["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{where} is gone"
            else:
                yield from _Comparison(before, after, where).run(operation, now)


class _Comparison:
    """One operation before and after."""

    def __init__(self, before: Part, after: Part, where: str) -> None:
        self._documents = before, after
        self._where = where
        self._seen: set[tuple[str, str, bool]] = set()

    def run(self, before: Part, after: Part) -> Iterator[str]:
        yield from self._parameters(before, after)
        for media_type, body in _content(before.get("requestBody", {})):
            now = dict(_content(after.get("requestBody", {}))).get(media_type)
            if now is None:
                yield f"{self._where} takes no {media_type} any more"
            else:
                yield from self._schema(body, now, "", is_sent=True)
        if not before.get("requestBody") and after.get("requestBody", {}).get("required"):
            yield f"{self._where} requires a body now"
        yield from self._responses(before["responses"], after["responses"])

    def _parameters(self, before: Part, after: Part) -> Iterator[str]:
        former, now = (_by_name(part.get("parameters", ())) for part in (before, after))
        for name, parameter in former.items():
            if name not in now:
                yield f"{self._where} has no parameter {name} any more"
            else:
                yield from self._schema(parameter["schema"], now[name]["schema"], name, is_sent=True)
        for name, parameter in now.items():
            was_required = former.get(name, {}).get("required", False)
            if parameter.get("required") and not was_required:
                yield f"{self._where} requires the parameter {name} now"

    def _responses(self, before: Part, after: Part) -> Iterator[str]:
        for status, response in before.items():
            if status not in after:
                yield f"{self._where} does not answer {status} any more"
                continue
            now = dict(_content(after[status]))
            for media_type, body in _content(response):
                if media_type not in now:
                    yield f"{self._where} does not answer {status} as {media_type} any more"
                else:
                    yield from self._schema(body, now[media_type], "", is_sent=False)

    def _schema(self, before: Part, after: Part, path: str, *, is_sent: bool) -> Iterator[str]:
        pair = (before.get("$ref", ""), after.get("$ref", ""), is_sent)
        if any(pair[:2]):
            if pair in self._seen:
                return
            self._seen.add(pair)
        before, after = (self._resolved(at, part) for at, part in enumerate((before, after)))
        yield from self._values(before, after, path, is_sent=is_sent)
        former, now = before.get("properties", {}), after.get("properties", {})
        required, required_now = set(before.get("required", ())), set(after.get("required", ()))
        for name, inner in former.items():
            inner_path = f"{path}.{name}".strip(".")
            if name not in now:
                yield f"{self._where}: {inner_path} is gone"
            else:
                yield from self._schema(inner, now[name], inner_path, is_sent=is_sent)
        changed = required_now - required if is_sent else (required & set(now)) - required_now
        for name in sorted(changed):
            word = "is required now" if is_sent else "may be missing now"
            yield f"{self._where}: {f'{path}.{name}'.strip('.')} {word}"
        if "items" in before and "items" in after:
            yield from self._schema(before["items"], after["items"], f"{path}[]", is_sent=is_sent)

    def _values(self, before: Part, after: Part, path: str, *, is_sent: bool) -> Iterator[str]:
        where = f"{self._where}: {path or 'the body'}"
        former, now = self._types(0, before), self._types(1, after)
        if (former - now if is_sent else now - former) and former and now:
            yield f"{where} was {_words(former)} and is {_words(now)}"
        values, values_now = set(map(str, before.get("enum", ()))), set(map(str, after.get("enum", ())))
        if is_sent and values_now and values - values_now:
            yield f"{where} does not take {_words(values - values_now)} any more"
        if is_sent and before.get("pattern") != after.get("pattern") and after.get("pattern"):
            yield f"{where} takes another pattern"

    def _types(self, at: int, part: Part) -> set[str]:
        """The types that a schema allows, through its alternatives."""
        alternatives = [*part.get("anyOf", ()), *part.get("oneOf", ())]
        if alternatives:
            return {name for inner in alternatives for name in self._types(at, self._resolved(at, inner))}
        given = part.get("type", [])
        return {given} if isinstance(given, str) else set(given)

    def _resolved(self, at: int, part: Part) -> Part:
        reference = part.get("$ref")
        if reference is None:
            return part
        found: Any = self._documents[at]
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return self._resolved(at, found)


def _content(part: Part) -> Iterator[tuple[str, Part]]:
    for media_type, body in part.get("content", {}).items():
        yield media_type, body.get("schema", {})


def _by_name(parameters: Any) -> dict[str, Part]:
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in parameters}


def _words(names: set[str]) -> str:
    return " or ".join(sorted(names))
