"""Turns the switches: stops nudges, prompts, retiring or launches, and lets them go on; the audit says who and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from domain.errors import Refused
from domain.rollouts.slices import Dimension, Slice
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author, Right
from domain.switches import BadSlice, Switch, SwitchStop, sliced, whom
from providers.authenticators import aaguids_of, provider_names
from providers.countries import is_country
from store import Session
from store.journeys import switches
from store.staff import audit

_STOPPED = {Switch.RETIRING: AuditKind.RETIRING_STOPPED}
_RESUMED = {Switch.RETIRING: AuditKind.RETIRING_RESUMED}
_RIGHTS = {Switch.RETIRING: Right.STOP_RETIRING}


class PromisesBroken(Refused):
    """Retiring cannot be resumed, because promises are broken; `counts` are the breaches by invariant."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        names = ", ".join(f"{name} ({count})" for name, count in counts.items())
        super().__init__(f"promises are broken: {names}. `offramp doctor` says more")
        self.counts = counts


@dataclass(frozen=True, kw_only=True)
class SwitchTurn:
    """An order to turn a switch for everybody, or for a slice of the people."""

    switch: Switch
    people: Slice | None = None
    reason: str
    at: datetime


def right_to_turn(switch: Switch) -> Right:
    """What a member needs to turn a switch."""
    return _RIGHTS.get(switch, Right.RUN_ROLLOUTS)


def slice_of(switch: Switch, by: Dimension | None, value: str) -> Slice | None:
    """The slice of an order; None for everybody. Raises BadSlice, also for a country or provider that nobody knows."""
    if by is None:
        return None
    people = sliced(switch, by, value)
    if by is Dimension.COUNTRY and not is_country(people.value):
        raise BadSlice(f"no country has the code {people.value}; codes are those of ISO 3166, such as DE")
    if by is Dimension.PROVIDER:
        return replace(people, value=_provider(people.value))
    return people


def stop(session: Session, author: Author, turn: SwitchTurn) -> SwitchStop:
    """Stop a switch, at once. A stop by Offramp itself is taken over. Raises BadReason, Refused if it is stopped."""
    why = clean_reason(turn.reason)
    switches.lock(session, turn.switch, to_turn=True)
    if before := switches.find_open(session, turn.switch, turn.people):
        if not before.is_automatic:
            raise Refused(f"{_subject(turn)} stopped already, by {before.by}: {before.reason}")
        switches.end(session, before.stop_id, by=author.signature, because=why, at=turn.at)
    begun = _begin(session, replace(turn, reason=why), by=author.signature)
    kind = _STOPPED.get(turn.switch, AuditKind.SWITCH_STOPPED)
    audit.append(session, author, kind, at=turn.at, reason=why, **_detail(turn))
    return begun


def stop_by_itself(session: Session, turn: SwitchTurn, *, by: str) -> bool:
    """Stop a switch because Offramp has to; False if it is stopped already."""
    switches.lock(session, turn.switch, to_turn=True)
    if switches.find_open(session, turn.switch, turn.people):
        return False
    _begin(session, turn, by=by, is_automatic=True)
    kind = _STOPPED.get(turn.switch, AuditKind.SWITCH_STOPPED)
    audit.append(session, Author(by=by), kind, at=turn.at, reason=turn.reason, **_detail(turn))
    return True


def resume(
    session: Session, author: Author, turn: SwitchTurn, counts: Mapping[str, int], *, anyway: bool = False
) -> SwitchStop:
    """End the stop for exactly these people; stops for others stay. `counts` are the breaches that `broken` has found.

    Raises BadReason, Refused if it is not stopped, and PromisesBroken while promises are broken and retiring is to go
    on for everybody, unless `anyway`: then these breaches count as known, and only further ones stop retiring again.
    """
    why = clean_reason(turn.reason)
    switches.lock(session, turn.switch, to_turn=True)
    before = switches.find_open(session, turn.switch, turn.people)
    if before is None:
        raise Refused(f"{_subject(turn)} not stopped{_others(session, turn)}")
    is_for_all = turn.switch is Switch.RETIRING and turn.people is None
    if is_for_all and counts and not anyway:
        raise PromisesBroken(counts)
    if is_for_all:
        switches.accept(session, turn.switch, counts)
    ended = switches.end(session, before.stop_id, by=author.signature, because=why, at=turn.at)
    kind = _RESUMED.get(turn.switch, AuditKind.SWITCH_RESUMED)
    known_breaches: dict[str, Any] = {"accepted": dict(counts)} if is_for_all else {}
    audit.append(session, author, kind, at=turn.at, reason=why, **_detail(turn), **known_breaches)
    return ended


def _begin(session: Session, turn: SwitchTurn, *, by: str, is_automatic: bool = False) -> SwitchStop:
    is_by_provider = turn.people is not None and turn.people.by is Dimension.PROVIDER
    begun = SwitchStop(
        stop_id=str(uuid7()),
        switch=turn.switch,
        slice=turn.people,
        since=turn.at,
        by=by,
        reason=turn.reason,
        aaguids=aaguids_of(turn.people.value) if turn.people and is_by_provider else (),
        is_automatic=is_automatic,
    )
    switches.begin(session, begun)
    return begun


def _provider(value: str) -> str:
    names = {name.casefold(): name for name in provider_names()}
    if name := names.get(value.casefold()):
        return name
    raise BadSlice(f"no passkey provider is called {value}; there are {', '.join(provider_names())}")


def _subject(turn: SwitchTurn) -> str:
    verb = "is" if turn.switch is Switch.RETIRING else "are"
    return f"{turn.switch} {verb}" if turn.people is None else f"{turn.switch} for {turn.people} {verb}"


def _others(session: Session, turn: SwitchTurn) -> str:
    """For whom else the switch is stopped, for somebody who has named the wrong people."""
    others = [stop.whom for stop in switches.open_stops(session, turn.switch)]
    return f"; it is for {', '.join(others)}" if others else ""


def _detail(turn: SwitchTurn) -> dict[str, str]:
    if turn.switch is Switch.RETIRING and turn.people is None:
        return {}
    return {"switch": turn.switch, "people": whom(turn.people)}
