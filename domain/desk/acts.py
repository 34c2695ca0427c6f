"""The acts of support about an account, and the facts that their rules need; the rules are in `act_rules.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.facts import Channel, Facts
from domain.policy import Policy


class Act(StrEnum):
    """Everything that support may do about one account. Each needs a reason."""

    SEND_AGAIN = "send_again"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    END_EXTENSION = "end_extension"
    EXEMPT = "exempt"
    RENEW_EXEMPTION = "renew_exemption"
    REVIEW_EXEMPTION = "review_exemption"
    END_EXEMPTION = "end_exemption"
    MARK_CONTACT_WRONG = "mark_contact_wrong"
    UNMARK_CONTACT = "unmark_contact"
    RESTORE_SMS = "restore_sms"
    REMOVE_DEVICE = "remove_device"
    LIFT_HOLD = "lift_hold"
    ASK_HOST_AGAIN = "ask_host_again"
    NOTE = "note"
    ASK_FOR_RESCUE = "ask_for_rescue"
    EXPORT = "export"
    ERASE = "erase"


UNDONE_BY = {
    Act.PAUSE: Act.RESUME,
    Act.EXTEND: Act.END_EXTENSION,
    Act.EXEMPT: Act.END_EXEMPTION,
    Act.MARK_CONTACT_WRONG: Act.UNMARK_CONTACT,
}
"""The acts that can be undone, and the acts that undo them."""

EXEMPTING = frozenset({Act.EXEMPT, Act.RENEW_EXEMPTION})
"""The acts that leave somebody alone on a basis, until a day."""

STEPPED_UP = frozenset({Act.REMOVE_DEVICE, Act.ERASE})
"""The acts that cannot be undone, and so need a fresh ceremony."""

TAKES_TWO = frozenset(
    {Act.RESTORE_SMS, Act.REMOVE_DEVICE, Act.LIFT_HOLD, Act.ASK_FOR_RESCUE, Act.EXPORT, Act.ERASE}
)
"""The acts about how a person signs in, and about all that is kept of them: one member asks, and another one approves.

More acts can take a second member: an exemption that switches text-message codes on, or whose basis says so, its
renewal, and a long extension.
"""

WHILE_DEACTIVATED = frozenset({Act.NOTE, Act.EXPORT, Act.ERASE})
"""The acts for an account that its host has deactivated: rights over what is kept do not rest."""

AT_CONSOLE_ONLY = STEPPED_UP | TAKES_TWO
"""The acts that no key of another desk can do: they need a ceremony, or two people."""

RESTORE_SMS, LEAVE_SMS = "restore_sms", "leave_sms"
"""What an erasure does about text-message codes that are not on: its target says which."""

SETTLE_OBJECTION = "settle_objection"
"""What settling an objection is called in requests and in the audit. It is no `Act`: it is about one objection."""


class Rest(StrEnum):
    """Why an account is left alone for a time. All but a pause are exemptions."""

    PAUSED = "paused"
    MACHINE_ACCOUNT = "machine_account"
    NO_CAPABLE_DEVICE = "no_capable_device"
    OTHER = "other"

    @property
    def is_exemption(self) -> bool:
        """Whether text-message codes stay on for that time, whatever milestones are reached."""
        return self is not Rest.PAUSED


SENT_AGAIN_AFTER = timedelta(hours=4)
"""How long after the last reminder or notice support may send one more: a desk must not become a way to nag."""

LONGEST_PAUSE = timedelta(days=30)
LONGEST_EXEMPTION = timedelta(days=365)


AT_THE_HOST = frozenset({Act.REMOVE_DEVICE, Act.LIFT_HOLD, Act.ASK_FOR_RESCUE})
"""Acts about ways in that live with the host, where that runs the ceremonies: it alone can do them."""


class ActRefused(Refused):
    """An act that is not allowed now; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConsoleOnly(ActRefused):
    """An act that no key of another desk can do."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the rules need to know of an account. `devices`: its passkeys by id, and whether each has signed in.

    `suspects`: its passkeys that are on hold for how they behaved. `is_at_host`: its passkeys and codes live with the
    host, and its sign-in is there.
    `marked_wrong`: contacts that support has marked; `unused`: contacts that get no reminders, for any reason;
    `capped`: contacts that have had as many reminders as the policy allows. `is_frozen`: its cohort is paused or given
    up.
    """

    facts: Facts
    policy: Policy
    is_under_way: bool
    is_frozen: bool = False
    rest: Rest | None = None
    contacts: frozenset[Channel] = frozenset()
    marked_wrong: frozenset[Channel] = frozenset()
    unused: frozenset[Channel] = frozenset()
    capped: frozenset[Channel] = frozenset()
    devices: Mapping[str, bool] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()
    last_message_at: datetime | None = None
    is_rescue_open: bool = False
    is_at_host: bool = False

    def rests(self, now: datetime) -> bool:
        """Whether the account is left alone now."""
        return self.facts.rests_until is not None and self.facts.rests_until > now

    def is_extended(self, now: datetime) -> bool:
        """Whether support has given more time for what the journey waits for."""
        return self.facts.extended_until is not None and self.facts.extended_until > now
