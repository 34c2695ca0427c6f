"""The kinds of entries the journal holds, and what each of them changes."""

from enum import StrEnum


class Actor(StrEnum):
    """Who caused an entry."""

    PERSON = "person"
    JOURNEY = "journey"
    HOST = "host"
    STAFF = "staff"
    SYSTEM = "system"


class EventKind(StrEnum):
    """Everything that can happen to an account. `docs/journal.md` explains each."""

    ACCOUNT_IMPORTED = "account_imported"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNT_ERASED = "account_erased"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_REACTIVATED = "account_reactivated"
    CONTACT_SHARED = "contact_shared"
    JOURNEY_STARTED = "journey_started"
    JOURNEY_ENDED = "journey_ended"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSKEY_SIGNED_IN = "passkey_signed_in"
    PASSKEY_PROVEN = "passkey_proven"
    CEREMONY_FAILED = "ceremony_failed"
    PROMPT_SEEN = "prompt_seen"
    PROMPT_SKIPPED = "prompt_skipped"
    CANNOT_NOW = "cannot_now"
    EMAIL_VERIFIED = "email_verified"
    PASSKEY_BOUND = "passkey_bound"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_WATCHED = "passkey_watched"
    PASSKEY_HELD = "passkey_held"
    PASSKEY_RELEASED = "passkey_released"
    SMS_CHOSEN = "sms_chosen"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CHANGE_WAITS = "change_waits"
    CHANGE_DONE = "change_done"
    CHANGE_STOPPED = "change_stopped"
    BROUGHT_BACK = "brought_back"
    DISPUTE_ANSWERED = "dispute_answered"
    PASSKEY_SYNC_CHANGED = "passkey_sync_changed"
    DEVICE_LINK_MADE = "device_link_made"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODES_PROVEN = "recovery_codes_proven"
    RECOVERY_CODE_USED = "recovery_code_used"
    AUTHENTICATOR_APP_BOUND = "authenticator_app_bound"
    AUTHENTICATOR_APP_PROVEN = "authenticator_app_proven"
    AUTHENTICATOR_APP_REMOVED = "authenticator_app_removed"
    POLICY_CHANGED = "policy_changed"
    HELD = "held"
    RELEASED = "released"
    NUDGED = "nudged"
    NUDGE_CAPPED = "nudge_capped"
    NUDGE_HELD_BACK = "nudge_held_back"
    END_TOLD = "end_told"
    STUCK = "stuck"
    NOTICE_GIVEN = "notice_given"
    NOTICE_MISSED = "notice_missed"
    SMS_SUSPENDED = "sms_suspended"
    SMS_RESTORED = "sms_restored"
    SMS_REMOVED = "sms_removed"
    CHECK_UP_ASKED = "check_up_asked"
    CHECK_UP_DONE = "check_up_done"
    MESSAGE_SENT = "message_sent"
    MESSAGE_FAILED = "message_failed"
    MESSAGE_SKIPPED = "message_skipped"
    MESSAGE_UNKNOWN = "message_unknown"
    MESSAGE_DELIVERED = "message_delivered"
    MESSAGE_WITHHELD = "message_withheld"
    MESSAGE_BLOCKED = "message_blocked"
    MESSAGE_BOUNCED = "message_bounced"
    MESSAGE_UNDELIVERABLE = "message_undeliverable"
    MESSAGE_UNSUBSCRIBED = "message_unsubscribed"
    MESSAGE_SPAM_REPORTED = "message_spam_reported"
    CONTACT_WORKS_AGAIN = "contact_works_again"
    REMINDERS_STOPPED = "reminders_stopped"
    TEXTS_STOPPED = "texts_stopped"
    OBJECTED = "objected"
    OBJECTION_SETTLED = "objection_settled"
    SUPPORT_CASE = "support_case"
    NOTED = "noted"
    SENT_AGAIN = "sent_again"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    EXTENSION_ENDED = "extension_ended"
    EXEMPTED = "exempted"
    EXEMPTION_RENEWED = "exemption_renewed"
    EXEMPTION_REVIEWED = "exemption_reviewed"
    EXEMPTION_ENDED = "exemption_ended"
    EXEMPTION_EXPIRED = "exemption_expired"
    CONTACT_MARKED_WRONG = "contact_marked_wrong"
    RESCUE_ASKED = "rescue_asked"
    RESCUE_APPROVED = "rescue_approved"
    RESCUE_STOPPED = "rescue_stopped"
    RESCUE_SHOWN = "rescue_shown"
    RESCUED = "rescued"
    RECOVERY_PROVEN = "recovery_proven"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_HASTENED = "recovery_hastened"
    RECOVERY_OPENED = "recovery_opened"
    RECOVERY_STOPPED = "recovery_stopped"
    RECOVERY_LAPSED = "recovery_lapsed"
    RECOVERED = "recovered"
    SIM_CHECKED = "sim_checked"
    SIM_ASKED_AGAIN = "sim_asked_again"
    TICKET_OPENED = "ticket_opened"
    TICKET_CLOSED = "ticket_closed"
    CREDENTIAL_CHANGED = "credential_changed"
    CONTACT_DISOWNED = "contact_disowned"
    SESSIONS_ENDED = "sessions_ended"
    HOST_ASKED = "host_asked"
    HOST_CONFIRMED = "host_confirmed"
    HOST_REFUSED = "host_refused"
    HOST_DIFFERS = "host_differs"
    HOST_ASKED_ANEW = "host_asked_anew"
    DATA_EXPORTED = "data_exported"


_PROGRESS = frozenset(
    {
        EventKind.JOURNEY_STARTED,
        EventKind.EMAIL_VERIFIED,
        EventKind.PASSKEY_BOUND,
        EventKind.PASSKEY_REMOVED,
        EventKind.PASSKEY_PROVEN,
        EventKind.RECOVERY_CODES_PROVEN,
        EventKind.AUTHENTICATOR_APP_BOUND,
        EventKind.AUTHENTICATOR_APP_PROVEN,
        EventKind.AUTHENTICATOR_APP_REMOVED,
        EventKind.SMS_RESTORED,
    }
)

_WAKING_KINDS = _PROGRESS | {
    EventKind.ACCOUNT_CHANGED,
    EventKind.ACCOUNT_DELETED,
    EventKind.ACCOUNT_ERASED,
    EventKind.ACCOUNT_DEACTIVATED,
    EventKind.ACCOUNT_REACTIVATED,
    EventKind.CONTACT_SHARED,
    EventKind.PROMPT_SEEN,
    EventKind.PROMPT_SKIPPED,
    EventKind.CANNOT_NOW,
    EventKind.PASSKEY_HELD,
    EventKind.PASSKEY_SYNC_CHANGED,
    EventKind.RECOVERY_CODES_MADE,
    EventKind.RECOVERY_CODE_USED,
    EventKind.POLICY_CHANGED,
    EventKind.RELEASED,
    EventKind.NUDGE_HELD_BACK,
    EventKind.NOTICE_MISSED,
    EventKind.MESSAGE_WITHHELD,
    EventKind.MESSAGE_BLOCKED,
    EventKind.MESSAGE_BOUNCED,
    EventKind.MESSAGE_UNDELIVERABLE,
    EventKind.MESSAGE_UNSUBSCRIBED,
    EventKind.MESSAGE_SPAM_REPORTED,
    EventKind.CONTACT_WORKS_AGAIN,
    EventKind.REMINDERS_STOPPED,
    EventKind.TEXTS_STOPPED,
    EventKind.OBJECTED,
    EventKind.OBJECTION_SETTLED,
    EventKind.SENT_AGAIN,
    EventKind.PAUSED,
    EventKind.RESUMED,
    EventKind.EXTENDED,
    EventKind.EXTENSION_ENDED,
    EventKind.EXEMPTED,
    EventKind.EXEMPTION_RENEWED,
    EventKind.EXEMPTION_ENDED,
    EventKind.CONTACT_MARKED_WRONG,
    EventKind.RESCUED,
    EventKind.RECOVERY_PROVEN,
    EventKind.RECOVERED,
    EventKind.PASSKEY_HELD,
    EventKind.PASSKEY_RELEASED,
    EventKind.CONFIRMED,
    EventKind.REJECTED,
    EventKind.CHANGE_DONE,
    EventKind.BROUGHT_BACK,
    EventKind.SIM_ASKED_AGAIN,
    EventKind.CREDENTIAL_CHANGED,
    EventKind.CONTACT_DISOWNED,
    EventKind.HOST_ASKED,
    EventKind.HOST_CONFIRMED,
    EventKind.HOST_REFUSED,
    EventKind.HOST_DIFFERS,
    EventKind.HOST_ASKED_ANEW,
}


def is_progress(kind: EventKind) -> bool:
    """Whether an entry moves the person on or back, so that the cadence of nudges starts anew."""
    return kind in _PROGRESS


def concerns_journey(kind: EventKind) -> bool:
    """Whether an entry changes facts by which a journey decides; other entries need not wake the journey.

    The journey's own acts need not wake it either: the answer of each activity holds the new facts.
    """
    return kind in _WAKING_KINDS
