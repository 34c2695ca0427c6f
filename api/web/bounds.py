"""Numbers and instants with the bounds of what a database keeps and a calendar holds, as types for routes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

MOST = 2**63 - 1
"""The largest number of a column of either database."""

_A_DAY = timedelta(days=1)
_NUMBER = re.compile(r"\s*[-+]?[\d_.]+(?:[eE][-+]?\d+)?\s*")

# In another zone, the first and the last day of the calendar may fall out of it.
_FIRST = datetime.min.replace(tzinfo=UTC) + _A_DAY
_LAST = datetime.max.replace(tzinfo=UTC) - _A_DAY

Count = Annotated[int, Field(ge=0, le=MOST)]
"""A number from 0 on: an offset, a cursor, a version."""


def _no_number(value: object) -> object:
    """Pydantic would read a number as seconds since 1970; the API's description says that an instant is a text."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError("an instant, as in 2026-03-02T12:00:00Z")
    return value


Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST), BeforeValidator(_no_number)]
"""An instant with its offset from UTC: a time without one means another instant to each reader."""
