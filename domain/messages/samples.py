"""The values that each template gets beside the names that all templates know, with an example of each value."""

from domain.messages.messages import Template

_CODE = {"code": "402913", "minutes": "10"}
_DEVICE = {"device": "iPhone"}
_SHORT = {"short_code": "k7d2 m9qx"}
_END = {"ends_on": "2027-02-01"}
_REMINDED = _END | {"has_ended": ""}

SAMPLES: dict[Template, dict[str, str]] = {
    Template.SIGN_IN_CODE: _CODE,
    Template.SIGN_IN_LINK: {"hours": "24", "link": "https://accounts.example.com/sign-in/link?token=sample"},
    Template.VERIFY_EMAIL: _CODE | {"link": "https://accounts.example.com/e/sample"},
    Template.NUDGE_EMAIL_VERIFIED: _REMINDED,
    Template.NUDGE_PASSKEY_ENROLLED: _REMINDED,
    Template.NUDGE_PASSKEY_PROVEN: _REMINDED,
    Template.NUDGE_SECOND_ROUTE_READY: _REMINDED,
    Template.NUDGE_CHECK_UP: {"hangs": "phone"},
    Template.PASSKEY_BOUND: _DEVICE | _SHORT,
    Template.PASSKEY_HELD: _DEVICE,
    Template.PASSKEY_LOST: _DEVICE | _SHORT,
    Template.PASSKEY_RELEASED: _DEVICE | _SHORT,
    Template.HOLD_CODE: _CODE | _DEVICE,
    Template.RESTORE_CODE: _CODE,
    Template.PASSKEY_REMOVED: _DEVICE | _SHORT,
    Template.RECOVERY_CODES_MADE: _SHORT,
    Template.RECOVERY_CODE_USED: {"left": "7"} | _SHORT,
    Template.AUTHENTICATOR_APP_BOUND: _SHORT,
    Template.AUTHENTICATOR_APP_REMOVED: _SHORT,
    Template.SMS_SIGNED_IN: _SHORT,
    Template.SMS_ASKED_FOR: {},
    Template.CODE_NOT_TEXTED: {"cause": "stopped"},
    Template.EMAIL_CHANGED: _SHORT,
    Template.PHONE_CHANGED: _SHORT,
    Template.CONTACT_DISOWNED: {"channel": "sms"},
    Template.CHANGE_WAITS: {"change": "remove_passkey", "days": "3"} | _SHORT,
    Template.SEVERAL_CHANGES: {
        "count": "4",
        "since": "14:05",
        "changes": (
            "14:05 – 14:09: 3 × Your Example account has new recovery codes\n\n"
            "14:10: A passkey was added to your Example account (iPhone)"
        ),
        "more": "0",
    }
    | _SHORT,
    Template.OBJECTION_NOTED: {},
    Template.OBJECTION_SETTLED: {"outcome": "upheld"},
    Template.GUARDRAIL_FAILED: {
        "cohort": "spring",
        "guardrails": "sign-in failures, support cases",
        "reaction": "pause",
    },
    Template.STAFF_INVITED: {
        "role": "support",
        "hours": "48",
        "link": "https://accounts.example.com/console/join/sample",
    },
    Template.RESCUE_ASKED: {"hours": "24"} | _SHORT,
    Template.RESCUED: _SHORT,
    Template.RECOVERY_PROOF: _CODE,
    Template.RECOVERY_ASKED: {"hours": "24"} | _SHORT,
    Template.RECOVERY_SOON: {"hours": "12"} | _SHORT,
    Template.RECOVERY_OPEN: {
        "days": "3",
        "link": "https://accounts.example.com/recover/open/sample",
    }
    | _SHORT,
    Template.RECOVERY_STOPPED: {},
    Template.END_DATE: _END,
    Template.END_LIFTED: {},
    Template.EXEMPTION_ENDS: {"days": "14", "ends_on": "2027-02-01"},
    Template.SMS_NOTICE: {"days": "7"} | _SHORT,
    Template.SMS_SUSPENDED: _SHORT,
    Template.SMS_RESTORED: {"stopped": "no"} | _SHORT,
    Template.SMS_KEPT: {"stopped": "no"} | _SHORT,
    Template.SMS_REMOVED: _SHORT,
}
"""The values of every template; its text can use no others."""

REMINDERS = frozenset(template for template in Template if template.startswith("nudge_"))
"""Templates that are sent several times, with words that may differ by number; they have a link that ends reminders."""

WITHOUT_CODE = frozenset({Template.PASSKEY_LOST})
"""Notices whose text objects to nothing: it may be read on the very device that is lost."""

NOTICES = frozenset(
    {
        Template.PASSKEY_BOUND,
        Template.PASSKEY_REMOVED,
        Template.RECOVERY_CODES_MADE,
        Template.RECOVERY_CODE_USED,
        Template.AUTHENTICATOR_APP_BOUND,
        Template.AUTHENTICATOR_APP_REMOVED,
        Template.EMAIL_CHANGED,
        Template.PHONE_CHANGED,
        Template.PASSKEY_LOST,
        Template.PASSKEY_RELEASED,
        Template.SMS_SIGNED_IN,
        Template.CHANGE_WAITS,
        Template.SEVERAL_CHANGES,
        Template.RESCUE_ASKED,
        Template.RESCUED,
        Template.RECOVERY_ASKED,
        Template.RECOVERY_SOON,
        Template.RECOVERY_OPEN,
        Template.SMS_NOTICE,
        Template.SMS_SUSPENDED,
        Template.SMS_RESTORED,
        Template.SMS_KEPT,
        Template.SMS_REMOVED,
    }
)
"""Templates whose reader can object: "this wasn't me"."""
