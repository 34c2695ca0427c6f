"""Which breaches stop the retiring of text-message codes: those that last, and that no admin has accepted."""

from domain.retiring import Retiring, lasting, new_breaches, still_known


def test_a_breach_is_new_when_it_is_more_than_an_admin_has_accepted() -> None:
    counts = {"a": 3, "b": 2, "c": 0, "d": 1}
    assert new_breaches(counts, {"a": 2, "b": 2, "c": 0}) == {"a": 3, "d": 1}
    assert new_breaches(counts, {}) == {"a": 3, "b": 2, "d": 1}


def test_what_was_mended_and_breaks_again_is_new() -> None:
    assert still_known({"a": 3, "b": 2, "c": 1}, {"a": 1, "b": 5, "c": 0}) == {"a": 1, "b": 2, "c": 0}
    assert still_known({"gone": 1}, {}) == {}


def test_what_mends_itself_between_two_looks_is_no_breach() -> None:
    now, before = {"b": 1, "a": 2, "mended": 0, "fresh": 1}, {"a": 1, "b": 5, "mended": 1, "fresh": 0}
    assert lasting(now, before) == ["a", "b"]
    assert lasting({"unheard of": 1}, {}) == []


def test_nothing_is_stopped_before_anybody_has_turned_the_switch() -> None:
    switch = Retiring()
    assert (switch.is_stopped, switch.is_automatic, switch.since) == (False, False, None)
