"""Staff: the people who work in the console, what each role may do, and what the audit keeps of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused

INVITATION_LIFETIME = timedelta(hours=48)
"""How long an invitation's link lets somebody in."""

IDLE_LIFETIME = timedelta(minutes=30)
"""How long a session lasts after its last use."""

SESSION_LIFETIME = timedelta(hours=8)
"""How long a session lasts at the longest: a working day."""

STEP_UP_LIFETIME = timedelta(minutes=5)
"""How long a ceremony allows acts that cannot be undone."""

LONGEST_NAME = 60
"""The most letters of a member's name, or of a passkey's name."""


class Role(StrEnum):
    """What somebody was invited to do."""

    VIEWER = "viewer"
    SUPPORT = "support"
    OPERATOR = "operator"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that a role may allow."""

    SEE_ROLLOUTS = "see_rollouts"
    SEE_LISTS = "see_lists"
    SEE_CASES = "see_cases"
    REVEAL_CONTACTS = "reveal_contacts"
    ACT_ON_CASES = "act_on_cases"
    APPROVE = "approve"
    RUN_ROLLOUTS = "run_rollouts"
    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"
    STOP_RETIRING = "stop_retiring"
    RAISE_GUARD = "raise_guard"
    TEND_WEBHOOKS = "tend_webhooks"
    MAKE_EVIDENCE = "make_evidence"


DEEDS = {
    Right.SEE_ROLLOUTS: "see cohorts, rollouts and adoption",
    Right.SEE_LISTS: "see who is stuck, with masked contacts",
    Right.SEE_CASES: "open a person's case, with masked contacts",
    Right.REVEAL_CONTACTS: "see a phone number or an address in full, with a reason",
    Right.ACT_ON_CASES: "act on a person's case",
    Right.APPROVE: "approve as the second person what a colleague asks for",
    Right.RUN_ROLLOUTS: "launch cohorts, command rollouts, and turn the switches of nudges, prompts and launches",
    Right.MANAGE_STAFF: "invite staff, change their roles, and end their access",
    Right.READ_AUDIT: "read what staff have done",
    Right.STOP_RETIRING: "stop retiring text-message codes, and resume it",
    Right.RAISE_GUARD: "raise the guard against an attack for everybody, and lower it",
    Right.TEND_WEBHOOKS: "see what no receiver took, send it again, and give it up",
    Right.MAKE_EVIDENCE: "make packs of evidence for auditors, with masked contacts",
}
"""Every right in words that follow "may"."""

_VIEWER = frozenset({Right.SEE_ROLLOUTS, Right.SEE_LISTS})
_RIGHTS = {
    Role.VIEWER: _VIEWER,
    Role.SUPPORT: _VIEWER | {Right.SEE_CASES, Right.REVEAL_CONTACTS, Right.ACT_ON_CASES, Right.APPROVE},
    Role.OPERATOR: _VIEWER | {Right.SEE_CASES, Right.RUN_ROLLOUTS, Right.TEND_WEBHOOKS, Right.MAKE_EVIDENCE},
    Role.ADMIN: frozenset(Right),
}


def rights_of(role: Role) -> frozenset[Right]:
    """What a role may do."""
    return _RIGHTS[role]


def roles_with(right: Right) -> tuple[Role, ...]:
    """The roles that may do a thing, the least first."""
    return tuple(role for role in Role if right in _RIGHTS[role])


def strongest(roles: frozenset[Role]) -> Role | None:
    """The role with the most rights; None without any role."""
    return max(roles, key=lambda role: len(_RIGHTS[role]), default=None)


class AuditKind(StrEnum):
    """Everything that staff do, and every look into a person's case."""

    INVITED = "invited"
    JOINED = "joined"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    STEPPED_UP = "stepped_up"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    ROLE_CHANGED = "role_changed"
    ACCESS_ENDED = "access_ended"
    FORBIDDEN = "forbidden"
    COHORT_LAUNCHED = "cohort_launched"
    COHORT_EDITED = "cohort_edited"
    ROLLOUT_ORDERED = "rollout_ordered"
    END_DATE_MOVED = "end_date_moved"
    SEARCHED = "searched"
    LIST_SEEN = "list_seen"
    LIST_EXPORTED = "list_exported"
    CASE_SEEN = "case_seen"
    CONTACT_REVEALED = "contact_revealed"
    CASE_ACTED_ON = "case_acted_on"
    ACT_REFUSED = "act_refused"
    ASKED_FOR = "asked_for"
    APPROVED = "approved"
    DECLINED = "declined"
    RESCUE_STOPPED = "rescue_stopped"
    RESCUE_SHOWN = "rescue_shown"
    KEY_MADE = "key_made"
    KEY_ENDED = "key_ended"
    HOST_KEY_MADE = "host_key_made"
    HOST_KEY_ROTATED = "host_key_rotated"
    HOST_KEY_ENDED = "host_key_ended"
    TRANSMITTER_ADDED = "transmitter_added"
    TRANSMITTER_ENDED = "transmitter_ended"
    WEBHOOK_MADE = "webhook_made"
    WEBHOOK_SECRET_ROTATED = "webhook_secret_rotated"  # noqa: S105 (a kind, no secret)
    WEBHOOK_ENDED = "webhook_ended"
    WEBHOOK_REPLAYED = "webhook_replayed"
    WEBHOOK_SENT_AGAIN = "webhook_sent_again"
    WEBHOOK_GIVEN_UP = "webhook_given_up"
    CLIENT_MADE = "client_made"
    CLIENT_SECRET_ROTATED = "client_secret_rotated"  # noqa: S105
    CLIENT_ENDED = "client_ended"
    SIGNING_KEYS_ROTATED = "signing_keys_rotated"
    AUDIT_READ = "audit_read"
    RETIRING_STOPPED = "retiring_stopped"
    RETIRING_RESUMED = "retiring_resumed"
    GUARD_RAISED = "guard_raised"
    GUARD_LOWERED = "guard_lowered"
    GUARD_ENDED = "guard_ended"
    SWITCH_STOPPED = "switch_stopped"
    SWITCH_RESUMED = "switch_resumed"
    DATA_EXPORTED = "data_exported"
    EVIDENCE_MADE = "evidence_made"
    EVIDENCE_KEY_ROTATED = "evidence_key_rotated"


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who does something, and from where: what the audit keeps beside the deed.

    `by` is a member's address as it is now, or the name of a person on the machine itself, who has no
    `staff_id` and no role. `came_from` is the client's network address. An author at another desk acts by a key, and
    `on_behalf_of` is the person whom that desk names. `together_with` is the other member's mark, in what takes two.
    """

    by: str
    staff_id: str | None = None
    role: Role | None = None
    came_from: str = ""
    key_id: str | None = None
    on_behalf_of: str = ""
    together_with: str = ""

    @property
    def signature(self) -> str:
        """Who it is, for the log of a cohort or of a switch, which names both hands in one line."""
        return f"{self.by}, for {self.on_behalf_of}" if self.on_behalf_of else self.by

    @property
    def mark(self) -> str:
        """Who it is, for an account's journal, which holds no addresses."""
        return self.staff_id or self.by.partition("@")[0]


class LastAdmin(Refused):
    """The last admin cannot leave, or lose the role: nobody could invite anybody any more."""


class AlreadyStaff(Refused):
    """Somebody with that address is a member already."""


class IdentityRejected(Refused):
    """An identity provider's answer that does not hold, or that gives no role here; `reason` is for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_fresh(ceremony_at: datetime | None, *, now: datetime) -> bool:
    """Whether somebody has just shown again who they are."""
    return ceremony_at is not None and now - ceremony_at < STEP_UP_LIFETIME


def is_over(*, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has lasted too long, or was unused for too long."""
    return now - started_at >= SESSION_LIFETIME or now - seen_at >= IDLE_LIFETIME


def clean_name(name: str) -> str:
    """A name on one line, fit to be shown; empty if nothing is left of it."""
    printable_name = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(printable_name.split())[:LONGEST_NAME]
