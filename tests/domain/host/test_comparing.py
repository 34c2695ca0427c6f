"""A host's list agrees with Offramp when it was read whole, and nobody is on in one and off in the other."""

import pytest

from domain.facts import SmsState
from domain.host.comparing import Comparison, ListedState, SmsDifference, difference


@pytest.mark.parametrize(
    ("ours", "is_off", "expected"),
    [
        (None, True, SmsDifference.UNKNOWN_HERE),
        (None, False, SmsDifference.UNKNOWN_HERE),
        *((state, False, None) for state in (SmsState.ON, SmsState.NOTICE)),
        *((state, True, SmsDifference.OFF_THERE) for state in (SmsState.ON, SmsState.NOTICE)),
        *((state, True, None) for state in (SmsState.SUSPENDED, SmsState.REMOVED)),
        *((state, False, SmsDifference.ON_THERE) for state in (SmsState.SUSPENDED, SmsState.REMOVED)),
    ],
)
def test_a_line_differs_where_one_side_has_codes_off(
    ours: SmsState | None, is_off: bool, expected: SmsDifference | None
) -> None:
    assert difference(ListedState(line=1, external_id="ada", is_off=is_off), ours) is expected


def read(*differences: SmsDifference | None, bad_lines: int = 0) -> Comparison:
    comparison = Comparison()
    for each in differences:
        comparison.count(each, is_under_way=False)
    for _ in range(bad_lines):
        comparison.count_bad_line()
    return comparison


def test_accounts_are_counted_with_their_differences_and_those_under_way_apart() -> None:
    comparison = read(None, SmsDifference.ON_THERE, SmsDifference.ON_THERE)
    comparison.count(SmsDifference.ON_THERE, is_under_way=True)
    comparison.count(None, is_under_way=True)
    assert (comparison.compared, comparison.under_way) == (5, 1)
    assert comparison.differences == {
        SmsDifference.ON_THERE: 2,
        SmsDifference.OFF_THERE: 0,
        SmsDifference.UNKNOWN_HERE: 0,
    }


def test_who_is_missing_is_added_up_and_0_says_that_they_were_looked_for() -> None:
    comparison = read(None)
    assert comparison.missing == 0
    assert SmsDifference.MISSING_THERE not in comparison.differences
    for more in (0, 2, 3):
        comparison.count_missing(more)
    assert comparison.missing == comparison.differences[SmsDifference.MISSING_THERE] == 5


def test_a_list_is_whole_when_it_has_lines_and_all_can_be_read() -> None:
    assert read(None).is_whole
    assert not read().is_whole
    assert not read(None, bad_lines=1).is_whole


def test_both_sides_agree_when_a_whole_list_has_no_difference() -> None:
    assert read(None, None).is_clean
    assert not read(None, SmsDifference.OFF_THERE).is_clean
    assert not read(None, bad_lines=1).is_clean
    assert not read().is_clean
