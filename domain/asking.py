"""How the host is asked to switch text-message codes off or on, and how long it may take to answer."""

import re
from datetime import datetime, timedelta

from domain.facts import Facts, HostChange
from domain.policy import Policy

_CALM = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(hours=24))
_URGENT = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_WAITS = {HostChange.SUSPEND: _CALM, HostChange.REMOVE: _CALM, HostChange.RESTORE: _URGENT}

_CODE = re.compile(r"[a-z]+(_[a-z]+)*")
_LONGEST_CODE = 40
OTHER_REASON = "other"
"""The reason of a refusal that named none, or named it by something else than a code."""


def wait_for_answer(change: HostChange, *, times: int, policy: Policy | None) -> timedelta:
    """How long the host may take for its answer, when it is asked for the `times`-th time.

    Where a policy's days are seconds, the host has no longer than a notice has.
    """
    waits = _WAITS[change]
    wait = waits[min(max(times, 1), len(waits)) - 1]
    return min(wait, policy.notice) if policy else wait


def answer_due_at(facts: Facts, policy: Policy) -> datetime | None:
    """When the host is asked again; None if nothing was asked, or the answer is there."""
    if facts.host_asked is None or facts.host_asked_at is None or facts.host_confirmed_at:
        return None
    if facts.host_asked_times == 0:
        return facts.host_asked_at
    return facts.host_asked_at + wait_for_answer(
        facts.host_asked, times=facts.host_asked_times, policy=policy
    )


def is_silent(facts: Facts) -> bool:
    """Whether the host was asked as often as is of use. What the person does afterwards makes it worth asking again."""
    if facts.host_asked is None or facts.host_confirmed_at:
        return False
    return facts.host_asked_times >= len(_WAITS[facts.host_asked]) and not _has_moved_since(
        facts, facts.host_asked_at
    )


def refusal_stands(facts: Facts, change: HostChange) -> bool:
    """Whether the host has refused a change, and nothing has happened since for which it might not refuse it again."""
    if facts.host_refused is not change or facts.host_refused_at is None:
        return False
    return not _has_moved_since(facts, facts.host_refused_at)


def refusal_code(reason: object) -> str:
    """The reason of a refusal as a code of small letters: whatever else a host writes may be about a person."""
    text = str(reason or "")
    is_code = len(text) <= _LONGEST_CODE and _CODE.fullmatch(text)
    return text if is_code else OTHER_REASON


def _has_moved_since(facts: Facts, at: datetime | None) -> bool:
    return bool(facts.progress_at and at and facts.progress_at > at)
