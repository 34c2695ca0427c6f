"""Numbers and instants with the bounds of what a database keeps and a calendar holds, as types for routes."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

MOST = 2**63 - 1
"""The largest number of a column of either database."""

_A_DAY = timedelta(days=1)

# In another zone, the first and the last day of the calendar may fall out of it.
_FIRST = datetime.min.replace(tzinfo=UTC) + _A_DAY
_LAST = datetime.max.replace(tzinfo=UTC) - _A_DAY

Count = Annotated[int, Field(ge=0, le=MOST)]
"""A number from 0 on: an offset, a cursor, a version."""

Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST)]
"""An instant with its offset from UTC: a time without one means another instant to each reader."""
