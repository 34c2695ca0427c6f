"""Reads the description of a cohort as it is meant here and now: whether the host has a say depends on its keys."""

from datetime import datetime

from domain.rollouts.cohorts import Cohort
from services.rollouts.cohort_files import parse
from store import Session
from store.host import keys
from store.rollouts import cohorts


def read(session: Session, description: str, *, now: datetime) -> Cohort:
    """The cohort that a description describes. Raises InvalidCohort.

    Where it does not say whether the host confirms the end of codes, a launched cohort keeps what it was launched with,
    and a new one has it as soon as a host has a key that works.
    """
    cohort = parse(description)
    launched = cohorts.by_name(session, cohort.name)
    if launched:
        host_confirms = cohorts.description(launched).policy.host_confirms
    else:
        host_confirms = keys.is_any_current(session, now=now)
    return parse(description, host_confirms=True) if host_confirms else cohort
