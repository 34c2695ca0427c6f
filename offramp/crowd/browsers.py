"""One browser of a person: it opens pages, and sends forms and the requests of scripts, as any visitor can."""

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx

from offramp.crowd.addresses import Address

_JSON = {"accept": "application/json"}
_PATIENCE = 60.0
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


class Surprise(Exception):
    """A page did not answer as the person expected."""


@dataclass(frozen=True, kw_only=True)
class FetchedPage:
    """The path at which a request ended after redirects, and the text of the page."""

    path: str
    text: str


class Browser:
    """A browser with cookies and an address of its own; `gate` limits how many requests of a crowd run at once."""

    def __init__(self, origin: str, address: Address, agent: str, gate: asyncio.Semaphore) -> None:
        headers = {"origin": origin, "user-agent": agent, **dict(address.headers)}
        self._gate = gate
        self._client = httpx.AsyncClient(
            base_url=origin,
            headers=headers,
            timeout=_PATIENCE,
            follow_redirects=True,
            # A server may close an idle connection just when a request uses it, and the request is lost.
            transport=httpx.AsyncHTTPTransport(
                local_address=address.source, verify=False, limits=httpx.Limits(max_keepalive_connections=0)
            ),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def get(self, path: str, *, status: int = 200) -> FetchedPage:
        """Open a page, and follow redirects. Raises Surprise."""
        return _page(await self._ask("GET", path), status)

    async def post(self, path: str, *, status: int = 200, **form: str) -> FetchedPage:
        """Send a form, and follow redirects. Raises Surprise."""
        return _page(await self._ask("POST", path, data=form), status)

    async def attempt(self, path: str, body: Any = None, **form: str) -> HTTPStatus:
        """Send a form, or the `body` of a script, that may be refused; returns the status after redirects.

        Raises Surprise if the server breaks.
        """
        content = {"data": form} if body is None else {"json": body, "headers": _JSON}
        answer = await self._ask("POST", path, **content)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Surprise(f"{_plain(path)} answered {answer.status_code}")
        return HTTPStatus(answer.status_code)

    async def tries(self, path: str) -> bool:
        """Press a button; returns False if it is too late (409). Raises Surprise."""
        answer = await self._ask("POST", path)
        if answer.status_code == HTTPStatus.CONFLICT:
            return False
        _require(answer, HTTPStatus.OK)
        return True

    async def send(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Send a request of a page's script; returns the JSON of the answer, or None. Raises Surprise."""
        answer = await self._ask("POST", path, json=body or {}, headers=_JSON)
        _require(answer, status)
        return answer.json() if answer.content else None

    async def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            async with self._gate:
                return await self._client.request(method, path, **content)
        except httpx.HTTPError as error:
            raise Surprise(f"{_plain(path)}: {type(error).__name__}") from error


def _page(answer: httpx.Response, status: int) -> FetchedPage:
    _require(answer, status)
    return FetchedPage(path=answer.url.path, text=answer.text)


def _require(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        title = _TITLE.search(answer.text)
        heading = f" ({title[1].strip()})" if title else ""
        raise Surprise(
            f"{_plain(answer.url.path)} answered {answer.status_code}{heading}, and {status} was expected"
        )


def _plain(path: str) -> str:
    """A path without its query and its tokens."""
    return re.sub(r"[\w=-]{30,}", "…", path.split("?")[0])
