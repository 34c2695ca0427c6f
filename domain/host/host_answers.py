"""What follows from the state of text-message codes that a host tells: an answer, a difference, or nothing new."""

from enum import StrEnum

from domain.facts import HostChange, SmsState


class Telling(StrEnum):
    """What the host's word is to us."""

    CONFIRMS = "confirms"
    AGREES = "agrees"
    DIFFERS = "differs"
    OUTDATED = "outdated"
    """The host has done what it was asked before, and is not asked any more."""


def weigh(
    said: SmsState, *, open_change: HostChange | None, ours: SmsState, is_confirmed: bool, cites_request: bool
) -> Telling:
    """Compare the state that the host tells with what it was asked and with the state here.

    `is_confirmed`: it has said before that it has done what it was asked. `cites_request`: it names a request of ours.
    """
    if said is SmsState.ON:
        if open_change is HostChange.RESTORE:
            return Telling.CONFIRMS
        is_news = is_confirmed or ours in (SmsState.SUSPENDED, SmsState.REMOVED)
        return Telling.DIFFERS if is_news else Telling.AGREES
    if open_change is HostChange.SUSPEND or (open_change is HostChange.REMOVE and said is SmsState.REMOVED):
        return Telling.CONFIRMS
    if open_change:
        return Telling.AGREES
    if ours in (SmsState.ON, SmsState.NOTICE):
        return Telling.OUTDATED if cites_request else Telling.DIFFERS
    return Telling.AGREES if ours in (said, SmsState.REMOVED) else Telling.DIFFERS
