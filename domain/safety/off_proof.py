"""The evidence on which text-message codes go."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import NotSafeYet
from domain.facts import Facts
from domain.journey import passkey_counts_from
from domain.milestones import app_stands_in, missing, second_routes
from domain.policy import InsteadOfPasskey, Policy
from domain.safety.sim import sim_is_clear


@dataclass(frozen=True, kw_only=True)
class OffProof:
    """Evidence that an account signs in without SMS: what met each milestone, and since when that counts.

    `instead_of_passkey` is what is in place of a passkey, if anything is. Then the proof is not `phishing_resistant`,
    and tells on how many days the app has shown a code.
    """

    email_verified_at: datetime
    proven_passkeys: int
    passkey_days: int
    passkey_counts_from: datetime
    second_routes: tuple[str, ...]
    policy: str
    facts_version: int
    instead_of_passkey: InsteadOfPasskey = InsteadOfPasskey.NONE
    app_days: int = 0
    phishing_resistant: bool = True


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
    is_by_app = app_stands_in(facts, policy)
    return OffProof(
        email_verified_at=facts.email_verified_at,
        proven_passkeys=facts.proven_passkeys,
        passkey_days=facts.passkey_days,
        passkey_counts_from=counts_from,
        second_routes=tuple(second_routes(facts, policy)),
        policy=policy.name,
        facts_version=facts.version,
        instead_of_passkey=policy.instead_of_passkey if is_by_app else InsteadOfPasskey.NONE,
        app_days=facts.app_days if is_by_app else 0,
        phishing_resistant=not is_by_app,
    )
