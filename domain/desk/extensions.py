"""How much more time support may give for what a journey waits for, and how much of it one member gives alone."""

from datetime import datetime, timedelta

from domain.desk.acts import Subject
from domain.journey import deadline
from domain.staff.staff import Role

LONGEST_EXTENSION = {Role.SUPPORT: timedelta(days=14), Role.ADMIN: timedelta(days=90)}
"""How much time a member may give alone; a second member approves more."""

LONGEST_APPROVED_EXTENSION = timedelta(days=365)


def longest_extension(role: Role) -> timedelta:
    """How much time a member with this role may give alone."""
    return LONGEST_EXTENSION.get(role, timedelta())


def extended_until(subject: Subject, by: timedelta, now: datetime) -> datetime:
    """The end of the extended time: the extension is added to the time that is left."""
    return max(_unextended(subject, now), subject.facts.extended_until or now) + by


def extension_after(subject: Subject, by: timedelta, now: datetime) -> timedelta:
    """The length of all extensions with this one: several small ones must not bypass the limit of one member."""
    return extended_until(subject, by, now) - _unextended(subject, now)


def _unextended(subject: Subject, now: datetime) -> datetime:
    return max(deadline(subject.facts, subject.policy) or now, now)
