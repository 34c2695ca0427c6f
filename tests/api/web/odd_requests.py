"""Every page of the application, as the application itself tells of them, and values that no form is meant for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from httpx2 import Response

from providers.software_authenticator import to_text

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

NASTY: tuple[bytes, ...] = (
    b"",
    b"a\0b",
    "\ud800".encode(errors="surrogatepass"),
    "\u202e\ufeff\u200b é\u0301😀".encode() * 9,
    b"x" * 9000,
    b"100000000000000000000",
    "٣²".encode(),
    b"\r\nset-cookie: a=b",
    b"http://[",
    b"a@" + b"b" * 300,
    b"+999999999999999",
    b"999999999 weeks",
    b"name = '\\u0000'\n[[waves]]\npercent = 1e999\nbake = 9999999999999999999999",
)
"""Text as bytes, because some of it is no text."""

NASTY_JSON: tuple[Any, ...] = (
    None,
    [],
    {},
    {"a": {"b": [1]}},
    "",
    "x" * 5000,
    "\ud800",
    "\0",
    # As bytes of a ceremony: CBOR that ends too early, is too large or too deep; client data of another form.
    *(
        to_text(value)
        for value in (
            b"\x9b" + b"\xff" * 8,
            b"\x81" * 3000,
            b"\xa3cfmtdnonegattStmt\xa0hauthDataX%" + bytes(37),
            b'{"type": 1, "challenge": 1, "origin": []}',
            b'{"type": "webauthn.create", "challenge": "\\ud800", "origin": "\\ud800"}',
        )
    ),
)

_PART = b'--b\r\ncontent-disposition: form-data; name="code"%s\r\n\r\n%s\r\n--b--\r\n'
_MULTIPART = "multipart/form-data; boundary=b"

CEREMONY_FIELDS = (
    "id",
    "rawId",
    "type",
    "response",
    "authenticatorAttachment",
    "clientExtensionResults",
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
    "transports",
)

NASTY_BODIES: tuple[tuple[str, bytes], ...] = (
    (JSON, b" "),
    (JSON, b"{"),
    (JSON, b"[]"),
    (JSON, b"null"),
    (JSON, b'{"id": 1}'),
    (JSON, b"\xff\xfe{\0}\0"),
    (JSON, b'{"id": "a", "response": {"a": NaN, "b": 1e999}}'),
    (JSON, b'{"id": "a", "response": {"x": "\\ud800"}}'),
    (JSON, b'{"id": "a", "response": {"x": "\\u0000"}}'),
    (JSON, b'{"id": "a", "response": {"x": "\xed\xa0\x80"}}'),
    (JSON, b'{"id": "a", "response": {"x": ' + b"9" * 5000 + b"}}"),
    (JSON, b'{"id": "a", "response": {"x": ' + b"[" * 150 + b"]" * 150 + b"}}"),
    (JSON, b'{"id": "a", "response": {"x": ' + b"[" * 20000 + b"]" * 20000 + b"}}"),
    ("application/scim+json; charset=utf-16", b'{"id": "a", "response": {}}'),
    (FORM, b"a=1&" * 3000),
    (FORM, b"=&&==%&%zz&code=\0&code=2"),
    (_MULTIPART, _PART % (b"", b"\0")),
    (_MULTIPART, _PART % (b'; filename="x"', b"1")),
    (_MULTIPART, b"--b\r\n\r\n"),
    (f"{_MULTIPART}; charset=utf-7", _PART % (b"", b"+2AA-")),
    (f'{_MULTIPART}; charset="undefined"', _PART % (b"", b"1")),
    ("multipart/form-data", b"x"),
    ("text/plain", b"x"),
    (";;", b"x"),
    ("", b"x"),
)
"""Bodies with the media type under which they come."""

_HEADERS: dict[str, tuple[bytes, ...]] = {
    "host": (b"[", b"a b", b"\xff", b"x:99999999", b""),
    "referer": (b"http://[", b"\xff", b"https://accounts.example.test/console/\xff", b"x" * 5000),
    "cookie": (
        b"\xff=\xff",
        b'__Host-offramp="\\000\\777"; offramp-operator=%ff%00',
        b"__Host-offramp=\xe9; __Host-offramp-staff=\xe9; __Host-offramp-browser=\xe9",
        b"__Host-offramp-staff-way=\xe9; offramp-operator=" + b"x" * 3000,
    ),
    "user-agent": (b"", b"\xff" * 300, b"Mozilla/5.0 (" * 500),
    "accept-language": (b"\xff", b"xx-YY;q=NaN", b"-" * 5000),
    "accept": (b"application/json", b"\xff"),
    "authorization": (b"", b"Bearer \xff", b"Bearer", b"\xff " + b"x" * 5000),
    "x-forwarded-for": (b"\xff", b"[::1", b"," * 500, b"::ffff:1.2.3.4%eth0", b'"1.2.3.4:5"'),
    "forwarded": (b"for=\xff", b'for="[::1'),
    "content-length": (b"\xb2", b"-1", b"9" * 5000),
    "sec-fetch-site": (b"same-origin", b"\xff"),
}
NASTY_HEADERS = tuple(
    {name: values[turn] for name, values in _HEADERS.items() if name in names and turn < len(values)}
    for names in (set(_HEADERS) - {"cookie"}, {"cookie"})
    for turn in range(5)
)
"""Headers that no browser sends, all at once; cookies alone, because they stand in for the browser's session."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One path and method, and the names of all that it reads."""

    method: str
    path: str
    in_path: tuple[str, ...] = ()
    in_query: tuple[str, ...] = ()
    in_form: tuple[str, ...] = ()
    takes_json: bool = False
    choices: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything that somebody may fill in."""
        return (*self.in_path, *self.in_query, *self.in_form)

    @property
    def takes_body(self) -> bool:
        """Whether it has a form, or takes JSON."""
        return bool(self.in_form) or self.takes_json

    def url(self, values: dict[str, bytes]) -> str:
        """The path and the query with these values in them."""
        path = self.path
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", quote(values[name], safe=""))
        query = "&".join(f"{name}={quote_plus(values[name])}" for name in self.in_query)
        return f"{path}?{query}" if query else path

    def form(self, values: dict[str, bytes]) -> bytes:
        """The body with these values in it."""
        return "&".join(f"{name}={quote_plus(values[name])}" for name in self.in_form).encode()


def pages_of(app: FastAPI) -> list[Page]:
    """All pages of the application, with the fields of their forms."""
    described = get_openapi(title="pages", version="1", routes=app.routes)
    schemas = described["components"]["schemas"]
    return [
        _page(method, path, operation, schemas)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]


def _page(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Page:
    parameters = operation.get("parameters", [])
    contents = operation.get("requestBody", {}).get("content", {})
    form = _resolved(contents.get(FORM, {}).get("schema", {}), schemas).get("properties", {})
    described = {parameter["name"]: parameter["schema"] for parameter in parameters} | form
    choices = {name: _resolved(schema, schemas).get("enum", []) for name, schema in described.items()}
    names = {
        place: tuple(parameter["name"] for parameter in parameters if parameter["in"] == place)
        for place in ("path", "query")
    }
    return Page(
        method=method.upper(),
        path=path,
        in_path=names["path"],
        in_query=names["query"],
        in_form=tuple(form),
        takes_json=JSON in contents,
        choices=choices,
    )


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    return schemas[options[0]["$ref"].rpartition("/")[2]] if options and "$ref" in options[0] else schema


class Broken:
    """The requests that broke something, each kind once."""

    def __init__(self) -> None:
        self.requests: dict[str, str] = {}

    def watch(self, page: object, odd: object, request: Callable[[], Response]) -> str:
        """Make a request, and note it if it broke something; its status."""
        try:
            status = str(request().status_code)
        except Exception as error:
            status = f"5: {type(error).__name__}: {error!s:.300}"
        if status.startswith("5"):
            self.requests.setdefault(str(page), f"{status} by {odd!r:.300}")
        return status


def odd_ones(answer: dict[str, Any], field: str, value: object) -> Iterator[dict[str, Any]]:
    """A browser's answer to a ceremony with this value in one of its fields, on top or in its response."""
    if field in answer:
        yield answer | {field: value}
    if field in answer["response"]:
        yield answer | {"response": answer["response"] | {field: value}}
