"""What an edit of a launched cohort would come to: fields, people on their way, and where the rollout would stand."""

from dataclasses import dataclass
from datetime import datetime

from domain.rollouts.cohorts import Cohort, InvalidCohort
from domain.rollouts.edits import Edit, edited, require_editable
from domain.rollouts.rollout import CommandRefused
from domain.words.cohort_captions import headline
from domain.words.definition_changes import FieldChange, OnTheWay, changes, effects
from services.rollouts import described_cohorts, toml_lines
from store import Session
from store.rollouts import cohorts, measurements
from store.rollouts.measurements import Reached


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake in a description: its line, what is written there, its place, and what is wrong."""

    line: int
    text: str
    place: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class EditPreview:
    """What an edit would change. `refusal`: why the rollout would not take it; `then`: where it would stand."""

    cohort: Cohort
    changes: tuple[FieldChange, ...]
    effects: tuple[str, ...]
    people: OnTheWay
    seen: int
    refusal: str = ""
    then: str = ""


def draw(session: Session, cohort_id: str, description: str, *, now: datetime) -> EditPreview:
    """The preview of a description for this cohort. Raises InvalidCohort, Unknown."""
    row = cohorts.get(session, cohort_id)
    before, standing = cohorts.description(row), cohorts.standing(row)
    after = described_cohorts.read(session, description, now=now)
    people = on_the_way(measurements.together(measurements.funnel(session, cohort_id)))
    edit = Edit(cohort=after, by="preview", reason="preview", seen=standing.version)
    refusal = then = ""
    try:
        require_editable(edit, standing, before)
    except CommandRefused as refused:
        refusal = str(refused)
    else:
        then = headline(edited(standing, before, edit, at=now), after)
    return EditPreview(
        cohort=after,
        changes=tuple(changes(before, after)),
        effects=tuple(effects(before, after, people)),
        people=people,
        seen=standing.version,
        refusal=refusal,
        then=then,
    )


def on_the_way(reached: Reached) -> OnTheWay:
    """The launched people by what they still lack."""
    return OnTheWay(
        launched=reached.launched,
        without_email=reached.launched - reached.email_verified,
        without_passkey=reached.launched - reached.passkey_enrolled,
        without_proof=reached.launched - reached.passkey_proven,
        without_second_route=reached.launched - reached.second_route_ready,
        under_notice=reached.notice - reached.suspended,
        in_probation=reached.suspended - reached.removed,
        done=reached.removed,
    )


def mistakes(description: str, invalid: InvalidCohort) -> tuple[Mistake, ...]:
    """The mistakes of a description with their lines, in the order of the lines."""
    text = description.split("\n")
    lines = toml_lines.lines_of(description, [place for place, _ in invalid.problems])
    marked = [
        (min(line, len(text)), place, problem)
        for line, (place, problem) in zip(lines, invalid.problems, strict=True)
    ]
    return tuple(
        Mistake(line=line, text=text[line - 1].rstrip("\r"), place=place, problem=problem)
        for line, place, problem in sorted(marked, key=lambda each: each[0])
    )
