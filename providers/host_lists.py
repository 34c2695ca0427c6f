"""Reads a host's list over HTTP as it comes, so that a list of any length takes no more memory than a line."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

_PATIENCE = urllib3.Timeout(connect=5, read=60)
_OWN = ("localhost", "127.0.0.1", "::1")


class ListNotRead(Exception):
    """The list was not read, or not to its end; the message says why."""


@contextmanager
def opened_list(url: str, *, token: str) -> Iterator[BinaryIO]:
    """The lines behind an address, asked for with a bearer token, if there is one. Raises ListNotRead.

    Only an address of this machine may do without encryption.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _OWN):
        raise ListNotRead("the list's address has to begin with https://")
    headers = {"accept": "application/x-ndjson"} | ({"authorization": f"Bearer {token}"} if token else {})
    with urllib3.PoolManager(retries=False, timeout=_PATIENCE) as pool:
        try:
            answer = pool.request("GET", url, headers=headers, preload_content=False, redirect=False)
            with closing(answer):
                if answer.status != 200:
                    raise ListNotRead(f"the host answered {answer.status} when it was asked for its list")
                yield cast(BinaryIO, answer)
        except HTTPError as trouble:
            raise ListNotRead(f"the host's list was not read to its end: {type(trouble).__name__}") from None
