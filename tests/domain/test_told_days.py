"""What a letter says of days holds: they begin when it goes out, are never rounded up, and no end comes untold."""

from datetime import datetime, timedelta

import pytest

from domain.facts import Facts, SmsState
from domain.notices import HANDOVER, needs_another_notice, told_until, whole_days
from tests.clocks import START

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("went_out_at", "expected"),
    [
        (None, START + 14 * DAY),
        (START, START + 14 * DAY),
        (START + HANDOVER, START + 14 * DAY),
        (START + HANDOVER + SECOND, START + 14 * DAY + SECOND),
        (START + 2 * DAY, START + 16 * DAY - HANDOVER),
    ],
)
def test_a_letter_that_goes_out_late_gives_as_many_days_as_any_other(
    went_out_at: datetime | None, expected: datetime
) -> None:
    assert told_until(written_at=START, went_out_at=went_out_at, length=14 * DAY) == expected


@pytest.mark.parametrize(
    ("length", "days"),
    [(DAY, "1"), (2 * DAY - SECOND, "1"), (DAY - SECOND, "0"), (timedelta(), "0"), (-DAY, "0")],
)
def test_no_more_days_are_promised_than_there_are(length: timedelta, days: str) -> None:
    assert whole_days(length) == days


TOLD = Facts(sms=SmsState.NOTICE, noticed_at=START, notice_until=START + 14 * DAY)


@pytest.mark.parametrize(
    ("later", "needs"), [(timedelta(), False), (HANDOVER, False), (HANDOVER + SECOND, True)]
)
def test_a_later_end_is_told_in_another_letter(later: timedelta, *, needs: bool) -> None:
    assert needs_another_notice(TOLD, ends_at=START + 14 * DAY + later) == needs


@pytest.mark.parametrize("changes", [{"noticed_at": None}, {"notice_until": None}])
def test_who_was_told_no_day_needs_no_other(changes: dict[str, None]) -> None:
    told_nothing = Facts(**(vars(TOLD) | changes))
    assert not needs_another_notice(told_nothing, ends_at=START + 30 * DAY)


@pytest.mark.parametrize("field", ["rests_until", "extended_until"])
def test_what_support_has_put_off_is_known_and_needs_no_letter(field: str) -> None:
    ends_at = START + 20 * DAY
    for until, needs in ((ends_at, False), (ends_at - SECOND, True), (ends_at + DAY, False)):
        assert needs_another_notice(Facts(**(vars(TOLD) | {field: until})), ends_at=ends_at) == needs
