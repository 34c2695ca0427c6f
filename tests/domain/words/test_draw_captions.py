"""Operators read whether a cohort was drawn as planned, and by how much it was not."""

import pytest

from domain.rollouts.sample_ratio import Part, SampleRatio
from domain.words.draw_captions import draw_caption

PARTS = (Part(name="wave 1", planned=500.2, drawn=333), Part(name="holdout", planned=1000, drawn=1001))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (None, "nobody has looked yet whether it was drawn as planned"),
        (SampleRatio(parts=PARTS, probability=None), "too few people to say whether it was drawn as planned"),
        (SampleRatio(parts=PARTS, probability=0.42), "drawn as planned (p = 0.42)"),
        (
            SampleRatio(parts=PARTS, probability=0.00012),
            "not drawn as planned, comparisons cannot be believed (p = 0.0001): "
            "wave 1 has 333 of 500, holdout has 1001 of 1000",
        ),
    ],
)
def test_a_draw_in_words(draw: SampleRatio | None, said: str) -> None:
    assert draw_caption(draw) == said
