"""When text-message codes end, as people and support are told: the one day that the journey goes by, or none."""

from dataclasses import dataclass
from datetime import datetime

from domain.facts import Facts, SmsState
from domain.journey import JourneyAct, Plan, removal_due_at, suspension_due_at
from domain.policy import Policy

_RETIRES = frozenset(
    {JourneyAct.GIVE_NOTICE, JourneyAct.ASK_HOST, JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS}
)
_RESTORES = (JourneyAct.RESTORE_SMS, JourneyAct.ASK_FOR_RESTORE)
_ENDS = {SmsState.NOTICE: JourneyAct.SUSPEND_SMS, SmsState.SUSPENDED: JourneyAct.REMOVE_SMS}


@dataclass(frozen=True, kw_only=True)
class Halt:
    """What holds a journey from outside: `is_frozen`, its cohort; the others, a switch that is stopped for it."""

    is_frozen: bool = False
    is_retiring_stopped: bool = False
    is_nudging_stopped: bool = False

    def stops(self, act: JourneyAct | None) -> bool:
        """Whether a journey does not do an act although its moment has come. Codes come back in spite of any halt."""
        if act is None or act in _RESTORES:
            return False
        if act is JourneyAct.NUDGE:
            return self.is_frozen or self.is_nudging_stopped
        return self.is_frozen or (self.is_retiring_stopped and act in _RETIRES)


@dataclass(frozen=True, kw_only=True)
class EndOfCodes:
    """The day on which the present state of text-message codes ends.

    Unless `is_certain`, nothing ends before `at`, and later perhaps not either. Without `at` there is nothing to tell.
    """

    at: datetime | None
    is_certain: bool


def end_of_codes(next_plan: Plan, facts: Facts, policy: Policy, halt: Halt, now: datetime) -> EndOfCodes:
    """When codes are suspended or removed. A pause may end at any time, so it makes the day uncertain, not later."""
    rests = facts.rests_until is not None and facts.rests_until > now
    is_planned = next_plan.act is _ENDS.get(facts.sms) and next_plan.act is not None
    is_certain = is_planned and not rests and not halt.stops(next_plan.act)
    at = next_plan.at if is_certain else _not_before(facts, policy)
    return EndOfCodes(at=at if at and at > now else None, is_certain=is_certain)


def _not_before(facts: Facts, policy: Policy) -> datetime | None:
    if facts.sms is SmsState.SUSPENDED:
        return removal_due_at(facts, policy)
    return None if facts.notice_missed else facts.notice_until or suspension_due_at(facts, policy)
