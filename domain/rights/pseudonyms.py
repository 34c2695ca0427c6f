"""What an entry of the journal still says when its account is erased: what is counted, and who of the staff did what.

The fields that stay are named here, and every other one goes: a field that a later release adds is forgotten, too.
"""

from collections.abc import Mapping
from typing import Any

from domain.journal import Actor, EventKind
from domain.rollouts.rollout import Stage

STAYING = frozenset(
    {
        *("method", "milliseconds", "platform", "ceremony", "name", "capable"),
        *("template", "channel", "purpose", "key", "country", "ordinal", "milestone"),
        *(
            "passkey_id",
            "set_id",
            "app_id",
            "contact_id",
            "objection_id",
            "request_id",
            "exemption_id",
            "ends_at",
            "deadline",
        ),
        *("outcome", "change", "what", "credential", "answer", "synced", "shared", "lacks", "fields"),
        *("email_unverified", "days", "rest", "host", "offramp", "sms", "sms_was", "form"),
        *("by", "together_with", "on_behalf_of"),
    }
)
"""Fields that hold ids of ours, counts, times and enums, and which member of staff it was."""

ERASED = "erased"
"""Why codes come back to somebody who is erased."""

_RESTORED_FOR = frozenset({*Stage, ERASED})
"""The reasons for which staff's orders give codes back that nobody has typed."""

_WRITTEN_BY_HAND = frozenset({EventKind.SUPPORT_CASE, EventKind.TICKET_OPENED, EventKind.TICKET_CLOSED})
"""Kinds whose reason somebody has typed, whoever it was; those of staff are typed, too."""


def without_person(kind: EventKind, actor: Actor, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry that stay."""
    return {
        name: value
        for name, value in detail.items()
        if name in STAYING or (name == "reason" and _is_chosen(kind, actor, value))
    }


def _is_chosen(kind: EventKind, actor: Actor, reason: object) -> bool:
    """Whether a reason is one of a list, and not what somebody has typed."""
    if reason is None or (kind is EventKind.SMS_RESTORED and reason in _RESTORED_FOR):
        return True
    return actor is not Actor.STAFF and kind not in _WRITTEN_BY_HAND
