"""What each folded part of a case says beside its title, so that only who needs more has to open it."""

from dataclasses import dataclass
from datetime import datetime

from domain.desk.cases import Case
from domain.words import desk_words
from domain.words.names import METHODS


@dataclass(frozen=True, kw_only=True)
class Gists:
    """A few words for each folded part; empty where its title says it all."""

    milestones: str
    routes: str
    contacts: str
    devices: str
    provisional: str
    messages: str
    timeline: str


def gists(case: Case, *, now: datetime) -> Gists:
    """The gists of a case's parts."""
    working = sum(1 for passkey in case.passkeys if passkey.works)
    return Gists(
        milestones=f"{sum(case.milestones.values())} of {len(case.milestones)}",
        routes=", ".join(METHODS[route] for route in case.routes) or "none that is proven",
        contacts=", ".join(line.masked for line in case.contacts) or "none",
        devices=_many(working, "passkey"),
        provisional=str(len(case.provisional)),
        messages=_messages(case, now),
        timeline=_timeline(case, now),
    )


def _messages(case: Case, now: datetime) -> str:
    if not case.messages:
        return "none"
    newest = case.messages[0]
    fate = desk_words.fate(newest.state, newest.fate)
    return f"{len(case.messages)}, the newest {desk_words.age(newest.created_at, now)} ago: {fate}"


def _timeline(case: Case, now: datetime) -> str:
    if not case.journal:
        return "nothing"
    return f"{len(case.journal)} entries, the newest {desk_words.age(case.journal[-1].at, now)} ago"


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
