"""The tokens of links that act without a sign-in: sealed, each says what its link does, and in which message it was.

Nobody can make up a token, or use it for anything else. It works for as long as its secret key is in the ring.
"""

import json
from enum import StrEnum

from domain.errors import LinkRejected
from domain.ports import Seal


class _Use(StrEnum):
    STOP = "stop"
    OBJECTION = "objection"
    INSIDE_OBJECTION = "inside_objection"
    RECOVERY = "recovery"


def stop_token(seal: Seal, key: str) -> str:
    """The token by which the reader of a message ends reminders."""
    return _token(seal, _Use.STOP, key)


def read_stop_token(seal: Seal, token: str) -> str:
    """The message's key. Raises LinkRejected."""
    return _read(seal, _Use.STOP, token)


def objection_token(seal: Seal, key: str) -> str:
    """The token by which the reader of a notice says that it was not them."""
    return _token(seal, _Use.OBJECTION, key)


def read_objection_token(seal: Seal, token: str) -> str:
    """The notice's key. Raises LinkRejected."""
    return _read(seal, _Use.OBJECTION, token)


def inside_objection_token(seal: Seal, key: str) -> str:
    """The token that names a change on the account page; by itself, without a session, it is good for nothing."""
    return _token(seal, _Use.INSIDE_OBJECTION, key)


def read_inside_objection_token(seal: Seal, token: str) -> str:
    """The notice's key. Raises LinkRejected."""
    return _read(seal, _Use.INSIDE_OBJECTION, token)


def recovery_token(seal: Seal, key: str) -> str:
    """The token of the link that ends the waiting of a recovery; it opens only where the request is followed."""
    return _token(seal, _Use.RECOVERY, key)


def read_recovery_token(seal: Seal, token: str) -> str:
    """The message's key. Raises LinkRejected."""
    return _read(seal, _Use.RECOVERY, token)


def _token(seal: Seal, use: _Use, key: str) -> str:
    return seal.close(json.dumps({use: key})).decode("ascii")


def _read(seal: Seal, use: _Use, token: str) -> str:
    try:
        content = json.loads(seal.open(token.encode()))
    except ValueError:
        content = None
    key = content.get(use) if isinstance(content, dict) else None
    if not isinstance(key, str):
        raise LinkRejected("the link was not made here, or for something else")
    return key
