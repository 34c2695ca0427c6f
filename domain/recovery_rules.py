"""Which two proofs recover an account, and how long each pair waits, as a cohort's policy says."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import combinations

LONGEST_WAIT = timedelta(days=30)
"""The longest wait of a pair: whoever waits longer than a month is not let in any more, but sent away."""


class ProofKind(StrEnum):
    """What a person can show. A browser that has signed in before is none: it only shortens the wait."""

    RECOVERY_CODE = "recovery_code"
    AUTHENTICATOR_APP = "authenticator_app"
    HOST = "host"
    EMAIL = "email"
    SMS = "sms"


_STRONG = (ProofKind.RECOVERY_CODE, ProofKind.AUTHENTICATOR_APP, ProofKind.HOST)


@dataclass(frozen=True, kw_only=True)
class RecoveryRule:
    """Two kinds of proofs, and how long a request with both waits before it opens."""

    proofs: tuple[ProofKind, ProofKind]
    wait: timedelta

    @property
    def is_weak(self) -> bool:
        """Whether neither is strong: whoever holds a SIM and a mailbox has both, so an owner needs time to object."""
        return not set(self.proofs) & set(_STRONG)


def rules(
    *, strong: timedelta, with_email: timedelta, with_sms: timedelta, email_and_sms: timedelta
) -> tuple[RecoveryRule, ...]:
    """All pairs, by how strong they are: two strong proofs; one with an e-mail or a text; an e-mail and a text."""
    pairs = [(pair, strong) for pair in combinations(_STRONG, 2)]
    pairs += [((kind, ProofKind.EMAIL), with_email) for kind in _STRONG]
    pairs += [((kind, ProofKind.SMS), with_sms) for kind in _STRONG]
    pairs += [((ProofKind.EMAIL, ProofKind.SMS), email_and_sms)]
    return tuple(RecoveryRule(proofs=proofs, wait=wait) for proofs, wait in pairs)


STANDARD_RULES = rules(
    strong=timedelta(),
    with_email=timedelta(days=1),
    with_sms=timedelta(days=3),
    email_and_sms=timedelta(days=7),
)
"""What holds where a policy does not say."""


def mistakes(recovery: Sequence[RecoveryRule]) -> Iterator[str]:
    """What is wrong with a policy's rules."""
    pairs = Counter(frozenset(rule.proofs) for rule in recovery)
    for pair, times in pairs.items():
        words = " and ".join(sorted(pair))
        if len(pair) == 1:
            yield f"recovery asks for {words} twice, which is one proof"
        elif times > 1:
            yield f"recovery names {words} {times} times"
    for rule in recovery:
        words = " and ".join(rule.proofs)
        if rule.wait < timedelta():
            yield f"recovery by {words} waits less than no time"
        if rule.wait > LONGEST_WAIT:
            yield f"recovery by {words} waits longer than {LONGEST_WAIT.days} days"
