"""What a session may do, as pages say it before anybody tries."""

from dataclasses import dataclass
from datetime import datetime

from domain.trust import Answer, NotFromHere, Waits, Why
from domain.words.change_words import WHY


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Whether a button is shown: `waits_until` is when its change is done, `why_not` why there is no button.

    `can_confirm`: a passkey that is confirmed now would bring the button back. `can_prove`: so would a code by e-mail.
    `until` is when it comes back by itself, if that is known.
    """

    waits_until: datetime | None = None
    why_not: str = ""
    can_confirm: bool = False
    can_prove: bool = False
    until: datetime | None = None


def permission(answer: Answer) -> Permission:
    """An answer of the rules, for a page."""
    match answer:
        case Waits():
            return Permission(waits_until=answer.until)
        case NotFromHere():
            return Permission(
                why_not=WHY[answer.why],
                can_confirm=answer.why is Why.NEEDS_STEP_UP,
                can_prove=answer.why is Why.NEEDS_SECOND_PROOF,
                until=answer.until,
            )
    return Permission()
