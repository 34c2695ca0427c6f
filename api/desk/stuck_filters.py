"""The filters of the list of stuck people, as the address of the page holds them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query

from domain.desk.stuck import Hurdle, Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from domain.facts import Milestone
from domain.words.desk_words import AGES

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class StuckQuery:
    """The filters, the order, and where the page begins."""

    reason: Obstacle | None = None
    cohort: str = ""
    milestone: Milestone | None = None
    older: int = 0
    sort: Sort = Sort.OLDEST
    after: Mark | None = None

    def filters(self, now: datetime) -> Filters:
        """The filters as the store takes them."""
        return Filters(
            obstacle=self.reason,
            cohort_id=self.cohort or None,
            milestone=self.milestone,
            before=now - timedelta(days=self.older) if self.older else None,
        )

    def as_query(self) -> dict[str, str]:
        """The choices that differ from the defaults, by their names in the address."""
        chosen = {
            "reason": self.reason or "",
            "cohort": self.cohort,
            "milestone": self.milestone or "",
            "older": str(self.older or ""),
            "sort": "" if self.sort is Sort.OLDEST else self.sort,
        }
        return {name: str(value) for name, value in chosen.items() if value}

    def path(self, below: str = "") -> str:
        """The first page of this list."""
        return _path(below, self.as_query())

    def with_reason(self, reason: Obstacle) -> str:
        """The path of the list of people whom one reason stops."""
        return replace(self, reason=reason, after=None).path()

    def from_(self, mark: Mark) -> str:
        """The path of the next page, which begins at the mark."""
        return _path("", self.as_query() | {"after": str(mark)})

    def wider(self) -> Iterator[tuple[str, str]]:
        """If several filters are set: for each, the label and the path of the list without this filter."""
        choices = {
            "Any reason": (self.reason, replace(self, reason=None)),
            "Every cohort": (self.cohort, replace(self, cohort="")),
            "Whatever they wait for": (self.milestone, replace(self, milestone=None)),
            "However long": (self.older, replace(self, older=0)),
        }
        chosen = [(name, list_.path()) for name, (choice, list_) in choices.items() if choice]
        yield from chosen if len(chosen) > 1 else ()

    def without_reason(self) -> "StuckQuery":
        """The same query for every reason."""
        return replace(self, reason=None)

    def without_cohort(self) -> "StuckQuery":
        """The same query for every cohort."""
        return replace(self, cohort="")

    def since(self, hurdles: Iterable[Hurdle]) -> datetime:
        """Since when a person is stuck: by the chosen reason, or by the oldest of all reasons."""
        return min(hurdle.since for hurdle in hurdles if self.reason in (None, hurdle.obstacle))

    @property
    def goes_by_progress(self) -> bool:
        """Whether the list is in the order of progress."""
        return self.sort is Sort.LEAST_PROGRESS

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter leaves people out."""
        return bool(self.reason or self.cohort or self.milestone or self.older)


def read_filters(
    reason: Annotated[str, Query(max_length=40)] = "",
    cohort: Annotated[str, Query(max_length=40)] = "",
    milestone: Annotated[str, Query(max_length=40)] = "",
    older: Annotated[str, Query(max_length=4)] = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> StuckQuery:
    """The query of the address, without values that are empty or none of the choices."""
    return StuckQuery(
        reason=_choice(Obstacle, reason),
        cohort=cohort,
        milestone=_choice(Milestone, milestone),
        older=int(older) if older.isdecimal() and int(older) in AGES else 0,
        sort=_choice(Sort, sort) or Sort.OLDEST,
        after=Mark.read(after),
    )


def _choice(choices: type[Choice], text: str) -> Choice | None:
    return choices(text) if text in list(choices) else None


def _path(below: str, query: dict[str, str]) -> str:
    return f"/console/stuck{below}" + (f"?{urlencode(query)}" if query else "")
