"""The filters, the order and the pages of a list of stuck people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.desk.stuck import Obstacle
from domain.facts import Milestone


class Sort(StrEnum):
    """In which order people are listed."""

    OLDEST = "oldest"
    NEWEST = "newest"
    LEAST_PROGRESS = "least_progress"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Whom to list. `before`: whose obstacle began before that; `wave` counts from 0; `policy` is a name."""

    obstacle: Obstacle | None = None
    cohort_id: str | None = None
    wave: int | None = None
    milestone: Milestone | None = None
    policy: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True, order=True)
class Mark:
    """The last row of a page: the instant by which the list is sorted, and the account."""

    at: datetime
    account_id: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.account_id}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """The mark that this text stands for; None if it is no mark."""
        at, _, account_id = text.partition("~")
        try:
            moment = datetime.fromisoformat(at)
            at_utc = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return cls(at=at_utc, account_id=account_id) if moment.tzinfo and account_id else None
