"""When a milestone is reached, which is next, and which one a person can work on right now."""

from collections.abc import Iterator

from domain.facts import Facts, Milestone
from domain.policy import InsteadOfPasskey, Policy, SecondRoute


def reached(milestone: Milestone, facts: Facts, policy: Policy) -> bool:
    """Whether the facts meet a milestone under a policy. Order does not matter: each stands on its own."""
    match milestone:
        case Milestone.EMAIL_VERIFIED:
            return facts.email_verified_at is not None
        case Milestone.PASSKEY_ENROLLED:
            return facts.passkeys > 0 or app_may_stand_in(facts, policy)
        case Milestone.PASSKEY_PROVEN:
            is_app_proven = app_may_stand_in(facts, policy) and facts.app_days >= policy.proving_days
            return _is_passkey_proven(facts, policy) or is_app_proven
        case Milestone.SECOND_ROUTE_READY:
            return any(True for _ in second_routes(facts, policy))


def app_may_stand_in(facts: Facts, policy: Policy) -> bool:
    """Whether the policy takes an authenticator app of this account in place of a passkey."""
    is_taken = policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP
    return is_taken and facts.lacks_device and facts.authenticator_apps > 0


def app_stands_in(facts: Facts, policy: Policy) -> bool:
    """Whether an authenticator app is in place of a passkey: no passkey has met the milestone."""
    return app_may_stand_in(facts, policy) and not _is_passkey_proven(facts, policy)


def is_proven_by_app(facts: Facts, policy: Policy) -> bool:
    """Whether an authenticator app in place of a passkey has met its milestone: less than phishing-resistant."""
    return app_stands_in(facts, policy) and facts.app_days >= policy.proving_days


def second_routes(facts: Facts, policy: Policy) -> Iterator[SecondRoute]:
    """The second ways in that the account has and the policy accepts. What is in place of a passkey is no second."""
    readiness = {
        SecondRoute.ANOTHER_PASSKEY: facts.passkeys >= 2,
        SecondRoute.SYNCED_PASSKEY: facts.synced_passkeys > 0,
        SecondRoute.RECOVERY_CODES: facts.recovery_codes_proven and facts.recovery_codes_left > 0,
        SecondRoute.AUTHENTICATOR_APP: facts.authenticator_apps > 0 and not app_stands_in(facts, policy),
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


def _is_passkey_proven(facts: Facts, policy: Policy) -> bool:
    return facts.proven_passkeys > 0 and facts.passkey_days >= policy.proving_days
