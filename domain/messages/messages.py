"""What Offramp says to people: why, by which template, how far a message has come."""

from datetime import timedelta
from enum import StrEnum

from domain.facts import Channel, Milestone


class Purpose(StrEnum):
    """Why a message is sent; the purpose decides its queue, and what it may wait for."""

    CODE = "code"
    NOTICE = "notice"
    NUDGE = "nudge"


class Queue(StrEnum):
    """The task queues of the workers. Nudges have one for each channel, as each provider has its own limit.

    What hosts are told has one of its own, so that a slow receiver keeps no code waiting.
    """

    JOURNEYS = "offramp"
    NOW = "offramp-now"
    BULK = "offramp-bulk"
    BULK_EMAIL = "offramp-bulk-email"
    BULK_SMS = "offramp-bulk-sms"
    WEBHOOKS = "offramp-webhooks"


class Template(StrEnum):
    """The texts; each is a file of that name in `messages/`."""

    SIGN_IN_CODE = "sign_in_code"
    SIGN_IN_LINK = "sign_in_link"
    VERIFY_EMAIL = "verify_email"
    NUDGE_EMAIL_VERIFIED = "nudge_email_verified"
    NUDGE_PASSKEY_ENROLLED = "nudge_passkey_enrolled"
    NUDGE_PASSKEY_PROVEN = "nudge_passkey_proven"
    NUDGE_SECOND_ROUTE_READY = "nudge_second_route_ready"
    NUDGE_CHECK_UP = "nudge_check_up"
    PASSKEY_BOUND = "passkey_bound"
    PASSKEY_HELD = "passkey_held"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    AUTHENTICATOR_APP_BOUND = "authenticator_app_bound"
    AUTHENTICATOR_APP_REMOVED = "authenticator_app_removed"
    EMAIL_CHANGED = "email_changed"
    SEVERAL_CHANGES = "several_changes"
    OBJECTION_NOTED = "objection_noted"
    OBJECTION_SETTLED = "objection_settled"
    SMS_SIGNED_IN = "sms_signed_in"
    SMS_ASKED_FOR = "sms_asked_for"
    CODE_NOT_TEXTED = "code_not_texted"
    PASSKEY_LOST = "passkey_lost"
    PASSKEY_RELEASED = "passkey_released"
    HOLD_CODE = "hold_code"
    RESTORE_CODE = "restore_code"
    PHONE_CHANGED = "phone_changed"
    CONTACT_DISOWNED = "contact_disowned"
    CHANGE_WAITS = "change_waits"
    GUARDRAIL_FAILED = "guardrail_failed"
    STAFF_INVITED = "staff_invited"
    RESCUE_ASKED = "rescue_asked"
    RESCUED = "rescued"
    RECOVERY_PROOF = "recovery_proof"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_SOON = "recovery_soon"
    RECOVERY_OPEN = "recovery_open"
    RECOVERY_STOPPED = "recovery_stopped"
    END_DATE = "end_date"
    END_LIFTED = "end_lifted"
    EXEMPTION_ENDS = "exemption_ends"
    SMS_NOTICE = "sms_notice"
    SMS_SUSPENDED = "sms_suspended"
    SMS_RESTORED = "sms_restored"
    SMS_KEPT = "sms_kept"
    SMS_REMOVED = "sms_removed"


class MessageState(StrEnum):
    """How far a message has come.

    `queued` → `handed` (Temporal has it) → `sending` (claimed) → `sent`, `failed`, `skipped` or `unknown`.
    `unknown`: the provider may have taken it, but its sender died or got no clear answer. It is never sent again.
    `gathered`: a notice that goes out as a part of a gathered message; if that message is lost, so is the notice.
    """

    QUEUED = "queued"
    HANDED = "handed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    GATHERED = "gathered"


UNDER_WAY = frozenset({MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING})
"""States of messages of which nobody knows yet whether they go out."""


class Fate(StrEnum):
    """What became of a message, as the provider says later; or why the provider refused it.

    `withheld`: not carried because of the operator's account, its sender or a country; the contact is not to blame.
    `blocked`: refused this time, for example by a full mailbox or a filter. `undeliverable`: no such address or number.
    `stopped`: its owner has answered STOP, so that no text goes to the number any more, a code neither, until START.
    """

    DELIVERED = "delivered"
    WITHHELD = "withheld"
    BLOCKED = "blocked"
    BOUNCED = "bounced"
    UNDELIVERABLE = "undeliverable"
    UNSUBSCRIBED = "unsubscribed"
    SPAM_REPORTED = "spam_reported"
    STOPPED = "stopped"

    def outranks(self, other: "Fate | None") -> bool:
        """Whether this fate replaces another one: providers repeat events, and send them in any order."""
        ranks = list(Fate)
        return other is None or ranks.index(self) > ranks.index(other)


CONTACT_FAULTS = frozenset({Fate.BLOCKED, Fate.BOUNCED, Fate.UNDELIVERABLE, Fate.STOPPED})
"""Fates that say that a contact does not reach the person; another channel is used until the contact works again."""

NOT_ARRIVED = CONTACT_FAULTS | {Fate.WITHHELD}
"""Fates of messages that did not reach the person, whoever is to blame."""

OPT_OUTS = frozenset({Fate.UNSUBSCRIBED, Fate.SPAM_REPORTED})
"""Fates by which a person says that they want no reminders by this channel. Notices still go there."""

SEND_TIMEOUT = timedelta(seconds=30)
"""How long one hand-over to a provider may take. A claim older than that has lost its sender."""

CODE_LIFETIME = timedelta(minutes=10)
"""An out-of-band code is valid for at most ten minutes (NIST SP 800-63B-4, 3.1.3)."""


LIFETIMES = {
    Purpose.CODE: CODE_LIFETIME,
    Purpose.NOTICE: timedelta(days=7),
    Purpose.NUDGE: timedelta(days=1),
}
"""How long sending a message is tried, by its purpose."""


def nudge_template(milestone: Milestone) -> Template:
    """The text that invites to a milestone."""
    return Template(f"nudge_{milestone}")


def queue_for(purpose: Purpose, channel: Channel) -> Queue:
    """The task queue of a message: codes and notices never wait behind a campaign of reminders."""
    if purpose is not Purpose.NUDGE:
        return Queue.NOW
    return Queue.BULK_EMAIL if channel is Channel.EMAIL else Queue.BULK_SMS
