"""The desk as JSON, for those with a desk of their own: the same rights, the same rules, the same words.

A key acts for one member of staff, and every act names in `on_behalf_of` for whom. What takes a fresh ceremony or a
second person is done at the console. Contacts are masked unless they are revealed, with a reason.
"""

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer

from api.support_api import (
    acts,
    audits,
    evidence,
    exempt_people,
    objections,
    people,
    requests,
    single_loss_people,
    stuck_people,
)

# Only for the description: the dependencies of each route decide who may come in.
_KEY = HTTPBearer(scheme_name="key", description="Made by `offramp staff key`.", auto_error=False)


def include(app: FastAPI) -> None:
    """Add the routes of the desk, below `/support`."""
    for room in (
        people,
        stuck_people,
        exempt_people,
        single_loss_people,
        acts,
        objections,
        requests,
        audits,
        evidence,
    ):
        app.include_router(room.router, prefix="/support", dependencies=[Security(_KEY)])
