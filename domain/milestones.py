"""When a milestone is reached, which is next, and which one a person can work on right now."""

from collections.abc import Iterator

from domain.facts import Facts, Milestone
from domain.policy import Policy, SecondRoute


def reached(milestone: Milestone, facts: Facts, policy: Policy) -> bool:
    """Whether the facts meet a milestone under a policy. Order does not matter: each stands on its own."""
    match milestone:
        case Milestone.EMAIL_VERIFIED:
            return facts.email_verified_at is not None
        case Milestone.PASSKEY_ENROLLED:
            return facts.passkeys > 0
        case Milestone.PASSKEY_PROVEN:
            return facts.proven_passkeys > 0 and facts.passkey_days >= policy.proving_days
        case Milestone.SECOND_ROUTE_READY:
            return any(True for _ in second_routes(facts, policy))


def second_routes(facts: Facts, policy: Policy) -> Iterator[SecondRoute]:
    """The second ways in that the account has and the policy accepts."""
    readiness = {
        SecondRoute.ANOTHER_PASSKEY: facts.passkeys >= 2,
        SecondRoute.SYNCED_PASSKEY: facts.synced_passkeys > 0,
        SecondRoute.RECOVERY_CODES: facts.recovery_codes_proven and facts.recovery_codes_left > 0,
    }
    return (route for route in policy.second_routes if readiness[route])


def missing(facts: Facts, policy: Policy) -> tuple[Milestone, ...]:
    """The milestones not reached yet, in the order in which they are asked for."""
    return tuple(milestone for milestone in Milestone if not reached(milestone, facts, policy))


def next_milestone(facts: Facts, policy: Policy) -> Milestone | None:
    """What the journey waits for; None when only the retirement of SMS is left."""
    return next(iter(missing(facts, policy)), None)


def next_step(facts: Facts, policy: Policy, *, proven_today: bool) -> Milestone | None:
    """What the person can do right now.

    A policy may ask for sign-ins on several days: after today's sign-in the set-up goes on with the next milestone.
    """
    steps = (m for m in missing(facts, policy) if not (m is Milestone.PASSKEY_PROVEN and proven_today))
    return next(steps, None)
