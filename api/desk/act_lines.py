"""The acts on the page of a case: possible, or grey with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.staff.rights import Staff
from domain.desk.act_rules import Doer, NotAllowed, allowed
from domain.desk.acts import AT_THE_HOST, UNDONE_BY, Act, Subject
from domain.staff.staff import Right
from domain.words.act_words import DONE, MEANINGS, TITLES, UNDOES, WAITS


@dataclass(frozen=True, kw_only=True)
class ActLine:
    """One act; `refusal` says why it is not possible now."""

    act: Act
    title: str
    meaning: str
    href: str
    refusal: str


@dataclass(frozen=True, kw_only=True)
class DoneLine:
    """What was just done, and the act that undoes it, if there is one; or that it `waits` for a second member."""

    says: str
    undo: ActLine | None = None
    waits: bool = False


def done(act: Act, possible: Sequence[ActLine], *, waits: bool) -> DoneLine:
    """What the page says after an act; `waits`: it was asked for, and not done yet."""
    if waits:
        return DoneLine(says=WAITS, waits=True)
    by = UNDONE_BY.get(act)
    undo = next((line for line in possible if line.act is by and not line.refusal), None)
    return DoneLine(says=DONE[act], undo=undo)


def lines(account_id: str, subject: Subject, staff: Staff, *, now: datetime) -> tuple[ActLine, ...]:
    """What a member may do about an account now, and what not; empty for members who may only look."""
    if not staff.may(Right.ACT_ON_CASES):
        return ()
    acts = [act for act in Act if not (subject.is_at_host and act in AT_THE_HOST)]
    all_lines = (_line(account_id, act, subject, staff, now) for act in acts)
    return tuple(line for line in all_lines if not (line.refusal and line.act in UNDOES))


def path_of(account_id: str, act: Act) -> str:
    """The path of an act's page."""
    return f"/console/cases/{account_id}/acts/{act}"


def _line(account_id: str, act: Act, subject: Subject, staff: Staff, now: datetime) -> ActLine:
    answer = allowed(act, subject, Doer(role=staff.role), now)
    return ActLine(
        act=act,
        title=TITLES[act],
        meaning=MEANINGS[act],
        href=path_of(account_id, act),
        refusal=answer.reason if isinstance(answer, NotAllowed) else "",
    )
