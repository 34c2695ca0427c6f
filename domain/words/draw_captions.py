"""Puts into a sentence whether a cohort was drawn as it was planned."""

from domain.rollouts.sample_ratio import SampleRatio


def draw_caption(draw: SampleRatio | None) -> str:
    """One sentence; if the draw cannot be right, also how many people each part has and ought to have."""
    if draw is None:
        return "nobody has looked yet whether it was drawn as planned"
    if draw.probability is None:
        return "too few people to say whether it was drawn as planned"
    if not draw.is_mismatch:
        return f"drawn as planned (p = {draw.probability:.2g})"
    parts = ", ".join(f"{part.name} has {part.drawn} of {part.planned:.0f}" for part in draw.parts)
    return f"not drawn as planned, comparisons cannot be believed (p = {draw.probability:.1g}): {parts}"
