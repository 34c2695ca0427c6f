"""A dry run of a launch: who, when, how many messages, and what an operator ought to know before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from math import isinf

from domain.policy import InsteadOfPasskey
from domain.recovery import Proof, rule_for, without_email
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import unmovable
from domain.rollouts.forecasts import AFTER_SUSPENSION, Forecast, first_suspension, forecast, least_to_pass
from domain.rollouts.guardrails import Metric
from domain.rollouts.reach_checks import waves_of_the_holdout
from domain.rollouts.rollout import OVER, Standing
from domain.trust import Root
from domain.words.durations import duration
from store import Session
from store.host import keys
from store.rollouts import cohorts, plans
from store.rollouts.cohorts import StoredCohort
from store.rollouts.plans import Census


@dataclass(frozen=True, kw_only=True)
class CohortPlan:
    """What a launch would come to. `forecast` is None if it would take too long or is over; a remark says which."""

    cohort: str
    policy: str
    is_launched: bool
    census: Census
    forecast: Forecast | None
    remarks: tuple[str, ...]


def draw(session: Session, cohort: Cohort, *, now: datetime, email_recovers: bool = True) -> CohortPlan:
    """The plan of a description; for a launched cohort, the plan of the rest.

    `email_recovers`: a code by e-mail counts for somebody who gets back in by themselves.
    """
    census = plans.census(session, cohort, now=now)
    row = cohorts.by_name(session, cohort.name)
    standing = cohorts.standing(row) if row else None
    remarks = [
        *_contradictions(cohort, row),
        *_stranded(session, cohort, email_recovers=email_recovers, now=now),
    ]
    foreseen = None
    first = _first_wave(standing)
    if standing and (standing.stage in OVER or first >= len(census.waves)):
        remarks.append(f"nobody new is launched: {standing.stage}")
    else:
        people = [wave.people for wave in census.waves]
        foreseen = forecast(
            cohort,
            people,
            text_only=census.text_only,
            now=now,
            first_wave=first,
            watched_until=standing.bakes_until if standing else None,
        )
        remarks += _remarks(cohort, census, foreseen, now=now)
        remarks += _empty(cohort, census, begun=standing.wave if standing else -1)
    return CohortPlan(
        cohort=cohort.name,
        policy=cohort.policy.name,
        is_launched=row is not None,
        census=census,
        forecast=foreseen,
        remarks=tuple(remarks),
    )


def _first_wave(standing: Standing | None) -> int:
    """The wave from which on people are still to be launched."""
    if standing is None:
        return 0
    return standing.wave + standing.is_all_launched


def _contradictions(cohort: Cohort, row: StoredCohort | None) -> Iterator[str]:
    for name in unmovable(cohorts.description(row), cohort) if row else []:
        yield f"{name} is another than when {cohort.name} was launched, and cannot change any more"


def _stranded(session: Session, cohort: Cohort, *, email_recovers: bool, now: datetime) -> Iterator[str]:
    """Whom the rules of recovery leave without a way back of their own. The host's word goes with anything."""
    if not cohort.policy.recovery:
        yield "nobody gets back in by themselves: the policy's list of recovery is empty"
        return
    counted = plans.proofs(session, cohort, now=now)
    vouched = (Proof(kind=ProofKind.HOST, root=Root.HOST),) if keys.may_vouch(session, now=now) else ()

    def without_way(rules: tuple[RecoveryRule, ...], *, texts: bool = True) -> int:
        return sum(
            people
            for given, people in counted
            if rule_for(_left((*given, *vouched), texts=texts), rules) is None
        )

    rules = cohort.policy.recovery
    stranded = without_way(rules)
    if stranded:
        yield f"{stranded} members have no two things by which to get back in by themselves (docs/recovery.md)"
    if later := without_way(rules, texts=False) - stranded:
        yield f"{later} more have none once text-message codes are off"
    if not email_recovers and (more := without_way(without_email(rules)) - stranded):
        yield f"{more} more have none because a code by e-mail does not count (OFFRAMP_EMAIL_RECOVERS)"


def _left(given: tuple[Proof, ...], *, texts: bool) -> list[Proof]:
    """The proofs that are left while text-message codes are on, or off."""
    return [proof for proof in given if texts or proof.kind is not ProofKind.SMS]


def _remarks(cohort: Cohort, census: Census, foreseen: Forecast | None, *, now: datetime) -> Iterator[str]:
    if cohort.policy.host_confirms:
        yield "the host confirms that codes are off in its own system: each end waits for its answer (host_confirms)"
    if cohort.policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP:
        yield (
            "whoever has no device for a passkey may have an authenticator app in its place, which is less than "
            "phishing-resistant (instead_of_passkey)"
        )
    if not census.members:
        yield "nobody matches this description"
    elif foreseen is None:
        yield (
            "the launch would take longer than two years: the launch windows stay closed, or the pace is too slow"
        )
    yield from _end(cohort, census, foreseen, now=now)
    if census.beyond:
        yield f"{census.beyond} members are reached by no wave: the last one ends at {cohort.waves[-1].percent:g} %"
    for other in census.overlaps:
        if other.held_out:
            yield f"{other.held_out} members are held out by {other.name}, and would no longer be its measure"
    if census.members:
        yield from _holds(cohort, census)


def _end(cohort: Cohort, census: Census, foreseen: Forecast | None, *, now: datetime) -> Iterator[str]:
    """Whom the end date finds without the notice of the policy, or does not find at all."""
    end = cohort.policy.end
    if end is None:
        return
    if end.at <= now:
        yield f"the end date, {end.at:%Y-%m-%d %H:%M} UTC, has passed: a launch is refused"
        return
    latest = end.at - cohort.policy.notice
    late = [
        str(wave.number + 1) for wave in (foreseen.waves if foreseen else ()) if wave.launched_by > latest
    ]
    if late:
        yield (
            f"wave {', '.join(late)} is launched less than {duration(cohort.policy.notice)} before the end date, "
            f"{end.at:%Y-%m-%d %H:%M} UTC, or after it"
        )
    if untouched := census.held_out + census.beyond:
        yield f"the end date does not hold for {untouched} members: they are held out, or reached by no wave"


def _empty(cohort: Cohort, census: Census, *, begun: int) -> Iterator[str]:
    """The waves after those that have `begun`, counted from 0, that have nobody to launch."""
    of_holdout = waves_of_the_holdout(cohort)
    passed = "it is passed at once, without its bake"
    for wave, reach in enumerate(census.waves):
        if wave <= begun or reach.people or not census.members:
            continue
        if wave in of_holdout:
            yield f"wave {wave + 1} reaches nobody new: whom it adds to wave {wave} is held out; {passed}"
        elif census.is_exact:
            yield f"wave {wave + 1} has nobody to launch: {passed}"
        else:
            yield f"wave {wave + 1} may have nobody to launch, for the cohort is small; then {passed}"


def _holds(cohort: Cohort, census: Census) -> Iterator[str]:
    """The guardrails that cannot pass when a wave's bake is over, because there are too few people to measure."""
    launched = list(accumulate((wave.people for wave in census.waves), initial=census.launched))[1:]
    for guardrail in cohort.guardrails:
        needed = least_to_pass(guardrail)
        if isinf(needed):
            yield f"{guardrail.metric} can never pass: a limit of 0 is never certain"
            continue
        small = [
            str(number)
            for number, (people, wave) in enumerate(zip(launched, census.waves, strict=True), start=1)
            if people < needed and wave.people
        ]
        if small:
            yield (
                f"{guardrail.metric} needs {needed:g} to pass, even if nothing goes wrong: "
                f"it holds wave {', '.join(small)} until an operator advances"
            )
        yield from _early(cohort, guardrail.metric)


def _early(cohort: Cohort, metric: Metric) -> Iterator[str]:
    wait, bake = first_suspension(cohort.policy), cohort.waves[0].bake
    if metric in AFTER_SUSPENSION and bake < wait:
        yield (
            f"{metric} measures people whose codes are suspended, {duration(wait)} after their launch at the "
            f"earliest: it holds wave 1 at least {duration(wait - bake)} longer than its bake"
        )
