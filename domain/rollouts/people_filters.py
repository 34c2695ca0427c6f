"""Which people of a cohort are listed: those of a wave, or held out, and who have come so far, or not so far."""

from dataclasses import dataclass
from enum import StrEnum

STEPS = (
    *("email_verified", "passkey_enrolled", "passkey_proven", "by_app", "second_route_ready"),
    *("notice", "suspended", "removed"),
)
"""How far people can have come; each step is looked at by itself."""

LAUNCHED = "launched"
"""The step of whoever a wave has launched."""


class CohortPlace(StrEnum):
    """Where in a cohort people are, if it is in no wave of a number."""

    WAVES = "waves"
    """In any wave, or reached by none, but not held out."""
    UNREACHED = "unreached"
    HELD_OUT = "held_out"


@dataclass(frozen=True, kw_only=True)
class PeopleFilter:
    """The people of one wave (from 0), or of a place without one, who have come as far as `step`.

    `is_missing`: who have not come so far. Without a step: all members.
    """

    place: CohortPlace = CohortPlace.WAVES
    wave: int | None = None
    step: str = ""
    is_missing: bool = False

    @classmethod
    def read(cls, *, wave: str, step: str, is_missing: bool) -> "PeopleFilter":
        """The filter that these words name; what is no wave and no step, is none. Waves are counted from 1 in words."""
        place = next((place for place in CohortPlace if place == wave), CohortPlace.WAVES)
        is_number = wave.isascii() and wave.isdigit() and 0 < int(wave) <= 10_000
        named = step if step in (LAUNCHED, *STEPS) else ""
        return cls(
            place=place,
            wave=int(wave) - 1 if is_number else None,
            step=named,
            is_missing=is_missing and bool(named),
        )

    @property
    def words(self) -> dict[str, str]:
        """The words that name this filter, without those that are empty."""
        where = (
            str(self.wave + 1)
            if self.wave is not None
            else ""
            if self.place is CohortPlace.WAVES
            else self.place
        )
        said = {"wave": where, "step": self.step, "without": "1" if self.is_missing else ""}
        return {name: value for name, value in said.items() if value}
