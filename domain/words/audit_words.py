"""The audit in plain sentences: what a member of staff did, after their name."""

import re
from collections.abc import Mapping
from typing import Any

from domain.desk.acts import SETTLE_OBJECTION, Act
from domain.staff.staff import DEEDS, AuditKind, Right
from domain.words.act_words import TITLES
from domain.words.names import spelled_out, uncapital

SENTENCES: Mapping[AuditKind, str] = {
    AuditKind.INVITED: "invited {address}[ as {role}]",
    AuditKind.JOINED: "joined",
    AuditKind.SIGNED_IN: "signed in",
    AuditKind.SIGN_IN_FAILED: "could not sign in[: {error}]",
    AuditKind.SIGNED_OUT: "signed out",
    AuditKind.SESSIONS_ENDED: "ended their other sessions",
    AuditKind.STEPPED_UP: "showed again who they are",
    AuditKind.PASSKEY_ADDED: "added a passkey",
    AuditKind.PASSKEY_RENAMED: "gave a passkey another name",
    AuditKind.PASSKEY_REMOVED: "removed a passkey",
    AuditKind.ROLE_CHANGED: "changed the role of {address}[ from {before}][ to {role}]",
    AuditKind.ACCESS_ENDED: "ended the access of {address}",
    AuditKind.FORBIDDEN: "tried what their role does not allow[: to {right}][ at {path}]",
    AuditKind.COHORT_LAUNCHED: "launched {cohort}",
    AuditKind.COHORT_EDITED: "edited {cohort}",
    AuditKind.ROLLOUT_ORDERED: "ordered {command} for {cohort}[ ({slice})]",
    AuditKind.END_DATE_MOVED: "moved the end date of {cohort}[ to {ends_at}]",
    AuditKind.SEARCHED: "searched for a person[ by {kinds}][ by {meant}][, with {found} found]",
    AuditKind.LIST_SEEN: "looked at a list[: {list}][, {filters}][, {shown} shown]",
    AuditKind.LIST_EXPORTED: "saved a list as a file[: {list}][, {filters}]",
    AuditKind.CASE_SEEN: "opened the case of {account}[, to {act}]",
    AuditKind.CONTACT_REVEALED: "had the contacts of {account} shown in full",
    AuditKind.CASE_ACTED_ON: "did this for {account}: {act}[ for {days}][, {rest}]",
    AuditKind.ACT_REFUSED: "was refused this for {account}: {act}[. {refusal}]",
    AuditKind.ASKED_FOR: "asked a colleague for this, for {account}: {act}[ for {days}][, {ends_at}]",
    AuditKind.APPROVED: "approved what a colleague asked for, for {account}: {act}[ for {days}]",
    AuditKind.DECLINED: "declined or withdrew what was asked for, for {account}: {act}[ for {days}]",
    AuditKind.RESCUE_STOPPED: "stopped the rescue pass of {account}",
    AuditKind.RESCUE_SHOWN: "had the code of the rescue pass of {account} shown",
    AuditKind.KEY_MADE: "made a key for another desk[ for {address}]",
    AuditKind.KEY_ENDED: "ended a key for another desk",
    AuditKind.HOST_KEY_MADE: "made a key for the service",
    AuditKind.HOST_KEY_ROTATED: "replaced a key of the service",
    AuditKind.HOST_KEY_ENDED: "ended a key of the service",
    AuditKind.TRANSMITTER_ADDED: "added a sender of security events[: {issuer}]",
    AuditKind.TRANSMITTER_ENDED: "ended a sender of security events[: {issuer}]",
    AuditKind.WEBHOOK_MADE: "made a webhook",
    AuditKind.WEBHOOK_SECRET_ROTATED: "replaced the secret of a webhook",
    AuditKind.WEBHOOK_ENDED: "ended a webhook",
    AuditKind.WEBHOOK_REPLAYED: "had a webhook sent anew",
    AuditKind.WEBHOOK_SENT_AGAIN: "had what no receiver took sent again",
    AuditKind.WEBHOOK_GIVEN_UP: "gave up what no receiver took",
    AuditKind.CLIENT_MADE: "made a client of OpenID Connect[: {client_id}]",
    AuditKind.CLIENT_SECRET_ROTATED: "replaced the secret of a client of OpenID Connect[: {client_id}]",
    AuditKind.CLIENT_ENDED: "ended a client of OpenID Connect[: {client_id}]",
    AuditKind.SIGNING_KEYS_ROTATED: "replaced the signing keys of OpenID Connect",
    AuditKind.AUDIT_READ: "read the audit[, {filters}][, {shown} shown]",
    AuditKind.RETIRING_STOPPED: "stopped retiring text-message codes[ for {people}]",
    AuditKind.RETIRING_RESUMED: "resumed retiring text-message codes[ for {people}]",
    AuditKind.SWITCH_STOPPED: "stopped {switch}[ for {people}]",
    AuditKind.SWITCH_RESUMED: "let {switch} go on[ for {people}]",
    AuditKind.GUARD_RAISED: "raised the guard[, until {until}]",
    AuditKind.GUARD_LOWERED: "lowered the guard",
    AuditKind.GUARD_ENDED: "ended the guard, whose time was over",
    AuditKind.DATA_EXPORTED: "fetched all that is kept about {account}",
    AuditKind.EVIDENCE_MADE: "made a pack of evidence[ about {account}][ about {cohort}]",
    AuditKind.EVIDENCE_KEY_ROTATED: "replaced the key that signs evidence",
}
"""The sentence of each kind. Words in braces come from an entry; a part in brackets needs all its words."""

_ABOUT_COHORT: Mapping[AuditKind, str] = {
    AuditKind.ASKED_FOR: "asked a colleague for a nearer end date of {cohort}[: {ends_at}]",
    AuditKind.APPROVED: "approved a nearer end date of {cohort}",
    AuditKind.DECLINED: "declined or withdrew a nearer end date of {cohort}",
}
"""The same for what is about a cohort, and about no account."""

KINDS: Mapping[AuditKind, str] = {kind: spelled_out(kind) for kind in AuditKind}
"""What each kind is called in a list to choose from."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "act": {
        **{act: uncapital(TITLES[act]) for act in Act},
        SETTLE_OBJECTION: "settle an objection",
        "support_case": "note that they asked for help",
    },
    "right": {right: DEEDS[right] for right in Right},
    "days": {"1": "1 day"},
}
_UNNAMED = {
    "account": "an account",
    "cohort": "a cohort",
    "address": "somebody",
    "act": "something",
    "command": "something",
    "switch": "a switch",
}
"""Words for what an entry lacks and its sentence needs."""

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_IN_BRACES = re.compile(r"\{(\w+)\}")


def sentence(kind: str, detail: Mapping[str, Any], *, account: str = "", cohort: str = "") -> str:
    """What was done, after "who": `account` is what the service calls it, `cohort` is a name."""
    fields = {**detail, "account": account, "cohort": f"the cohort {cohort}" if cohort else ""}
    words = {name: _word(name, value) for name, value in fields.items() if value not in (None, "", [], {})}
    template = _ABOUT_COHORT.get(AuditKind(kind)) if cohort and not account else None
    needed = _OPTIONAL.sub(
        lambda part: part[1] if all(name in words for name in _IN_BRACES.findall(part[1])) else "",
        template or SENTENCES[AuditKind(kind)],
    )
    return _IN_BRACES.sub(lambda brace: words.get(brace[1], _UNNAMED.get(brace[1], "")), needed)


def _word(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{spelled_out(str(key))} {_word(name, each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_word(name, part) for part in value)
    text = str(value)
    if name == "days" and text != "1":
        return f"{text} days"
    return _WORDS.get(name, {}).get(text) or spelled_out(text)
