"""What every order of an operator's program has: a reason, somebody who gives it, and an answer if it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import BaseModel, Field

from api.staff.rights import Staff
from api.support_api.acts import OnBehalfOf, author_of
from api.support_api.people import Why
from domain.errors import Refused, Unknown
from domain.rollouts.cohorts import InvalidCohort
from domain.staff.reasons import BadReason, clean_reason
from domain.staff.staff import Author

Seen = Annotated[
    int,
    Field(
        ge=1,
        description="The `version` of the standing that the order was decided on; it is refused on another one.",
    ),
]


class OrderRefused(Refused):
    """An order that is understood and not carried out; the message says why, and what to do."""


class OrderBody(BaseModel):
    """Why an order is given, and by whom."""

    reason: Why
    on_behalf_of: OnBehalfOf = ""


def author_and_reason(staff: Staff, body: OrderBody) -> tuple[Author, str]:
    """Who gives an order, and why, as both are kept. Raises BadReason."""
    return author_of(staff, body.on_behalf_of), clean_reason(body.reason)


@contextmanager
def answered() -> Iterator[None]:
    """Says why an order is refused. What has an answer of its own keeps it."""
    try:
        yield
    except (Unknown, BadReason, InvalidCohort):
        raise
    except Refused as refusal:
        raise OrderRefused(str(refusal)) from refusal
