"""For whom each switch can be turned."""

import pytest

from domain.rollouts.slices import Dimension, Slice
from domain.switches import SLICES, BadSlice, Switch, has_browser, sliced


@pytest.mark.parametrize("switch", Switch)
@pytest.mark.parametrize("dimension", Dimension)
def test_a_switch_takes_the_slices_that_it_can_decide_by_and_refuses_the_others(
    switch: Switch, dimension: Dimension
) -> None:
    value = {Dimension.PLATFORM: "ios", Dimension.BROWSER: "Chrome 131"}.get(dimension, "DE")
    if dimension in SLICES[switch]:
        assert sliced(switch, dimension, value) == Slice(by=dimension, value=value)
    else:
        with pytest.raises(BadSlice, match=f"{switch} cannot be stopped by {dimension}: only for everybody"):
            sliced(switch, dimension, value)


@pytest.mark.parametrize(
    ("dimension", "typed", "value"),
    [
        (Dimension.COUNTRY, " de ", "DE"),
        (Dimension.PLATFORM, "iOS", "ios"),
        (Dimension.BROWSER, "chrome 131", "Chrome 131"),
        (Dimension.BROWSER, "safari for ios", "Safari for iOS"),
    ],
)
def test_what_is_typed_becomes_the_value_that_browsers_and_accounts_have(
    dimension: Dimension, typed: str, value: str
) -> None:
    assert sliced(Switch.PROMPTS, dimension, typed).value == value


@pytest.mark.parametrize(
    ("dimension", "typed"),
    [
        (Dimension.PLATFORM, "beos"),
        (Dimension.BROWSER, "Netscape 4"),
        (Dimension.BROWSER, "131"),
        (Dimension.BROWSER, "Other"),
    ],
)
def test_what_nobody_knows_is_refused_with_what_there_is(dimension: Dimension, typed: str) -> None:
    with pytest.raises(BadSlice, match=f"no {dimension} is called .*; there are "):
        sliced(Switch.PROMPTS, dimension, typed)


@pytest.mark.parametrize(
    ("value", "version", "is_in"),
    [("Chrome 131", 131, True), ("Chrome 131", 132, False), ("Chrome", 132, True), ("Chrome", None, True)],
)
def test_a_browser_is_named_by_its_version_or_by_its_family(
    value: str, version: int | None, *, is_in: bool
) -> None:
    people = Slice(by=Dimension.BROWSER, value=value)
    assert has_browser(people, family="Chrome", version=version) is is_in
    assert not has_browser(people, family="Firefox", version=version)
