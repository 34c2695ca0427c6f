"""One request to Offramp, without any I/O: what is sent, when it is sent again, and what the answer means.

A `Call` describes it. `converse` is the whole conversation as a generator: it yields what has to be done next, a
request or a pause, and gets the answer. The two clients do what it yields, one waiting and one asynchronously.
"""

import json
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

import httpx

from offramp_client.errors import ProblemAnswer, Unreachable, UnreadableAnswer, problem_class

Answered = TypeVar("Answered")

_WORTH_ANOTHER_TRY = frozenset({429, 500, 502, 503, 504})
_UNDER_WAY = "under_way"
_LONGEST_ASKED_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Call(Generic[Answered]):
    """One thing to ask of Offramp. `read` makes the answer out of the response.

    `is_named`: it is done twice if it is sent twice, so it names itself by an `Idempotency-Key`.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], Answered]
    body: bytes | None = None
    media_type: str = "application/json"
    is_named: bool = False


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often the client asks in all, and how long it waits before it asks again: twice as long every time.

    Each pause is drawn from its upper half, so that many clients do not come back at the same moment.
    """

    attempts: int = 4
    first_pause: timedelta = timedelta(milliseconds=200)
    longest_pause: timedelta = timedelta(seconds=5)

    def pause(self, attempt: int) -> timedelta:
        """How long to wait after an attempt; the first attempt is 1."""
        whole: timedelta = min(self.first_pause * 2 ** (attempt - 1), self.longest_pause)
        return whole * random.uniform(0.5, 1)  # noqa: S311


NO_RETRIES = Retries(attempts=1)


@dataclass(frozen=True)
class Send:
    """Make this request."""

    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """Wait."""

    time: timedelta


Answer = httpx.Response | httpx.RequestError | None
"""What became of a step: a response, no response, or nothing after a pause."""


def as_json(value: Any) -> bytes:
    """A body."""
    return json.dumps(value, separators=(",", ":")).encode()


def converse(call: Call[Answered], retries: Retries) -> Generator[Send | Pause, Answer, Answered]:
    """Ask until there is an answer that asking again would not change. Raises OfframpError.

    All attempts have one `Idempotency-Key`, where the call has any, so it is done once however often it is sent.
    """
    request = Send(call.method, call.path, call.body, _headers(call))
    attempt = 1
    while True:
        answer = yield request
        if attempt >= retries.attempts or not _is_worth_another_try(answer):
            return _read(call, answer)
        yield Pause(_asked_pause(answer) or retries.pause(attempt))
        attempt += 1


def _headers(call: Call[Any]) -> dict[str, str]:
    headers = {"accept": "application/json"}
    if call.body is not None:
        headers["content-type"] = call.media_type
    if call.is_named:
        headers["idempotency-key"] = str(uuid4())
    return headers


def _is_worth_another_try(answer: Answer) -> bool:
    if not isinstance(answer, httpx.Response):
        return True
    is_under_way = answer.status_code == 409 and problem_of(answer).reason == _UNDER_WAY
    return is_under_way or answer.status_code in _WORTH_ANOTHER_TRY


def _asked_pause(answer: Answer) -> timedelta | None:
    """How long the server asks to wait, if it does; a date or a nonsense is left to the client's own pauses."""
    asked = answer.headers.get("retry-after", "") if isinstance(answer, httpx.Response) else ""
    return min(timedelta(seconds=int(asked[:9])), _LONGEST_ASKED_PAUSE) if asked.isdecimal() else None


def _read(call: Call[Answered], answer: Answer) -> Answered:
    if not isinstance(answer, httpx.Response):
        raise Unreachable(f"no answer from Offramp: {type(answer).__name__}: {answer}") from answer
    if answer.status_code >= 400:
        raise problem_of(answer)
    if not answer.is_success:
        raise UnreadableAnswer(f"Offramp answers with no redirects, but this was {answer.status_code}")
    try:
        return call.read(answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableAnswer(
            f"{call.method} {call.path} was answered by something else: {error!r}"
        ) from error


def problem_of(response: httpx.Response) -> ProblemAnswer:
    """The error that a response tells of, also when a proxy in between answered with a page of its own."""
    try:
        said = response.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        said = {}
    return problem_class(response.status_code)(
        status=response.status_code,
        title=str(said.get("title") or response.reason_phrase),
        detail=str(said.get("detail") or "The answer does not say why."),
        reason=str(said.get("reason") or "unexplained"),
    )
