"""The series about accounts, from one census of all of them; the domain itself says which milestones are reached."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import Metric

from domain.facts import Milestone, SmsState
from domain.milestones import missing
from domain.policy import Policy
from domain.presets import STANDARD
from offramp.metrics import metrics
from store.figures.census import Alike

NO_JOURNEY = "no_journey"
RETIREMENT = "retirement"
"""Every milestone is reached, and text-message codes are not gone yet."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """By which policy an account is judged, and what its cohort is called."""

    names: Mapping[str, str]
    policies: Mapping[str, Policy]
    cohort_policies: Mapping[str, Policy]

    def policy(self, alike: Alike) -> Policy:
        """That of the journey, or of the cohort that holds them out."""
        if alike.policy_id:
            return self.policies[alike.policy_id]
        return self.cohort_policies.get(alike.cohort_id, STANDARD)

    def place(self, alike: Alike) -> tuple[str, str]:
        """Cohort and wave, as labels."""
        return self.names.get(alike.cohort_id, alike.cohort_id), alike.wave


def series(counted: Sequence[Alike], rules: Rules, members: Mapping[tuple[str, bool], int]) -> list[Metric]:
    """All families about accounts."""
    places = [(alike, rules.place(alike)) for alike in counted]
    waiting = (((*place, _waits_for(alike, rules.policy(alike))), alike) for alike, place in places)
    reached = (
        ((*place, step), alike) for alike, place in places for step in _steps(alike, rules.policy(alike))
    )
    sms = (((*place, alike.sms.value), alike) for alike, place in places)
    held = ((place, alike) for alike, place in places if alike.is_held)
    codes = (((*place, alike.codes.value), alike) for alike, place in places)
    return [
        _sums(metrics.ACCOUNTS, waiting),
        _sums(metrics.REACHED, reached),
        _sums(metrics.SMS_STATE, sms),
        _sums(metrics.HELD, held),
        _sums(metrics.RECOVERY_CODES, codes),
        metrics.sampled(metrics.MEMBERS, _members(rules, members)),
    ]


def _sums(figure: metrics.Figure, counted: Iterable[tuple[tuple[str, ...], Alike]]) -> Metric:
    sums: Counter[tuple[str, ...]] = Counter()
    for labels, alike in counted:
        sums[labels] += alike.accounts
    return metrics.sampled(figure, sums)


def _waits_for(alike: Alike, policy: Policy) -> str:
    if alike.outcome:
        return alike.outcome
    if alike.policy_id is None:
        return NO_JOURNEY
    return next(iter(missing(alike.facts, policy)), RETIREMENT)


def _steps(alike: Alike, policy: Policy) -> Iterator[str]:
    """What has been reached, each step for itself; who was suspended has had notice."""
    lacking = missing(alike.facts, policy)
    yield from (milestone for milestone in Milestone if milestone not in lacking)
    states = list(SmsState)
    yield from states[1 : states.index(alike.sms) + 1]


def _members(rules: Rules, members: Mapping[tuple[str, bool], int]) -> dict[tuple[str, ...], float]:
    return {
        (rules.names.get(cohort_id, cohort_id), str(held_out).lower()): count
        for (cohort_id, held_out), count in members.items()
    }
