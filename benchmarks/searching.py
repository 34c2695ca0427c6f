"""How long support waits for a search, and for the list of who is stuck, with a million accounts.

Every figure is also given as a ratio to reading one account by its primary key, which the same run measures in turn.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, quantiles

from benchmarks.databases import on_postgresql, on_sqlite
from benchmarks.fixtures import machine
from benchmarks.stuck_people import NOW, SearchedPerson, email, phone, populate
from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Sort
from domain.facts import Milestone
from domain.presets import STANDARD
from store import Database, Session
from store.desk import search, stuck
from store.people import accounts
from store.rollouts import cohorts
from tests.postgres import Unavailable


@dataclass(frozen=True, kw_only=True)
class LookTime:
    """How long a look took, in seconds by the clock, and in seconds of this thread's own work."""

    clock: float
    worked: float


Look = Callable[[Session, SearchedPerson], object]


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    options = _parser().parse_args()
    for name, opened in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        if options.on not in (None, name.lower()):
            continue
        try:
            with opened() as database:
                people = populate(database, options.people)
                print(f"{name}: {options.people} accounts")
                measure(database, people, options.rounds)
        except Unavailable as reason:
            print(f"{name}: not measured, {reason}")


def measure(database: Database, people: Sequence[SearchedPerson], rounds: int) -> None:
    """Print how long each look takes; the looks take turns."""
    looks = {"primary key": _by_key} | _searches() | _lists()
    print(f"  {machine()}")
    timings: dict[str, list[LookTime]] = {name: [] for name in looks}
    chance = random.Random(1)
    for _ in range(rounds):
        person = chance.choice(people)
        for name, look in looks.items():
            timings[name].append(_timed(database, look, person))
    key = median(look_time.clock for look_time in timings["primary key"])
    for name, times in timings.items():
        clock, worked = [look_time.clock for look_time in times], [look_time.worked for look_time in times]
        print(
            f"  {name:34} p50 {median(clock) * 1000:7.2f} ms   p95 {_p95(clock) * 1000:7.2f} ms"
            f"   {median(clock) / key:6.1f} x primary key   worked p50 {median(worked) * 1000:7.2f} ms"
            f"   p95 {_p95(worked) * 1000:7.2f} ms"
        )
    print(f"  {machine()}")


def _timed(database: Database, look: Look, person: SearchedPerson) -> LookTime:
    began_at, work_began_at = time.perf_counter(), time.thread_time()
    with database.reading() as session:
        look(session, person)
    return LookTime(clock=time.perf_counter() - began_at, worked=time.thread_time() - work_began_at)


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _by_key(session: Session, person: SearchedPerson) -> object:
    return accounts.get(session, person.account_id)


def _searches() -> dict[str, Look]:
    typed: dict[str, Callable[[SearchedPerson], str]] = {
        "external id": lambda person: f"customer-{person.number}",
        "external id, its beginning": lambda person: f"customer-{person.number // 100}",
        "external id, one letter": lambda _: "c",
        "e-mail address": lambda person: email(person.number),
        "e-mail address, its beginning": lambda person: f"Person{person.number // 10}",
        "phone number": lambda person: phone(person.number),
        "phone number as dialled at home": lambda person: "0" + phone(person.number)[3:],
        "phone number, last four digits": lambda person: phone(person.number)[-4:],
        "journey id": lambda person: f"migration:{person.account_id}",
        "nothing that is there": lambda person: f"nobody-{person.number}",
    }
    return {f"search: {name}": _search(words) for name, words in typed.items()}


def _search(words: Callable[[SearchedPerson], str]) -> Look:
    return lambda session, person: search.find(session, words(person), now=NOW)


def _lists() -> dict[str, Look]:
    used_up = Filters(obstacle=Obstacle.NUDGES_USED_UP)
    lists = {
        "everybody": (Filters(), Sort.OLDEST),
        "everybody, newest first": (Filters(), Sort.NEWEST),
        "everybody, least progress": (Filters(), Sort.LEAST_PROGRESS),
        "of a policy": (Filters(policy=STANDARD.name), Sort.OLDEST),
        "older than a day": (Filters(before=NOW - timedelta(days=1)), Sort.OLDEST),
        "waiting for a milestone": (Filters(milestone=Milestone.EMAIL_VERIFIED), Sort.OLDEST),
        "a milestone that nobody waits for": (Filters(milestone=Milestone.SECOND_ROUTE_READY), Sort.OLDEST),
        "reminders used up": (used_up, Sort.OLDEST),
        "used up, least progress": (used_up, Sort.LEAST_PROGRESS),
        "held": (Filters(obstacle=Obstacle.HELD), Sort.OLDEST),
        "cooling-off": (Filters(obstacle=Obstacle.COOLING_OFF), Sort.OLDEST),
    }
    return {
        **{f"stuck: {name}": _list(filters, sort) for name, (filters, sort) in lists.items()},
        "stuck: in a cohort": _in_cohort,
        "stuck: counts": lambda session, _: stuck.counts(session, Filters(), now=NOW),
        "stuck: counts of a cohort": _counts_of_cohort,
        "stuck: counts of a milestone": _counts_of_milestone,
        "stuck: a page and its counts": lambda session, _: _as_shown(session, Sort.OLDEST),
        "stuck: the same, least progress": lambda session, _: _as_shown(session, Sort.LEAST_PROGRESS),
    }


def _list(filters: Filters, sort: Sort) -> Look:
    return lambda session, _: stuck.page(session, filters, now=NOW, sort=sort)


def _in_cohort(session: Session, _: SearchedPerson) -> object:
    return stuck.page(session, _cohort(session), now=NOW)


def _counts_of_cohort(session: Session, _: SearchedPerson) -> object:
    return stuck.counts(session, _cohort(session), now=NOW)


def _counts_of_milestone(session: Session, _: SearchedPerson) -> object:
    return stuck.counts(session, Filters(milestone=Milestone.EMAIL_VERIFIED), now=NOW)


def _as_shown(session: Session, sort: Sort) -> object:
    return stuck.page(session, Filters(), now=NOW, sort=sort), stuck.counts(session, Filters(), now=NOW)


def _cohort(session: Session) -> Filters:
    return Filters(cohort_id=cohorts.every(session)[0].cohort_id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searching", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="accounts in the database")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="one database alone")
    parser.add_argument("--rounds", type=int, default=200, help="how often each search is made")
    return parser


if __name__ == "__main__":
    main()
