"""What people read when something was refused, by the kind of the refusal."""

from dataclasses import dataclass

from api.web import problems
from domain.errors import (
    AccountDeactivated,
    CeremonyRejected,
    CodeRejected,
    LastRoute,
    LinkRejected,
    NotSafeYet,
    ObjectionNotFromHere,
    Refused,
    TooLateToObject,
    Unknown,
)
from domain.host.sign_on import NoWayBack
from domain.recovery import RecoveryRefused
from domain.staff.staff import AlreadyStaff, LastAdmin


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a person reads when something was refused; `reason` is for the page's script.

    `is_calm`: nothing went wrong, so the page's script says it like any notice, with the way on as the main button.
    """

    status: int
    title: str
    text: str
    reason: str = ""
    way_on: str = "/"
    way_on_label: str = "Go on"
    is_calm: bool = False


LOST = Explanation(
    status=404,
    title="There is nothing here",
    text="This page does not exist, or it is no longer there.",
    way_on_label="Go to the start",
)
MALFORMED = Explanation(
    status=400,
    title="That could not be read",
    text="Something was missing or not as we expected it. Nothing was changed. Please go back and try again.",
)
OVERTAKEN = Explanation(
    status=409,
    title="Somebody was faster",
    text="The same was done at the same moment, here or elsewhere. Nothing was done twice. Please look again.",
    reason=problems.OVERTAKEN,
)
BROKEN = Explanation(
    status=500,
    reason=problems.BROKEN,
    title="Something broke on our side",
    text="It is not your fault, and nothing you had is lost. Please try again in a minute.",
)
AWAY = Explanation(
    status=503,
    reason=problems.AWAY,
    title="Please come back in a moment",
    text=(
        "We cannot reach our records just now. It is not your fault, and nothing you had is lost. "
        "Please try again in a minute."
    ),
    way_on_label="Try again",
    is_calm=True,
)
EXPLANATIONS: dict[type[Refused], Explanation] = {
    Unknown: LOST,
    LastRoute: Explanation(
        status=409,
        title="This is your last way in",
        text=(
            "If you removed it, you could no longer sign in. Add another device or make recovery codes first; "
            "then you can remove this one."
        ),
        way_on="/account",
        way_on_label="Back to your account",
    ),
    CodeRejected: Explanation(
        status=400,
        title="That code did not work",
        text="It may be mistyped, too old, or already used. You can ask for a new one.",
    ),
    LinkRejected: Explanation(
        status=410,
        title="This link no longer works",
        text=(
            "Links work once, and for a limited time only. If you have used it already, all is well. "
            "Otherwise please ask for a new one where you got this one."
        ),
        way_on_label="Go to the start",
    ),
    TooLateToObject: Explanation(
        status=410,
        title="This was a while ago",
        text=(
            "This link stops changes of the last 30 days, and this one is older. If it was not you, please turn to our "
            "support and tell them that your account was changed without you: they can stop it too."
        ),
        way_on="/account",
        way_on_label="See my account",
    ),
    LastAdmin: Explanation(
        status=409,
        title="This is the last admin",
        text="Without an admin nobody could let anybody in. Make somebody else an admin first.",
        way_on="/console/staff",
        way_on_label="Back to the staff",
    ),
    AlreadyStaff: Explanation(
        status=409,
        title="They are a member already",
        text="Somebody of that address works here. Nothing was changed.",
        way_on="/console/staff",
        way_on_label="Back to the staff",
    ),
    ObjectionNotFromHere: Explanation(
        status=403,
        title="Please sign in first",
        text=(
            "This message alone cannot stop anything: its contact is new, or may be on the very device. Sign in with "
            "your passkey, and stop the change on your account page; or turn to our support."
        ),
        way_on="/account",
        way_on_label="See my account",
    ),
    NoWayBack: Explanation(
        status=400,
        title="We don't know where you came from",
        text=(
            "The page that sent you here is not one that we know, so we cannot send you back to it. Nothing was "
            "changed. Please go back to where you were, and tell them if it happens again."
        ),
        way_on_label="Go to the start",
    ),
    CeremonyRejected: Explanation(
        status=400,
        title="That did not work",
        text="We could not check this passkey. Nothing was changed. Please try once more.",
    ),
    AccountDeactivated: Explanation(
        status=403,
        title="This account is switched off",
        text=(
            "The service to which it belongs has switched it off, so nobody can sign in. Nothing is lost: when they "
            "switch it on again, everything works as before. Please turn to them."
        ),
        reason="account_deactivated",
        way_on_label="Go to the start",
    ),
    NotSafeYet: Explanation(
        status=409,
        title="Not yet",
        text="A step is still missing before this can be done safely.",
    ),
    RecoveryRefused: Explanation(
        status=403,
        title="Not from this sign-in",
        text=(
            "Nothing was changed. Sign in with a device that you have used for a while, or say by a message from us "
            "that it wasn't you."
        ),
        way_on="/account",
        way_on_label="See your account",
    ),
    Refused: Explanation(
        status=409,
        title="This cannot be done now",
        text="Nothing was changed.",
    ),
}
