"""What an end date comes to, in words for operators."""

from collections.abc import Mapping

from domain.rollouts.end_outlooks import AtEnd, EndPace, LastSignIn

AT_END: Mapping[AtEnd, str] = {
    AtEnd.ABLE: "let in only to set up, on a device that can do it",
    AtEnd.NOT_SEEN: "never seen on a device that can do it",
    AtEnd.NO_DEVICE: "have said that they have no device for it",
    AtEnd.NO_CONTACT: "no code reaches their number",
    AtEnd.READY: "ready: a passkey has signed in, or an app works",
    AtEnd.DONE: "done: text-message codes are off",
    AtEnd.EXEMPT: "exempt on that day",
    AtEnd.NOT_LAUNCHED: "not launched: their codes go on",
    AtEnd.HELD_OUT: "held out: their codes go on",
}
"""Members by what an end date means for them, those first whom it touches."""

LAST_SIGN_INS: Mapping[LastSignIn, str] = {
    LastSignIn.WEEK: "within 7 days",
    LastSignIn.MONTH: "within 30 days",
    LastSignIn.QUARTER: "within 90 days",
    LastSignIn.LONGER: "longer ago",
    LastSignIn.NEVER: "never",
}


def pace_words(pace: EndPace) -> str:
    """Whether today's pace is enough, without the day itself."""
    now = f"{pace.a_day:g} people a day got a passkey that signs in, over the last 14 days"
    if not pace.left:
        return f"{now}; nobody is left"
    if pace.needed_a_day is None:
        return f"{now}; {pace.left} are left, and the day has come"
    return f"{now}; {pace.needed_a_day:g} a day would get the {pace.left} who are left there in time"
