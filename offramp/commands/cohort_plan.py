"""`offramp cohort plan`: what a launch would come to."""

from offramp.clock import clock
from offramp.commands.cohort_descriptions import described
from offramp.opening import opened_database, runnable_settings
from offramp.views import plan_pictures
from offramp.views.terminal import out, print_json
from services.rollouts import cohort_plans


def plan(file: str, *, as_json: bool) -> None:
    """Say what a launch would come to."""
    cohort = described(file)
    with opened_database(runnable_settings()) as database, database.reading() as session:
        drawn = cohort_plans.draw(session, cohort, now=clock())
    if as_json:
        print_json(drawn)
    else:
        out.print(plan_pictures.picture(drawn))
