"""A browser for stormy weather: it tries again what certainly was not done, and notes what may have been."""

import asyncio
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from offramp.crowd.addresses import Address
from offramp.crowd.browsers import Browser, Surprise
from offramp.crowd.environment import Scenery
from tests.storm.diaries import Diary

AGAIN_FOR = 40.0
"""How many seconds a request is sent again and again while nobody answers."""
_PAUSE = 0.7


class PatientBrowser(Browser):
    """A browser of a person who keeps a diary. It may be asked who is signed in by its cookies, of now or earlier."""

    def __init__(
        self, origin: str, address: Address, agent: str, gate: asyncio.Semaphore, diary: Diary
    ) -> None:
        super().__init__(origin, address, agent, gate)
        self._diary = diary

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it holds now."""
        return {cookie.name: cookie.value or "" for cookie in self._client.cookies.jar}

    async def opens_with(self, cookies: dict[str, str], path: str) -> str:
        """Where somebody ends who opens a page with these cookies alone. Raises Surprise."""
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        kept = list(self._client.cookies.jar)
        self._client.cookies.clear()
        try:
            answer = await super()._ask("GET", path, headers={"cookie": header})
        finally:
            self._client.cookies.clear()
            for cookie in kept:
                self._client.cookies.jar.set_cookie(cookie)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Surprise(f"{path} answered {answer.status_code}")
        return answer.url.path

    async def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        until = time.monotonic() + AGAIN_FOR
        while True:
            try:
                answer = await super()._ask(method, path, **content)
            except Surprise as surprise:
                is_undone = _is_undone(surprise.__cause__)
                if method == "POST" and not is_undone:
                    self._diary.note_unclear(path)
                if time.monotonic() > until or (method == "POST" and not is_undone):
                    raise
            else:
                if method == "POST" and answer.status_code >= HTTPStatus.BAD_REQUEST:
                    self._diary.note_unclear(path)
                is_away = answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE or (
                    method == "GET" and answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
                )
                if not is_away or time.monotonic() > until:
                    return answer
            await asyncio.sleep(_PAUSE)


@dataclass(kw_only=True)
class StormScenery(Scenery):
    """The scenery of one person; `gate` is shared by all."""

    diary: Diary
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(12))

    def browser(self, agent: str) -> PatientBrowser:
        """A browser at an address of its own."""
        return PatientBrowser(self.origin, self.addresses.next(), agent, self.gate, self.diary)


def _is_undone(error: BaseException | None) -> bool:
    """Whether a request certainly never reached a server. One that was redirected was done before."""
    return isinstance(error, httpx.ConnectError) and error.request.method == "POST"
