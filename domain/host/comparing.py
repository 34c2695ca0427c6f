"""What a host's list says of text-message codes, compared with what Offramp believes."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.facts import SmsState


class SmsDifference(StrEnum):
    """How the host's list and Offramp disagree about one account."""

    ON_THERE = "on_there"
    """Codes are off here, and on at the host."""
    OFF_THERE = "off_there"
    """Codes are on here, and off at the host."""
    UNKNOWN_HERE = "unknown_here"
    """The host lists an account that Offramp does not have."""
    MISSING_THERE = "missing_there"
    """Offramp has an account that the host does not list."""


_OF_LINES = tuple(kind for kind in SmsDifference if kind is not SmsDifference.MISSING_THERE)


@dataclass(frozen=True, kw_only=True)
class AccountDifference:
    """How one account differs; `line` is None for an account that is on no line."""

    kind: SmsDifference
    external_id: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class ListedState:
    """One account of a host's list."""

    line: int
    external_id: str
    is_off: bool


@dataclass(kw_only=True)
class Comparison:
    """What a comparison has found so far. `under_way`: differences about which the host is being asked just now.

    Who is missing there is counted once the list was read whole; until then `differences` does not have the kind.
    """

    compared: int = 0
    under_way: int = 0
    bad_lines: int = 0
    differences: dict[SmsDifference, int] = field(default_factory=lambda: dict.fromkeys(_OF_LINES, 0))

    def count(self, sms_difference: SmsDifference | None, *, is_under_way: bool) -> None:
        """Count one account of the list, with its difference, if there is one."""
        self.compared += 1
        if sms_difference and is_under_way:
            self.under_way += 1
        elif sms_difference:
            self.differences[sms_difference] += 1

    def count_bad_line(self) -> None:
        """Count one line that cannot be used."""
        self.bad_lines += 1

    def count_missing(self, more: int) -> None:
        """Count accounts that the list does not have; 0 says that they were looked for, too."""
        self.differences[SmsDifference.MISSING_THERE] = self.missing + more

    @property
    def missing(self) -> int:
        """How many accounts the list does not have, as far as they were looked for."""
        return self.differences.get(SmsDifference.MISSING_THERE, 0)

    @property
    def is_whole(self) -> bool:
        """Whether the list, read to its end, says who is missing: one with bad lines, or with none, may be a torso."""
        return self.compared > 0 and not self.bad_lines

    @property
    def is_clean(self) -> bool:
        """Whether every line could be read, and both sides have the same accounts and believe the same of them."""
        return self.is_whole and not any(self.differences.values())


def difference(listed: ListedState, ours: SmsState | None) -> SmsDifference | None:
    """How a line differs from the state here; `ours` is None for an account that is not here."""
    if ours is None:
        return SmsDifference.UNKNOWN_HERE
    is_off = ours in (SmsState.SUSPENDED, SmsState.REMOVED)
    if is_off == listed.is_off:
        return None
    return SmsDifference.ON_THERE if is_off else SmsDifference.OFF_THERE
