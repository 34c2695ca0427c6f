"""The acts of support in words: what each button says, and what will happen in one sentence."""

from domain.desk.acts import SETTLE_OBJECTION, Act
from domain.safety.objections import Outcome

TITLES = {
    Act.SEND_AGAIN: "Send it again",
    Act.PAUSE: "Pause",
    Act.RESUME: "Resume",
    Act.EXTEND: "Give more time",
    Act.END_EXTENSION: "Take the extra time back",
    Act.EXEMPT: "Exempt",
    Act.RENEW_EXEMPTION: "Renew the exemption",
    Act.REVIEW_EXEMPTION: "Keep the exemption as it is",
    Act.END_EXEMPTION: "End the exemption",
    Act.MARK_CONTACT_WRONG: "Mark a contact as wrong",
    Act.UNMARK_CONTACT: "The contact is right after all",
    Act.RESTORE_SMS: "Switch SMS codes back on",
    Act.REMOVE_DEVICE: "Remove a lost device",
    Act.LIFT_HOLD: "Let a suspected device sign in again",
    Act.ASK_HOST_AGAIN: "Let the service be asked again",
    Act.NOTE: "Write a note",
    Act.ASK_FOR_RESCUE: "Ask for a rescue pass",
    Act.EXPORT: "Write out all that is kept",
    Act.ERASE: "Erase the person",
}
MEANINGS = {
    Act.SEND_AGAIN: "The current reminder or notice goes out once more, now.",
    Act.PAUSE: "Nobody reminds the person, and SMS stays as it is, until you resume or the days are over. An end date "
    "comes all the same: exempt them instead.",
    Act.RESUME: "The journey goes on from where it was paused.",
    Act.EXTEND: "What the journey waits for may take that many days longer.",
    Act.END_EXTENSION: "The journey goes by its own times again.",
    Act.EXEMPT: "The person is left alone and keeps SMS codes until a day that you set.",
    Act.RENEW_EXEMPTION: "Another exemption takes the place of the one that lasts: its days count from now.",
    Act.REVIEW_EXEMPTION: "You have looked at it, and its ground still holds. It ends on the same day as before.",
    Act.END_EXEMPTION: "The person is asked again, as everybody else.",
    Act.MARK_CONTACT_WRONG: "Reminders go by the other contact, until this one is changed or marked as right.",
    Act.UNMARK_CONTACT: "Reminders may go to this contact again.",
    Act.RESTORE_SMS: "After a colleague's approval, text-message codes work again at once, and the person is told.",
    Act.REMOVE_DEVICE: "After a colleague's approval, the passkey opens the account no more, and the person is told. "
    "This cannot be undone.",
    Act.LIFT_HOLD: "After a colleague's approval, a passkey that behaved like a copy of itself signs in again, and the "
    "person is told. What it reports next counts as right.",
    Act.ASK_HOST_AGAIN: "The service is asked again what it has not answered, or has refused: now, or when the end of "
    "text-message codes is due.",
    Act.NOTE: "The next colleague reads it on this page.",
    Act.ASK_FOR_RESCUE: "For somebody without any way in: after a colleague's approval, a notice to all their "
    "contacts and a wait, you can read out a code with which they make a new passkey.",
    Act.EXPORT: "After a colleague's approval, you can fetch all that is kept about the person, to hand it to them: a "
    "page to read, or JSON.",
    Act.ERASE: "After a colleague's approval, contacts, names, sessions and ways in are forgotten, and the way to "
    "passkeys ends. This cannot be undone.",
}
DONE = {
    Act.SEND_AGAIN: "The message is on its way.",
    Act.PAUSE: "The journey is paused.",
    Act.RESUME: "The journey goes on.",
    Act.EXTEND: "There is more time now.",
    Act.END_EXTENSION: "The extra time is taken back.",
    Act.EXEMPT: "The person is exempt.",
    Act.RENEW_EXEMPTION: "The exemption is renewed.",
    Act.REVIEW_EXEMPTION: "The exemption was looked at, and stays.",
    Act.END_EXEMPTION: "The exemption has ended.",
    Act.MARK_CONTACT_WRONG: "The contact is marked as wrong.",
    Act.UNMARK_CONTACT: "The contact counts as right again.",
    Act.RESTORE_SMS: "Text-message codes are back on.",
    Act.REMOVE_DEVICE: "The passkey is removed.",
    Act.LIFT_HOLD: "The passkey can sign in again.",
    Act.ASK_HOST_AGAIN: "The service is going to be asked again.",
    Act.NOTE: "The note is kept.",
    Act.ASK_FOR_RESCUE: "Now it waits for a colleague's approval.",
    Act.EXPORT: "What is kept can be fetched.",
    Act.ERASE: "The person is erased.",
}
ASKS = "Ask a colleague"
"""What the button of an act says that takes a second member."""

UNDOES = frozenset(
    {
        Act.RESUME,
        Act.END_EXTENSION,
        Act.RENEW_EXEMPTION,
        Act.REVIEW_EXEMPTION,
        Act.END_EXEMPTION,
        Act.UNMARK_CONTACT,
        Act.LIFT_HOLD,
        Act.ASK_HOST_AGAIN,
    }
)
"""The acts that are offered only if there is something to undo, or to ask."""

REQUESTS: dict[str, str] = {
    Act.ASK_FOR_RESCUE: "Rescue pass",
    Act.EXTEND: "More time",
    Act.EXEMPT: "Exemption",
    Act.RENEW_EXEMPTION: "Renewal of an exemption",
    Act.RESTORE_SMS: "Switch SMS codes back on",
    Act.REMOVE_DEVICE: "Remove a device",
    Act.LIFT_HOLD: "Let a suspected device sign in again",
    Act.EXPORT: "Write out all that is kept",
    Act.ERASE: "Erase the person",
    SETTLE_OBJECTION: "Settle an objection",
}
"""What can need a second member, as that colleague reads it."""

WAITS = "Now it waits for a colleague's approval."
"""What is said of any act that was asked for, and not done yet."""

SETTLEMENTS: dict[str, str] = {
    Outcome.UPHELD: "It was somebody else: what was stopped is removed for good, and what came back stays.",
    Outcome.DISMISSED: "It was the owner after all: what was stopped works again, and what came back goes again.",
}
"""What each outcome of an objection does."""
