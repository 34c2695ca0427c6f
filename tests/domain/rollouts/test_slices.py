"""A slice that is over the limit fails its guardrail by name, and many slices share the error."""

import random

import pytest

from domain.rollouts.guardrails import Guardrail, Metric, Sample, Verdict, assess
from domain.rollouts.slice_verdicts import failed_slices, with_slices
from domain.rollouts.slices import Dimension, Platform, Slice, platform_of
from tests.factories import make_guardrail

BY_COUNTRY = make_guardrail(Metric.LOCK_OUTS, by=(Dimension.COUNTRY,))
COUNTRIES = {"BR": Sample(hits=40, size=200), "DE": Sample(hits=1, size=900), "FR": Sample(hits=4, size=4)}


def names(guardrail: Guardrail, samples: dict[str, Sample], *, count: int, beginning: int = 0) -> list[str]:
    """The slices of the guardrail's first dimension that fail."""
    by = guardrail.by[0]
    failures = failed_slices(guardrail, {by: samples}, counts={by: count}, beginning=beginning)
    return [failed.slice.value for failed in failures]


def test_a_country_fails_that_is_over_the_limit_and_a_handful_of_people_does_not() -> None:
    assert names(BY_COUNTRY, COUNTRIES, count=3) == ["BR"]


def test_the_more_slices_there_can_be_the_more_it_takes() -> None:
    just = {"BR": Sample(hits=24, size=200)}
    assert names(BY_COUNTRY, just, count=1) == ["BR"]
    assert names(BY_COUNTRY, just, count=200) == []


def test_the_later_a_window_began_the_more_it_takes() -> None:
    assert names(BY_COUNTRY, {"BR": Sample(hits=24, size=200)}, count=1, beginning=20) == []


def test_a_guardrail_fails_with_its_slice_and_names_it() -> None:
    pooled = assess(BY_COUNTRY, Sample(hits=41, size=5000))
    assert pooled.verdict is Verdict.PASSED
    by = Dimension.COUNTRY
    judged = with_slices(pooled, failed_slices(BY_COUNTRY, {by: COUNTRIES}, counts={by: 3}))
    assert (judged.verdict, judged.failure) == (Verdict.FAILED, "lock_outs for country BR")
    assert judged.sample == pooled.sample


def test_slices_without_a_failure_change_nothing() -> None:
    doubtful = assess(BY_COUNTRY, Sample(hits=1, size=20))
    assert with_slices(doubtful, ()) == doubtful
    assert doubtful.failure == "lock_outs"


def test_twenty_healthy_slices_hardly_ever_fail() -> None:
    """Looked at 100 times while they grow, each at three quarters of the limit."""
    failed_lives = 0
    for seed in range(100):
        chance = random.Random(seed)
        hits = dict.fromkeys(map(str, range(20)), 0)
        for look in range(1, 101):
            for name in hits:
                hits[name] += sum(chance.random() < 0.0375 for _ in range(2))
            samples = {name: Sample(hits=count, size=2 * look) for name, count in hits.items()}
            if names(BY_COUNTRY, samples, count=20):
                failed_lives += 1
                break
    assert failed_lives <= 1


@pytest.mark.parametrize(
    ("device", "platform"),
    [
        ("iPhone", Platform.IOS),
        ("iPad", Platform.IOS),
        ("Android phone", Platform.ANDROID),
        ("Windows PC", Platform.WINDOWS),
        ("Mac", Platform.MACOS),
        ("Security key", None),
        ("Device", None),
        (None, None),
    ],
)
def test_a_device_is_of_a_platform(device: str | None, platform: Platform | None) -> None:
    assert platform_of(device) is platform


def test_a_slice_is_called_by_its_dimension_and_value() -> None:
    assert str(Slice(by=Dimension.WAVE, value="2")) == "wave 2"


def test_a_slice_is_judged_from_the_least_sample_on() -> None:
    least = BY_COUNTRY.least_sample
    assert names(BY_COUNTRY, {"BR": Sample(hits=least, size=least)}, count=1) == ["BR"]
    assert names(BY_COUNTRY, {"BR": Sample(hits=least - 1, size=least - 1)}, count=1) == []
