"""Begins and ends the rests and the extensions of an account."""

from datetime import datetime, timedelta

from sqlmodel import Session

from domain.desk.acts import LONGEST_EXEMPTION, LONGEST_PAUSE, ActRefused, Rest
from domain.desk.extensions import LONGEST_APPROVED_EXTENSION, extended_until
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from store.acts.orders import Deed, signed, write_down
from store.journeys import sms
from store.people import accounts
from store.people.accounts import Account


def pause(session: Session, deed: Deed) -> None:
    """Pause the journey for some days; what the person does still counts."""
    _require_days(deed, LONGEST_PAUSE)
    _leave_alone(session, deed, Rest.PAUSED)
    write_down(session, deed, EventKind.PAUSED, days=deed.order.days)


def resume(session: Session, deed: Deed) -> None:
    """End a pause: the journey goes on."""
    _end_rest(session, deed)
    write_down(session, deed, EventKind.RESUMED)


def exempt(session: Session, deed: Deed) -> None:
    """Send no reminders, and keep text-message codes on, until the exemption ends."""
    rest = require_exemption(deed)
    if deed.subject.facts.sms is not SmsState.ON:
        sms.restore(
            session,
            deed.order.account_id,
            at=deed.at,
            actor=Actor.STAFF,
            reason="exempted",
            **signed(deed.order),
        )
    _leave_alone(session, deed, rest)
    write_down(session, deed, EventKind.EXEMPTED, days=deed.order.days, rest=rest)


def end_exemption(session: Session, deed: Deed) -> None:
    """End an exemption: the journey goes on."""
    _end_rest(session, deed)
    write_down(session, deed, EventKind.EXEMPTION_ENDED)


def extend(session: Session, deed: Deed) -> None:
    """Let the journey wait some days longer; an account that was stuck is stuck no longer."""
    by = timedelta(days=deed.order.days)
    account = _account(session, deed)
    account.extended_until = extended_until(deed.subject, by, deed.at)
    account.stuck_since = account.stuck_reason = None
    session.add(account)
    write_down(session, deed, EventKind.EXTENDED, days=deed.order.days)


def end_extension(session: Session, deed: Deed) -> None:
    """End an extension: the policy alone says how long the journey waits."""
    account = _account(session, deed)
    account.extended_until = None
    session.add(account)
    write_down(session, deed, EventKind.EXTENSION_ENDED)


def require_exemption(deed: Deed) -> Rest:
    """What an exemption is for. Raises ActRefused if that or its length is missing."""
    _require_days(deed, LONGEST_EXEMPTION)
    rest = deed.order.rest
    if rest is None or not rest.is_exemption:
        raise ActRefused("Say what the exemption is for.")
    return rest


def require_extension(deed: Deed) -> None:
    """Raise ActRefused if an extension is longer than two members may give, or has no length."""
    _require_days(deed, LONGEST_APPROVED_EXTENSION)


def puts_off(account: Account, *, now: datetime) -> bool:
    """Whether the account is at rest now, so that its journey may do nothing new."""
    return account.rests_until is not None and account.rests_until > now


def _leave_alone(session: Session, deed: Deed, rest: Rest) -> None:
    account = _account(session, deed)
    account.rest, account.rests_until = rest, deed.at + timedelta(days=deed.order.days)
    account.stuck_since = account.stuck_reason = None
    session.add(account)


def _end_rest(session: Session, deed: Deed) -> None:
    account = _account(session, deed)
    account.rest = account.rests_until = None
    session.add(account)


def _require_days(deed: Deed, longest: timedelta) -> None:
    if not timedelta(days=1) <= timedelta(days=deed.order.days) <= longest:
        raise ActRefused(f"Between 1 and {longest.days} days, please.")


def _account(session: Session, deed: Deed) -> Account:
    return accounts.get(session, deed.order.account_id)
