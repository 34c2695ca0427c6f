"""What the page of a case shows: the case in words, in the order of the questions at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from api.desk import case_gists
from api.desk.act_lines import ActLine
from api.desk.case_gists import Gists
from domain.desk.cases import Case, JournalLine
from domain.desk.first_acts import first_acts
from domain.desk.stuck import Obstacle
from domain.desk.tickets import Ticket, address_of
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journey import passkey_counts_from
from domain.safety.routes import Route
from domain.staff.staff import Right, roles_with
from domain.words import desk_words
from domain.words.host_words import sign_ins_there
from domain.words.names import capital
from domain.words.standings import MILESTONES, standing, upcoming, why
from domain.words.stuck_words import NAMES, helps


@dataclass(frozen=True, kw_only=True)
class HurdleLine:
    """One hurdle of the person: why it is there, and what helps."""

    obstacle: Obstacle
    name: str
    why: str
    helps: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class MilestoneLine:
    """One milestone; `state` is `reached`, `now` or `ahead`, `at` is when it was reached."""

    label: str
    state: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RouteLine:
    """One way in: whether it is known to work, and what there is of it."""

    name: str
    is_proven: bool
    says: str


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One entry of the timeline: who caused it, and, if that was a member of staff, the reason they gave."""

    at: datetime
    sentence: str
    who: str
    why: str


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything that the page shows; contacts are masked. `first_acts` help, all others are behind "More"."""

    case: Case
    sentence: str
    next: str
    hurdles: tuple[HurdleLine, ...]
    milestones: tuple[MilestoneLine, ...]
    routes: tuple[RouteLine, ...]
    lacks: tuple[str, ...]
    counts_from: datetime | None
    temporal_page: str
    rests: tuple[tuple[str, str, datetime], ...]
    at_host: str
    first_acts: tuple[ActLine, ...]
    more_acts: tuple[ActLine, ...]
    gists: Gists
    who_acts: str
    tickets: tuple[tuple[Ticket, str], ...]
    notes: tuple[TimelineEntry, ...]
    timeline: tuple[TimelineEntry, ...]


def view(
    case: Case,
    acts: tuple[ActLine, ...],
    names: Mapping[str, str],
    *,
    now: datetime,
    temporal_ui: str,
    ticket_url: str = "",
) -> CaseView:
    """A case as its page shows it.

    `names`: the names of members of staff, by their ids. `temporal_ui`: the URL of a namespace's pages, or empty.
    `ticket_url`: the address of the host's tickets with a place for an id, or empty.
    """
    newest_first = case.journal[::-1]
    possible = {line.act for line in acts if not line.refusal}
    first = first_acts((hurdle.obstacle for hurdle in case.hurdles), possible)
    return CaseView(
        case=case,
        sentence=standing(case, now),
        next=capital(upcoming(case, now)),
        hurdles=_hurdles(case, now),
        milestones=_milestones(case),
        routes=_routes(case),
        lacks=tuple(desk_words.LACKS.get(lack, lack) for lack in case.lacks),
        counts_from=passkey_counts_from(case.facts, case.policy),
        temporal_page=_temporal_page(case, temporal_ui),
        rests=_rests(case, now),
        at_host=capital(sign_ins_there(case.at_host)),
        first_acts=tuple(line for act in first for line in acts if line.act is act),
        more_acts=tuple(line for line in acts if line.act not in first),
        gists=case_gists.gists(case, now=now),
        who_acts=" or ".join(roles_with(Right.ACT_ON_CASES)),
        tickets=tuple((ticket, address_of(ticket_url, ticket.ticket_id)) for ticket in case.tickets),
        notes=tuple(_happened(line, names) for line in newest_first if line.kind == EventKind.NOTED),
        timeline=tuple(_happened(line, names) for line in newest_first),
    )


def _hurdles(case: Case, now: datetime) -> tuple[HurdleLine, ...]:
    return tuple(
        HurdleLine(
            obstacle=hurdle.obstacle,
            name=NAMES[hurdle.obstacle],
            why=_sentence(why(case, hurdle, now)),
            helps=helps(hurdle.obstacle, is_at_host=case.is_at_host),
            since=hurdle.since,
        )
        for hurdle in case.hurdles
    )


def _milestones(case: Case) -> tuple[MilestoneLine, ...]:
    return tuple(
        MilestoneLine(
            label=capital(MILESTONES[milestone]),
            state="reached" if done else "now" if milestone is case.waits_for else "ahead",
            at=case.reached_at[milestone],
        )
        for milestone, done in case.milestones.items()
    )


def _routes(case: Case) -> tuple[RouteLine, ...]:
    facts = case.facts
    kept = sum(1 for passkey in case.passkeys if passkey.works)
    where = ", at the host" if case.is_at_host else ""
    says = {
        Route.SMS: _sms(case),
        Route.PASSKEY: f"{kept} kept, {facts.proven_passkeys} proven{where}" if kept else "none",
        Route.RECOVERY_CODE: desk_words.recovery_codes(facts, is_at_host=case.is_at_host),
        Route.AUTHENTICATOR_APP: desk_words.authenticator_app(facts, case.policy),
    }
    names = {
        Route.SMS: "Text-message code",
        Route.PASSKEY: "Passkey",
        Route.RECOVERY_CODE: "Recovery code",
        Route.AUTHENTICATOR_APP: "Authenticator app",
    }
    return tuple(
        RouteLine(name=names[route], is_proven=route in case.routes, says=says[route]) for route in Route
    )


def _sms(case: Case) -> str:
    if case.phone is None:
        return "no phone number"
    return {
        SmsState.ON: "on",
        SmsState.NOTICE: "on, and its end is announced",
        SmsState.SUSPENDED: "off, can be restored",
        SmsState.REMOVED: "off for good",
    }[case.facts.sms]


def _happened(line: JournalLine, names: Mapping[str, str]) -> TimelineEntry:
    is_staff = line.actor == Actor.STAFF
    return TimelineEntry(
        at=line.at,
        sentence=line.sentence,
        who=(is_staff and _members(line, names)) or desk_words.ACTORS[line.actor],
        why=str(line.detail.get("reason", "")) if is_staff else "",
    )


def _members(line: JournalLine, names: Mapping[str, str]) -> str:
    """Who did it, by name; two members, where it took two."""
    marks = [str(line.detail[role]) for role in ("by", "together_with") if line.detail.get(role)]
    return " with ".join(names.get(mark, mark) for mark in marks)


def _rests(case: Case, now: datetime) -> tuple[tuple[str, str, datetime], ...]:
    """What support has put off, and until when."""
    put_off = (
        ("Left alone", "until", case.facts.rests_until),
        ("More time", "until", case.facts.extended_until),
    )
    return tuple((name, word, at) for name, word, at in put_off if at and at > now)


def _temporal_page(case: Case, temporal_ui: str) -> str:
    if not temporal_ui or case.started_at is None:
        return ""
    return f"{temporal_ui}/workflows/{quote(f'migration:{case.account_id}', safe='')}"


def _sentence(text: str) -> str:
    return f"{capital(text)}."
