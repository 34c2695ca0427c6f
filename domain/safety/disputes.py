"""What an objection does to what hangs together with the disputed session, and how a dispute ends if nobody decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.safety.objections import Outcome

DISPUTE_LIFETIME = timedelta(days=14)
"""How long a dispute waits for somebody to decide it."""


class DisputeSubject(StrEnum):
    """What an effect is about, or what belongs to a disputed tree. A `visit` is one session."""

    VISIT = "visit"
    PASSKEY = "passkey"
    CODES = "codes"
    AUTHENTICATOR_APP = "authenticator_app"
    EMAIL = "email"
    PHONE = "phone"
    WAITING_CHANGE = "waiting_change"

    @property
    def is_contact(self) -> bool:
        """Whether it is an address or a number."""
        return self in (DisputeSubject.EMAIL, DisputeSubject.PHONE)


class Did(StrEnum):
    """What an objection did. `held`: it opens nothing. `lowered`: it signs in and changes nothing."""

    BROUGHT_BACK = "brought_back"
    HELD = "held"
    LOWERED = "lowered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that an objection did. `opened` marks the route that opened the disputed session.

    `was_on_hold`: a passkey that was on hold already, for another reason, and stays so whatever becomes of the dispute;
    if it was brought back, it was on hold as lost. `taken_in` is the session that had taken away what was brought back.
    """

    subject: DisputeSubject
    subject_id: str
    did: Did
    opened: bool = False
    was_on_hold: bool = False
    taken_in: str = ""

    def stored(self) -> dict[str, str]:
        """The effect as the objection's row keeps it."""
        kept = {"subject": self.subject.value, "subject_id": self.subject_id, "did": self.did.value}
        flags = {"opened": self.opened, "was_on_hold": self.was_on_hold}
        kept |= {"taken_in": self.taken_in} if self.taken_in else {}
        return kept | {name: "yes" for name, is_set in flags.items() if is_set}

    @staticmethod
    def read(kept: dict[str, str]) -> "Effect":
        """The effect that a row keeps."""
        return Effect(
            subject=DisputeSubject(kept["subject"]),
            subject_id=kept["subject_id"],
            did=Did(kept["did"]),
            opened="opened" in kept,
            was_on_hold="was_on_hold" in kept,
            taken_in=kept.get("taken_in", ""),
        )


@dataclass(frozen=True, kw_only=True)
class Offshoot:
    """One thing in a disputed tree, with what it has opened or bound in turn, the oldest first.

    `name` is a passkey's platform, or the method of a visit's sign-in; the others have none.
    """

    subject: DisputeSubject
    subject_id: str
    name: str
    at: datetime
    offshoots: tuple["Offshoot", ...] = ()


def stop_passkey(*, is_established: bool, guards_alone: bool, may_hold: bool) -> Did:
    """Whether a passkey of the disputed tree is held or only lowered.

    The only established passkeys are lowered, and so is the last way in: an objection locks nobody out. `guards_alone`:
    outside the tree the account has no established passkey.
    """
    return Did.LOWERED if (is_established and guards_alone) or not may_hold else Did.HELD


def outcome_at_deadline(*, is_independent: bool, is_answered: bool) -> Outcome:
    """How a dispute ends if nobody has decided it.

    It is upheld, unless the objection came by a contact that the disputed session itself may control, and a passkey
    that was only lowered has answered that it was its owner.
    """
    return Outcome.DISMISSED if is_answered and not is_independent else Outcome.UPHELD
