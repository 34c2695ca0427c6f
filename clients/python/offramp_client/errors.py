"""What can go wrong between a host and Offramp.

OfframpError
├── Unreachable          no answer came, however often the client asked
├── UnreadableAnswer     the answer is not one of Offramp's
├── NotGenuine           a webhook that Offramp did not sign, or not for this host
└── ProblemAnswer        Offramp refused, and says why
    ├── KeyRefused       401, 403: the key is unknown, ended, expired, or has not the scope
    ├── NotThere         404
    ├── RequestRefused   any other 4xx: the same request will be refused again
    ├── TooManyRequests  429
    └── ServerTrouble    5xx
"""


class OfframpError(Exception):
    """Anything that this client raises."""


class Unreachable(OfframpError):
    """No answer came. A request that changes something may have been done; it is safe to make it again."""


class UnreadableAnswer(OfframpError):
    """The answer is not one of Offramp's: something else listens at that address."""


class NotGenuine(OfframpError):
    """The webhook does not carry a signature of Offramp's, is too old, or is no webhook. Answer it with 401."""


class ProblemAnswer(OfframpError):
    """Offramp refused, as a problem detail (RFC 9457). `reason` is for programs and does not change."""

    def __init__(self, *, status: int, title: str, detail: str, reason: str) -> None:
        super().__init__(f"{status} {reason}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.reason = reason


class KeyRefused(ProblemAnswer):
    """The key is unknown, ended or expired, or it has not the scope that this takes."""


class NotThere(ProblemAnswer):
    """Offramp knows no such account."""


class RequestRefused(ProblemAnswer):
    """The request cannot be done as it is; `detail` says what to change."""


class TooManyRequests(ProblemAnswer):
    """The key has asked for more than its limit allows."""


class ServerTrouble(ProblemAnswer):
    """Offramp could not do it now."""


def problem_class(status: int) -> type[ProblemAnswer]:
    """The error for an HTTP status of 400 or more."""
    if status in (401, 403):
        return KeyRefused
    if status == 404:
        return NotThere
    if status == 429:
        return TooManyRequests
    return ServerTrouble if status >= 500 else RequestRefused
