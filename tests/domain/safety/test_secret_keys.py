"""Keys of the ring: what they are called, what hangs on them, and when one may be taken out."""

from collections.abc import Mapping
from datetime import timedelta

from domain.safety.secret_keys import (
    LINKS_LAST,
    Counts,
    Hanging,
    KeyPlace,
    KeyStanding,
    NewestTimes,
    key_id,
    standings,
)
from tests.clocks import START

DAY = timedelta(days=1)
OLD, NEW = "0000000a", "0000000b"
TIMES = {
    OLD: NewestTimes(since=START, until=START + DAY, was_alone=True),
    NEW: NewestTimes(since=START + DAY, until=START + 90 * DAY),
}
CODES = {Hanging.RECOVERY_CODE: 8}


def told(
    ring: list[str],
    hanging: Mapping[str, Counts],
    unnamed: Counts,
    times: Mapping[str, NewestTimes],
    *,
    opening: int | None = None,
) -> list[KeyStanding]:
    opening = len(ring) if opening is None else opening
    return list(standings(ring, hanging, unnamed, times, opening=opening))


def by_id(listed: list[KeyStanding]) -> dict[str, KeyStanding]:
    return {standing.key_id: standing for standing in listed}


def test_an_id_is_eight_hex_digits_that_stay_and_are_no_part_of_the_key() -> None:
    ids = [key_id(f"{letter}" * 40) for letter in "abc"]
    assert ids == [key_id(f"{letter}" * 40) for letter in "abc"]
    assert len(set(ids)) == 3
    assert all(len(id_) == 8 and set(id_) <= set("0123456789abcdef") for id_ in ids)


def test_a_former_key_may_go_when_nothing_hangs_on_it_and_its_links_are_over() -> None:
    _, former = told([NEW, OLD], {}, {}, TIMES)
    assert former.place is KeyPlace.FORMER
    assert not former.may_go(START + DAY + LINKS_LAST - timedelta(seconds=1))
    assert former.may_go(START + DAY + LINKS_LAST)


def test_one_code_keeps_its_key_however_long_ago_it_was_the_newest() -> None:
    _, former = told([NEW, OLD], {OLD: {Hanging.RECOVERY_CODE: 1}}, {}, TIMES)
    assert former.count == 1
    assert not former.may_go(START + 1000 * DAY)


def test_the_newest_key_never_goes() -> None:
    newest, _ = told([NEW, OLD], {}, {}, TIMES)
    assert newest.place is KeyPlace.NEWEST
    assert not newest.may_go(START + 1000 * DAY)


def test_a_key_that_was_never_noted_lasts_until_the_links_are_over_from_before_the_newest_was() -> None:
    _, former = told([NEW, OLD], {}, {}, {NEW: TIMES[NEW]})
    assert former.links_until == TIMES[NEW].since + LINKS_LAST
    _, unknown = told([NEW, OLD], {}, {}, {})
    assert unknown.links_until is None
    assert not unknown.may_go(START + 1000 * DAY)


def test_what_hangs_on_a_key_that_is_in_no_ring_is_told_and_does_not_go() -> None:
    found = by_id(told([NEW], {OLD: CODES}, {}, TIMES))
    assert found[OLD].place is KeyPlace.MISSING
    assert found[OLD].count == 8
    assert not found[OLD].may_go(START + 1000 * DAY)


def test_a_key_that_is_gone_and_that_nothing_hangs_on_is_not_told_of() -> None:
    assert [standing.key_id for standing in told([NEW], {OLD: {}}, {}, TIMES)] == [NEW]


def test_rows_that_name_no_key_hang_on_the_one_that_was_there_alone() -> None:
    found = by_id(told([NEW, OLD], {OLD: CODES}, CODES, TIMES))
    assert (found[OLD].count, found[OLD].unnamed) == (16, 8)
    assert (found[NEW].count, found[NEW].unnamed) == (0, 0)
    gone = by_id(told([NEW], {}, CODES, TIMES))
    assert (gone[OLD].place, gone[OLD].count) == (KeyPlace.MISSING, 8)


def test_rows_that_name_no_key_keep_every_former_key_where_nobody_knows_which_was_there_alone() -> None:
    third = "0000000c"
    found = by_id(told([NEW, OLD, third], {}, CODES, {NEW: TIMES[NEW]}))
    assert {id_: standing.count for id_, standing in found.items()} == {NEW: 0, OLD: 8, third: 8}
    alone = by_id(told([NEW], {}, CODES, {}))
    assert alone[NEW].count == 8


def test_a_leaked_key_that_is_for_codes_stays_for_these_and_for_no_links() -> None:
    _, leaked = told([NEW, OLD], {OLD: CODES}, {}, TIMES, opening=1)
    assert leaked.place is KeyPlace.FOR_CODES
    assert leaked.links_until is None
    assert not leaked.may_go(START + 1000 * DAY)
    _, leaked = told([NEW, OLD], {}, {}, TIMES, opening=1)
    assert leaked.may_go(START)
