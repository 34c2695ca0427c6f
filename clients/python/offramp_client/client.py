"""The client that waits for its answers."""

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Self

import httpx

from offramp_client import accounts, events, imports, prompts
from offramp_client.accounts import AccountFields, AccountStanding
from offramp_client.calls import NO_RETRIES, Answer, Answered, Call, Pause, Retries, Send, converse
from offramp_client.connections import PROMPT_PATIENCE, TIMEOUT, Connection
from offramp_client.errors import OfframpError
from offramp_client.events import Event, EventAnswer
from offramp_client.imports import ImportProgress
from offramp_client.prompts import FALLBACK, Hindrance, Prompt, PromptAnswer

_log = logging.getLogger("offramp_client")
_PROMPTS_AT_ONCE = 32


class Offramp:
    """Talks with one Offramp by one key. Safe to share between threads; close it, or use it in a `with`.

    `source` names the host in its events, as a URI; with its ids it names each event for ever.
    """

    def __init__(
        self,
        origin: str,
        *,
        key: str,
        source: str = "host",
        timeout: timedelta = TIMEOUT,
        prompt_patience: timedelta = PROMPT_PATIENCE,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        connection = Connection(origin=origin, key=key, timeout=timeout)
        self._http = httpx.Client(transport=transport, **connection.arguments())
        self._source = source
        self._retries = retries or Retries()
        self._prompt_patience = prompt_patience
        # A thread, because only waiting from outside bounds the whole time: look-up, connection and answer.
        self._prompting = ThreadPoolExecutor(_PROMPTS_AT_ONCE, thread_name_prefix="offramp-prompt")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._prompting.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def prompt(
        self,
        external_id: str,
        *,
        locale: str | None = None,
        user_agent: str | None = None,
        can_passkey: bool | None = None,
    ) -> Prompt:
        """Ask what to show at a sign-in. Without an answer in time it is nothing; Offramp's troubles never raise."""
        call = prompts.asking(external_id, locale=locale, user_agent=user_agent, can_passkey=can_passkey)
        try:
            return self._prompting.submit(self._ask_once, call).result(self._prompt_patience.total_seconds())
        except (OfframpError, TimeoutError) as error:
            _log.warning("no prompt in time, so none is shown: %r", error)
            return FALLBACK

    def answer_prompt(
        self,
        prompt_id: str,
        answer: PromptAnswer,
        *,
        reason: Hindrance | None = None,
        can_passkey: bool | None = None,
        at: datetime | None = None,
    ) -> None:
        """Tell what became of a prompt. Raises OfframpError."""
        self._ask(prompts.answering(prompt_id, answer, reason=reason, can_passkey=can_passkey, at=at))

    def put_account(self, external_id: str, account: AccountFields) -> AccountStanding:
        """Create an account, or bring it up to date. Raises OfframpError."""
        return self._ask(accounts.putting(external_id, account))

    def patch_account(
        self, external_id: str, account: AccountFields | None = None, *, without: Iterable[str] = ()
    ) -> AccountStanding:
        """Change what is told, and take the fields `without` away. Raises OfframpError."""
        return self._ask(accounts.patching(external_id, account or AccountFields(), without=without))

    def get_account(self, external_id: str) -> AccountStanding:
        """Ask where an account stands. Raises OfframpError."""
        return self._ask(accounts.getting(external_id))

    def delete_account(self, external_id: str) -> None:
        """Have an account forgotten. Raises OfframpError."""
        self._ask(accounts.deleting(external_id))

    def import_accounts(self, rows: Iterable[tuple[str, AccountFields]]) -> Iterator[ImportProgress]:
        """Create many accounts, or bring them up to date; yields after each request. Raises OfframpError."""
        for lines_before, part in imports.parts(rows):
            yield self._ask(imports.importing(part, lines_before=lines_before))

    def send_events(self, happened: Iterable[Event]) -> tuple[EventAnswer, ...]:
        """Tell what happened; the answers are in the events' order. Raises OfframpError."""
        return tuple(
            answer
            for batch in events.batches(happened)
            for answer in self._ask(events.telling(batch, source=self._source))
        )

    def _ask(self, call: Call[Answered]) -> Answered:
        return self._converse(call, self._retries)

    def _ask_once(self, call: Call[Answered]) -> Answered:
        return self._converse(call, NO_RETRIES)

    def _converse(self, call: Call[Answered], retries: Retries) -> Answered:
        conversation = converse(call, retries)
        answer: Answer = None
        while True:
            try:
                step = next(conversation) if answer is None else conversation.send(answer)
            except StopIteration as end:
                result: Answered = end.value
                return result
            if isinstance(step, Pause):
                time.sleep(step.time.total_seconds())
                answer = None
            else:
                answer = self._send(step)

    def _send(self, step: Send) -> httpx.Response | httpx.RequestError:
        try:
            return self._http.request(step.method, step.path, content=step.body, headers=step.headers)
        except httpx.RequestError as error:
            return error
