"""Durations are counted by the first bound that they do not exceed, as a histogram of Prometheus has it."""

from domain.distributions import Distribution


def test_a_duration_counts_within_every_bound_that_it_does_not_exceed() -> None:
    distribution = Distribution(bounds=(1.0, 5.0))
    for seconds in (0.5, 1.0, 1.5, 5.0, 6.0):
        distribution.add(seconds)
    assert distribution.counts == [2, 2, 1]
    assert list(distribution.within()) == [("1.0", 2), ("5.0", 4), ("+Inf", 5)]
    assert distribution.seconds == 14.0


def test_distributions_add_up() -> None:
    mine, theirs = Distribution(bounds=(1.0,)), Distribution(bounds=(1.0,))
    mine.add(0.5)
    for seconds in (0.25, 2.0, 3.0):
        theirs.add(seconds)
    mine.add_all(theirs)
    assert (mine.counts, mine.seconds) == ([2, 2], 5.75)
    assert (theirs.counts, theirs.seconds) == ([1, 2], 5.25)
