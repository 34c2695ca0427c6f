"""The series about accounts, from one census of all accounts. The domain decides which milestones are reached."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import Metric

from domain.facts import Milestone, SmsState
from domain.milestones import is_proven_by_app, missing
from domain.policy import Policy
from domain.presets import STANDARD
from offramp.metrics import metrics
from offramp.metrics.cohort_names import CohortNames
from store.figures.census import Alike

NO_JOURNEY = "no_journey"
RETIREMENT = "retirement"
"""Every milestone is reached, but text-message codes are not removed yet."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The policies by which accounts are judged, by id, and what their cohorts are called."""

    names: CohortNames
    policies: Mapping[str, Policy]
    cohort_policies: Mapping[str, Policy]

    def policy(self, alike: Alike) -> Policy:
        """The policy of the journey, or of the cohort if there is no journey; the standard policy without a cohort."""
        if alike.policy_id:
            return self.policies[alike.policy_id]
        return self.cohort_policies.get(alike.cohort_id, STANDARD)

    def place(self, alike: Alike) -> tuple[str, str]:
        """Cohort and wave, as values of labels."""
        return self.names.label(alike.cohort_id), alike.wave


def series(groups: Sequence[Alike], rules: Rules, members: Mapping[tuple[str, bool], int]) -> list[Metric]:
    """All metric families about accounts."""
    places = [(alike, rules.place(alike)) for alike in groups]
    waits = (((*place, _waits_for(alike, rules.policy(alike))), alike) for alike, place in places)
    steps = (
        ((*place, step), alike) for alike, place in places for step in _steps(alike, rules.policy(alike))
    )
    sms = (((*place, alike.sms.value), alike) for alike, place in places)
    by_app = ((place, alike) for alike, place in places if is_proven_by_app(alike.facts, rules.policy(alike)))
    held_accounts = ((place, alike) for alike, place in places if alike.is_held)
    codes = (((*place, alike.codes.value), alike) for alike, place in places)
    return [
        _sums(metrics.ACCOUNTS, waits),
        _sums(metrics.REACHED, steps),
        _sums(metrics.BY_APP, by_app),
        _sums(metrics.SMS_STATE, sms),
        _sums(metrics.HELD, held_accounts),
        _sums(metrics.RECOVERY_CODES, codes),
        metrics.sampled(metrics.MEMBERS, _members(rules, members)),
    ]


def _sums(figure: metrics.Figure, labelled_groups: Iterable[tuple[tuple[str, ...], Alike]]) -> Metric:
    sums: Counter[tuple[str, ...]] = Counter()
    for labels, alike in labelled_groups:
        sums[labels] += alike.accounts
    return metrics.sampled(figure, sums)


def _waits_for(alike: Alike, policy: Policy) -> str:
    if alike.outcome:
        return alike.outcome
    if alike.policy_id is None:
        return NO_JOURNEY
    return next(iter(missing(alike.facts, policy)), RETIREMENT)


def _steps(alike: Alike, policy: Policy) -> Iterator[str]:
    """Every step that is reached. An account whose SMS is suspended has reached the notice, too."""
    lacking = missing(alike.facts, policy)
    yield from (milestone for milestone in Milestone if milestone not in lacking)
    states = list(SmsState)
    yield from states[1 : states.index(alike.sms) + 1]


def _members(rules: Rules, members: Mapping[tuple[str, bool], int]) -> dict[tuple[str, ...], float]:
    return {
        (rules.names.label(cohort_id), str(held_out).lower()): count
        for (cohort_id, held_out), count in members.items()
        if rules.names.has_series(cohort_id)
    }
