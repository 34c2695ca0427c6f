"""Everything that Offramp refuses, as one tree of errors."""

from datetime import datetime


class OfframpError(Exception):
    """The root of all errors that Offramp raises on purpose."""


class Refused(OfframpError):
    """A request that was understood and will not be carried out."""


class Unknown(Refused):
    """Nothing here has that id, or it belongs to somebody else."""


class NotSafeYet(Refused):
    """SMS cannot be switched off: `missing` names what the account lacks for it."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("not safe yet: " + ", ".join(missing))
        self.missing = missing


class RetiringStopped(Refused):
    """Retiring SMS is stopped for everybody, or for a slice of people, and the journey waits until it goes on."""

    def __init__(self, reason: str, *, whom: str = "everybody") -> None:
        super().__init__(f"retiring is stopped for {whom}: {reason}")


class LastRoute(Refused):
    """The last proven way in is never taken away."""


class CodeRejected(Refused):
    """A code that is wrong, expired, used, or tried too often; `tries_left` counts down to zero."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("the code is wrong or no longer valid")
        self.tries_left = tries_left


class LinkRejected(Refused):
    """A link that is unknown, expired or used."""


class TooLateToObject(Refused):
    """An objection to a notice so old that support has to look before anything is stopped."""


class ObjectionNotFromHere(Refused):
    """An objection by a link or session that the change itself may have brought about, or that is trusted less."""

    def __init__(self) -> None:
        super().__init__("this objection needs a more trusted way in")


class CeremonyRejected(Refused):
    """A passkey response that does not verify; `reason` is for logs, and holds no personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SmsSwitchedOff(Refused):
    """A right code for an account whose text-message codes are switched off; `for_good` if nothing restores them."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("text-message codes are switched off for this account")
        self.for_good = for_good


class AccountDeactivated(Refused):
    """The host has deactivated the account, so nobody signs in to it."""


class Throttled(Refused):
    """Too many attempts; `retry_after` says after how many seconds the next attempt can succeed."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts, try again in {retry_after} s")
        self.retry_after = retry_after


class BudgetSpent(Throttled):
    """A message beyond what its contact, its account or its country may get; `until` says when one may go again."""

    def __init__(self, *, at: datetime, until: datetime) -> None:
        super().__init__(retry_after=max(int((until - at).total_seconds()), 0) + 1)
        self.until = until


class GuessedTooOften(Throttled):
    """Too many wrong codes in a row; if `needs_other_way`, no waiting helps, and `retry_after` is 0."""

    def __init__(self, retry_after: int, *, needs_other_way: bool) -> None:
        super().__init__(retry_after)
        self.needs_other_way = needs_other_way


class BadContact(Refused):
    """A text that cannot be a phone number or an e-mail address."""


class UnusableContact(BadContact):
    """A contact that somebody may well have, and that cannot be used: a number of a retired plan, an odd address."""


class NotTexted(BadContact):
    """A phone number that is never texted: it costs more than others, or its country is not served."""


class BadSignature(Refused):
    """A callback that its provider cannot have sent: the signature is wrong, or what is signed makes no sense."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no callback of the provider: {reason}")
        self.reason = reason
