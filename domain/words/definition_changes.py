"""What an edit changes in a definition, field by field, and what that does to the people who are on their way."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from domain.policy import Policy
from domain.rollouts.cohorts import Cohort
from domain.words.definition_words import definition


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field before and after; None where it is not there."""

    place: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class OnTheWay:
    """How many launched people have not come so far yet, each step counted by itself, and how far codes are off."""

    launched: int
    without_email: int = 0
    without_passkey: int = 0
    without_proof: int = 0
    without_second_route: int = 0
    under_notice: int = 0
    in_probation: int = 0
    done: int = 0

    @property
    def travelling(self) -> int:
        """Those whose codes are not gone for good."""
        return self.launched - self.done

    @property
    def before_notice(self) -> int:
        """Those who have no notice yet."""
        return self.travelling - self.under_notice - self.in_probation


def changes(before: Cohort, after: Cohort) -> list[FieldChange]:
    """The fields that differ, in the order of the definition."""
    old, new = ({field.place: field for field in definition(each)} for each in (before, after))
    return [
        FieldChange(
            place=place,
            label=(new.get(place) or old[place]).label,
            before=old[place].text if place in old else None,
            after=new[place].text if place in new else None,
        )
        for place in dict.fromkeys((*old, *new))
        if place not in old or place not in new or old[place].text != new[place].text
    ]


_SAID_APART = frozenset(
    {
        *("name", "preset", "end", "notice", "probation", "cooling_off"),
        *("mandatory_after", "proving_days", "second_routes", "patience", "cadence", "host_confirms"),
    }
)
"""Rules of a policy about which there are sentences of their own, or none is needed."""


def effects(before: Cohort, after: Cohort, people: OnTheWay) -> list[str]:
    """What the edit does to people on their way, in sentences. What they were told holds (docs/decisions/0019)."""
    return [
        *_told(before.policy, after.policy, people),
        *_at_once(before.policy, after.policy, people),
        *_otherwise(before, after, people),
        *_waves(before, after),
    ]


def _told(before: Policy, after: Policy, people: OnTheWay) -> Iterator[str]:
    """The promises: a longer one reaches whoever was told, a shorter one does not."""
    if after.notice > before.notice:
        yield (
            f"Notice is longer: {_people(people.under_notice)} under notice get another letter first, "
            "and the later day."
        )
    elif after.notice < before.notice:
        yield f"Notice is shorter: {_people(people.under_notice)} under notice keep the day that they were told."
    if after.probation > before.probation:
        yield f"Codes can be restored for longer: that reaches {_people(people.in_probation)} at once."
    elif after.probation < before.probation:
        yield f"Codes can be restored for less time: {_people(people.in_probation)} keep the day that they were told."
    if after.cooling_off > before.cooling_off:
        yield (
            f"Cooling-off is longer: of {_people(people.before_notice)} without notice, those who cool off do so "
            "for longer."
        )
    elif after.cooling_off < before.cooling_off:
        yield (
            f"Cooling-off is shorter: of {_people(people.before_notice)} without notice, those who cool off already "
            "keep the time that they were told."
        )


def _at_once(before: Policy, after: Policy, people: OnTheWay) -> Iterator[str]:
    rules = [
        (
            "mandatory_after",
            people.without_passkey,
            "When the prompt is mandatory changes for {} without a passkey.",
        ),
        (
            "proving_days",
            people.before_notice,
            "How long a passkey has to prove itself changes for {} without notice.",
        ),
        (
            "second_routes",
            people.before_notice,
            "What counts as a second way in changes for {} without notice.",
        ),
        ("patience", people.travelling, "How long each step may take changes for {} on their way."),
        ("cadence", people.travelling, "Reminders that are still to come change for {} on their way."),
        (
            "host_confirms",
            people.travelling,
            "Whether the host confirms the end changes for {} on their way.",
        ),
    ]
    for rule, count, sentence in rules:
        if getattr(before, rule) != getattr(after, rule):
            yield sentence.format(_people(count))


def _otherwise(before: Cohort, after: Cohort, people: OnTheWay) -> Iterator[str]:
    """Every other rule that changes: it holds at once for those on their way."""
    for change in changes(before, after):
        part, _, rule = change.place.partition(".")
        if part == "policy" and rule.partition(".")[0] not in _SAID_APART:
            yield f"“{change.label}” changes for {_people(people.travelling)} on their way, at once."


def _waves(before: Cohort, after: Cohort) -> Iterator[str]:
    for number, (old, new) in enumerate(zip_longest(before.waves, after.waves), start=1):
        if old is None:
            yield f"Wave {number} is new."
        elif new is None:
            yield f"Wave {number} is left out."
        elif new.percent > old.percent:
            yield f"Wave {number} reaches more people: if it is launched already, those new to it are launched, too."
        elif new.percent < old.percent:
            yield f"Wave {number} reaches fewer people; whoever is launched stays launched."


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"
