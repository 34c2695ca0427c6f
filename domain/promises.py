"""What a policy has promised to a person, to be kept when a newer policy takes its place."""

from dataclasses import dataclass
from datetime import datetime

from domain.facts import Facts
from domain.journey import removal_due_at
from domain.policy import Policy
from domain.safety.sim import sim_in_doubt


@dataclass(frozen=True, kw_only=True)
class Promises:
    """Until when suspended codes can be restored, and until when evidence cools off; None if nothing was promised."""

    removal_not_before: datetime | None
    cools_off_until: datetime | None


def promises(facts: Facts, policy: Policy, now: datetime) -> Promises:
    """What holds from now on, whatever the policy becomes. What a notice has promised is in its letters."""
    roots = (facts.passkey_rooted_in_sms_at, facts.rescued_at)
    ends = [rooted_at + policy.cooling_off for rooted_at in roots if rooted_at]
    if (rooted_at := facts.passkey_rooted_in_sms_at) and sim_in_doubt(rooted_at, facts, policy):
        ends.append(rooted_at + policy.sim_swap_window)
    ends += [facts.cools_off_until] if facts.cools_off_until else []
    cools_off_until = max(ends, default=now)
    return Promises(
        removal_not_before=removal_due_at(facts, policy),
        cools_off_until=cools_off_until if cools_off_until > now else None,
    )
