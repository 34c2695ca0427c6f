"""One browser of a person: pages, forms, and what the pages' scripts send; nothing that a visitor could not do."""

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
    """A page answered otherwise than the person expected."""


@dataclass(frozen=True, kw_only=True)
class FetchedPage:
    """Where a request led, and what stands there."""

    path: str
    text: str


class Browser:
    """A browser with cookies and an address of its own; `gate` limits how many of a crowd ask at once."""

    def __init__(self, origin: str, address: Address, agent: str, gate: asyncio.Semaphore) -> None:
        headers = {"origin": origin, "user-agent": agent}
        if address.forwarded:
            headers["x-forwarded-for"] = address.forwarded
        self._gate = gate
        self._client = httpx.AsyncClient(
            base_url=origin,
            headers=headers,
            timeout=_PATIENCE,
            follow_redirects=True,
            # Servers close idle connections, and a request that meets the closing is lost.
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
        """Open a page, and follow where it leads."""
        return _page(await self._ask("GET", path), status)

    async def post(self, path: str, *, status: int = 200, **form: str) -> FetchedPage:
        """Send a form, and follow where it leads."""
        return _page(await self._ask("POST", path, data=form), status)

    async def tries(self, path: str) -> bool:
        """Press a button that may come too late, which the page says (409)."""
        answer = await self._ask("POST", path)
        if answer.status_code == HTTPStatus.CONFLICT:
            return False
        _require(answer, HTTPStatus.OK)
        return True

    async def send(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Send what a page's script sends; returns the JSON of the answer, if it has any."""
        answer = await self._ask("POST", path, json=body or {}, headers=_JSON)
        _require(answer, status)
        return answer.json() if answer.content else None

    async def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        try:
            async with self._gate:
                return await self._client.request(method, path, **what)
        except httpx.HTTPError as error:
            raise Surprise(f"{_plain(path)}: {type(error).__name__}") from error


def _page(answer: httpx.Response, status: int) -> FetchedPage:
    _require(answer, status)
    return FetchedPage(path=answer.url.path, text=answer.text)


def _require(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        title = _TITLE.search(answer.text)
        said = f" ({title[1].strip()})" if title else ""
        raise Surprise(
            f"{_plain(answer.url.path)} answered {answer.status_code}{said}, and {status} was expected"
        )


def _plain(path: str) -> str:
    """A path without the tokens in it."""
    return re.sub(r"[\w=-]{30,}", "…", path.split("?")[0])
