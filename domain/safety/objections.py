"""What the owner of an account may object to, for how long, and what that stops.

NIST SP 800-63B-4, 4.6 asks that people hear of changes to how they sign in, and can say that it was not them.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.codes import SESSION_LIFETIME
from domain.facts import Facts
from domain.messages.messages import Template
from domain.messages.samples import NOTICES
from domain.safety.routes import Route, proven_routes, routes_without_passkey
from domain.trust import Assurance, Bearer

WINDOW = timedelta(days=30)
"""How long a notice can be objected to: a month lets people come back from a holiday first. Later, support is asked."""


class Outcome(StrEnum):
    """How support settles an objection: `upheld`, it was not the owner; `dismissed`, it was the owner after all."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


def can_be_objected_to(template: Template) -> bool:
    """Whether a message tells of a change that somebody else may have made."""
    return template in NOTICES


def is_open(told_at: datetime, now: datetime) -> bool:
    """Whether a notice can still be objected to."""
    return now < told_at + WINDOW


def can_bring_back(removed_at: datetime, now: datetime) -> bool:
    """Whether an objection can still bring back what a session removed; until it ended it may have done more."""
    return now < removed_at + SESSION_LIFETIME + WINDOW


def may_hold(facts: Facts, *, proven: bool) -> bool:
    """Whether a passkey may be put on hold: not if it is the last proven way in, no matter who bound it.

    A link in an e-mail must not be able to lock anybody out. Here recovery codes count: they bridge the time that
    support takes.
    """
    return not proven or bool(routes_without_passkey(facts))


def as_disputed(facts: Facts) -> Facts:
    """The facts by which a dispute decides what it may hold.

    STOP may have been the thief's, to make their own passkey the last way in. START by the phone's owner takes it back
    at once, so it shields nothing.
    """
    return replace(facts, texts_stopped=False)


def may_void_codes(facts: Facts) -> bool:
    """Whether proven recovery codes may be voided: only if there is another proven way in."""
    return bool(proven_routes(facts) - {Route.RECOVERY_CODE})


def may_hold_app(facts: Facts) -> bool:
    """Whether one working authenticator app may be held: only if another proven way in stays."""
    return facts.authenticator_apps > 1 or bool(proven_routes(facts) - {Route.AUTHENTICATOR_APP})


def may_object_from_within(bearer: Bearer, *, by: Assurance, began_at: datetime) -> bool:
    """Whether a session may object to what another one did: only to what is younger and was done with no more trust."""
    if bearer.is_lowered or bearer.assurance is Assurance.ENROLS_ONLY:
        return False
    return began_at > bearer.rooted_at and bearer.assurance.covers(by)
