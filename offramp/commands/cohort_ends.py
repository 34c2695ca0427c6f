"""`offramp cohort if-ended-today` and `move-end`: what an end date comes to, and another day."""

from dataclasses import replace

from domain.rollouts.cohorts import InvalidCohort
from domain.rollouts.end_moves import moved
from domain.safety.end_dates import EndDate
from domain.words.cohort_captions import headline
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.commands.cohort_commands import opened_orders
from offramp.opening import opened_database, runnable_settings
from offramp.views import end_pictures
from offramp.views.terminal import Exit, fail, out, print_json
from services.rollouts import end_moves, end_outlooks
from services.rollouts.cohort_portraits import get_by_name
from services.rollouts.end_dates import parse_end
from store.rollouts import cohorts


def show(name: str, *, on: str, as_json: bool) -> None:
    """Show what the end date would come to, on its day or on another one."""
    day = _read(on, begins="", zone="UTC") if on else None
    with opened_database(runnable_settings()) as database, database.reading() as session:
        cohort_id = get_by_name(session, name).cohort_id
        outlook = end_outlooks.draw(session, cohort_id, on=day.at if day else None, now=clock())
    if as_json:
        print_json(outlook)
    else:
        out.print(end_pictures.picture(name, outlook))


def move(
    name: str, *, day: str, begins: str, zone: str, reason: str, by: str, with_member: str, seen: int | None
) -> None:
    """Move the end date of a cohort; without a day, lift it."""
    author = replace(on_this_machine(by), together_with=with_member.strip())
    with opened_orders() as orders:
        with orders.database.reading() as session:
            row = get_by_name(session, name)
            cohort_id, version = row.cohort_id, cohorts.standing(row).version
            cohort = cohorts.description(row)
        zone = zone or cohort.windows.time_zone
        end = _read(day, begins=begins, zone=zone) if day else None
        where = end_moves.move(
            orders.database,
            orders,
            author,
            cohort_id,
            end,
            reason=reason,
            seen=seen or version,
            now=clock(),
        )
    out.print(f"{name}: {headline(where, moved(cohort, end))}; its people are told", markup=False)


def _read(day: str, *, begins: str, zone: str) -> EndDate:
    try:
        return parse_end(day, begins=begins, zone=zone)
    except InvalidCohort as invalid:
        fail("; ".join(problem for _, problem in invalid.problems), Exit.USAGE)
