"""`offramp cohort plan`: shows the effects of a launch without launching."""

from offramp.clock import clock
from offramp.commands.cohort_descriptions import description_of
from offramp.opening import opened_database, runnable_settings
from offramp.views import plan_pictures
from offramp.views.terminal import out, print_json
from services.rollouts import cohort_plans, described_cohorts


def plan(file: str, *, as_json: bool) -> None:
    """Show the plan of a launch."""
    description = description_of(file)
    settings = runnable_settings()
    with opened_database(settings) as database, database.reading() as session:
        cohort = described_cohorts.read(session, description, now=clock())
        cohort_plan = cohort_plans.draw(session, cohort, now=clock(), email_recovers=settings.email_recovers)
    if as_json:
        print_json(cohort_plan)
    else:
        out.print(plan_pictures.picture(cohort_plan))
