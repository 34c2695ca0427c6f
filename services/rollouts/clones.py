"""Writes the description of a cohort that is like a launched one, under a name that is free."""

from itertools import count

from services.rollouts import descriptions
from store import Session
from store.rollouts import cohorts

_LONGEST_NAME = 63


def description(session: Session, cohort_id: str) -> str:
    """The description, in TOML. Raises Unknown."""
    row = cohorts.get(session, cohort_id)
    return descriptions.written(cohorts.description(row), name=_free_name(session, row.name))


def _free_name(session: Session, name: str) -> str:
    """The name with the first number that makes it free: "spring-2"."""
    for number in count(2):
        ending = f"-{number}"
        free_name = f"{name[: _LONGEST_NAME - len(ending)]}{ending}"
        if cohorts.by_name(session, free_name) is None:
            return free_name
    raise AssertionError("numbers do not end")
