"""Counts what an end date would mean for the members of a cohort, by one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, case, exists, func, select
from sqlmodel import Session, col, or_

from domain.facts import Channel, SmsState
from domain.messages.messages import CONTACT_FAULTS
from domain.rollouts.end_outlooks import PACE_OVER, AlikeMembers, AtEnd, LastSignIn
from store.journeys.journeys import Journey
from store.messages.contact_faults import ContactFault
from store.people import authenticator_apps, passkeys
from store.people.accounts import Account, is_deleted
from store.people.authenticator_apps import AuthenticatorApp
from store.people.exemptions import is_exempt
from store.people.passkeys import Passkey
from store.rollouts.members import Member

_WITHIN = {LastSignIn.WEEK: 7, LastSignIn.MONTH: 30, LastSignIn.QUARTER: 90}


def count(session: Session, cohort_id: str, *, on: datetime, now: datetime) -> Sequence[AlikeMembers]:
    """The members of a cohort, those who are alike together."""
    columns = (
        _at_end(on).label("at_end"),
        func.coalesce(col(Account.country), "").label("country"),
        _last_sign_in(now).label("last_sign_in"),
        func.coalesce(_first_proven() >= now - PACE_OVER, False).label("is_recent"),
    )
    each = (
        select(*columns)
        .join(Member, col(Member.account_id) == Account.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(col(Member.cohort_id) == cohort_id, ~is_deleted())
        .subquery()
    )
    query = select(*each.c, func.count()).group_by(*each.c)
    return [
        AlikeMembers(
            at_end=AtEnd(at_end),
            country=country,
            last_sign_in=LastSignIn(last_sign_in),
            is_recent=bool(is_recent) and at_end == AtEnd.READY,
            people=people,
        )
        for at_end, country, last_sign_in, is_recent, people in session.execute(query)
    ]


def _at_end(on: datetime) -> ColumnElement[str]:
    is_off = col(Account.sms).in_((SmsState.SUSPENDED, SmsState.REMOVED))
    return case(
        (col(Member.held_out).is_(True), AtEnd.HELD_OUT.value),
        (or_(is_off, col(Journey.ended_at).is_not(None)), AtEnd.DONE.value),
        (or_(col(Member.launched_at).is_(None), col(Journey.account_id).is_(None)), AtEnd.NOT_LAUNCHED.value),
        (or_(_first_proven().is_not(None), _has_app()), AtEnd.READY.value),
        (is_exempt(on), AtEnd.EXEMPT.value),
        (or_(col(Account.phone).is_(None), _is_unreachable()), AtEnd.NO_CONTACT.value),
        (col(Account.lacks_device_since).is_not(None), AtEnd.NO_DEVICE.value),
        (col(Account.exposed_at).is_(None), AtEnd.NOT_SEEN.value),
        else_=AtEnd.ABLE.value,
    )


def _first_proven() -> ScalarSelect[datetime]:
    """When the account's first passkey was bound that opens it and has signed in."""
    query = select(func.min(col(Passkey.bound_at))).where(
        col(Passkey.account_id) == Account.account_id,
        *passkeys.is_active(Passkey),
        col(Passkey.last_used_at).is_not(None),
    )
    return query.correlate(Account).scalar_subquery()


def _has_app() -> ColumnElement[bool]:
    """Whether an authenticator app of the account works."""
    return (
        exists()
        .where(col(AuthenticatorApp.account_id) == Account.account_id, *authenticator_apps.works_now())
        .correlate(Account)
    )


def _is_unreachable() -> ColumnElement[bool]:
    """Whether texts to the number fail."""
    return (
        exists()
        .where(col(ContactFault.account_id) == Account.account_id, col(ContactFault.channel) == Channel.SMS)
        .where(col(ContactFault.contact) == Account.phone, col(ContactFault.fate).in_(CONTACT_FAULTS))
        .correlate(Account)
    )


def _last_sign_in(now: datetime) -> ColumnElement[str]:
    last = col(Account.last_sign_in_at)
    within = [(last > now - timedelta(days=days), name.value) for name, days in _WITHIN.items()]
    return case((last.is_(None), LastSignIn.NEVER.value), *within, else_=LastSignIn.LONGER.value)
