"""How long what a journey waits for may be extended, and by whom alone."""

from datetime import datetime, timedelta

from domain.desk.acts import Subject
from domain.journey import deadline
from domain.staff.staff import Role

LONGEST_EXTENSION = {Role.SUPPORT: timedelta(days=14), Role.ADMIN: timedelta(days=90)}
"""By how much a member may extend alone; what is longer, a second member approves."""

LONGEST_APPROVED_EXTENSION = timedelta(days=365)


def longest_extension(role: Role) -> timedelta:
    """By how much a role may extend alone."""
    return LONGEST_EXTENSION.get(role, timedelta())


def extended_until(subject: Subject, by: timedelta, now: datetime) -> datetime:
    """Until when an extension moves what the journey waits for: on top of what is left of it."""
    return max(_unextended(subject, now), subject.facts.extended_until or now) + by


def extension_after(subject: Subject, by: timedelta, now: datetime) -> timedelta:
    """How long all extensions come to with this one: small ones do not add up to what nobody may do alone."""
    return extended_until(subject, by, now) - _unextended(subject, now)


def _unextended(subject: Subject, now: datetime) -> datetime:
    return max(deadline(subject.facts, subject.policy) or now, now)
