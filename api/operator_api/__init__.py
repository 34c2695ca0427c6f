"""The operators' console as JSON, for their own programs: the same rights, the same rules, the same words.

A key acts for one member of staff (`offramp staff key`), and every order names in `on_behalf_of` who gives it. What
takes a fresh ceremony or a second person is done at the console.
"""

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer

from api.operator_api import cohort_ends, cohort_orders, cohorts, descriptions, guard, reports, switches

# Only for the description: the dependencies of each route decide who may come in.
_KEY = HTTPBearer(scheme_name="key", description="Made by `offramp staff key`.", auto_error=False)


def include(app: FastAPI) -> None:
    """Add the operators' routes."""
    # Plans, launches and what is paused at once have names of their own, before any cohort's name.
    for room in (descriptions, cohort_orders, cohorts, cohort_ends, reports, guard, switches):
        app.include_router(room.router, dependencies=[Security(_KEY)])
