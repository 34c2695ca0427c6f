"""The evidence on which text-message codes go."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import NotSafeYet
from domain.facts import Facts
from domain.journey import passkey_counts_from
from domain.milestones import missing, second_routes
from domain.policy import Policy
from domain.safety.sim import sim_is_clear


@dataclass(frozen=True, kw_only=True)
class OffProof:
    """Evidence that an account signs in without SMS: what met each milestone, and since when the passkey counts."""

    email_verified_at: datetime
    proven_passkeys: int
    passkey_days: int
    passkey_counts_from: datetime
    second_routes: tuple[str, ...]
    policy: str
    facts_version: int


def off_proof(facts: Facts, policy: Policy, now: datetime) -> OffProof:
    """The evidence that SMS may go.

    Raises NotSafeYet if a milestone is missing, if the evidence is still provisional, if it goes back to SMS alone and
    the SIM is not known to be the owner's, or if an objection is open.
    """
    lacking: list[str] = [*missing(facts, policy)]
    counts_from = passkey_counts_from(facts, policy)
    if facts.unconfirmed:
        lacking.append("confirmation")
    elif facts.sms_alone and not sim_is_clear(facts, policy):
        lacking.append("sim_check")
    elif counts_from is None or counts_from > now:
        lacking.append("cooling_off")
    if facts.disputed_since:
        lacking.append("objection")
    if lacking or facts.email_verified_at is None or counts_from is None:
        raise NotSafeYet(tuple(lacking))
    return OffProof(
        email_verified_at=facts.email_verified_at,
        proven_passkeys=facts.proven_passkeys,
        passkey_days=facts.passkey_days,
        passkey_counts_from=counts_from,
        second_routes=tuple(second_routes(facts, policy)),
        policy=policy.name,
        facts_version=facts.version,
    )
