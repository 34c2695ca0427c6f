"""The check-up after the end of text-message codes: what is worth asking a person about, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.policy import Policy
from domain.upkeep.possessions import OwnPasskey, Possessions
from domain.upkeep.single_loss import single_loss

FIRST_AFTER = timedelta(days=28)
"""How long after the removal of text-message codes the first check-up is due."""

UNUSED_FOR = timedelta(days=60)
"""A device that has not signed in for so long is asked about: people change phones, and forget the old one."""

FEW_CODES = 2
"""With so many recovery codes left, or fewer, new ones are offered."""

LOOKED_AGAIN_AFTER = timedelta(days=28)
"""When one looks again whether an invitation has arrived, and at whom nothing reaches or whose policy asks nothing."""


class Doubt(StrEnum):
    """What may no longer be as it should be, in the order in which the page asks."""

    DEVICE_UNUSED = "device_unused"
    ADDRESS_FAILS = "address_fails"
    CODES_LOW = "codes_low"
    ONE_LOSS_AWAY = "one_loss_away"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing to ask the person; `passkey` is the device, of a question about one."""

    doubt: Doubt
    passkey: OwnPasskey | None = None

    @property
    def name(self) -> str:
        """What tells the question from the others of its account."""
        return self.passkey.passkey_id if self.passkey else self.doubt


def questions(possessions: Possessions, now: datetime) -> tuple[Question, ...]:
    """What is worth asking, the device that was unused for longest first."""
    unused = [passkey for passkey in possessions.passkeys if _used_or_made(passkey) <= now - UNUSED_FOR]
    doubts = {
        Doubt.ADDRESS_FAILS: possessions.has_email and possessions.email_fails,
        Doubt.CODES_LOW: possessions.has_had_codes and possessions.codes_left <= FEW_CODES,
        Doubt.ONE_LOSS_AWAY: single_loss(possessions) is not None,
    }
    return (
        *(
            Question(doubt=Doubt.DEVICE_UNUSED, passkey=passkey)
            for passkey in sorted(unused, key=_used_or_made)
        ),
        *(Question(doubt=doubt) for doubt, applies in doubts.items() if applies),
    )


def is_worth_inviting(open_questions: tuple[Question, ...], *, looked_before: bool) -> bool:
    """Whether to invite somebody: for the first time in any case, later only if there is something to ask."""
    return not looked_before or bool(open_questions)


def next_due(policy: Policy, since: datetime) -> datetime | None:
    """When the check-up after one of `since` is due; None if the policy has none."""
    return since + policy.check_up_every if policy.check_up_every else None


def _used_or_made(passkey: OwnPasskey) -> datetime:
    return passkey.last_used_at or passkey.bound_at
