"""Begins and ends the pauses and the extensions of an account."""

from datetime import datetime, timedelta

from sqlmodel import Session

from domain.desk.acts import LONGEST_PAUSE, ActRefused, Rest
from domain.desk.extensions import LONGEST_APPROVED_EXTENSION, extended_until
from domain.journal import EventKind
from store.acts.orders import Deed, write_down
from store.people import accounts
from store.people.accounts import Account


def pause(session: Session, deed: Deed) -> None:
    """Pause the journey for some days; what the person does still counts."""
    _require_days(deed, LONGEST_PAUSE)
    account = _account(session, deed)
    account.rest, account.rests_until = Rest.PAUSED, deed.at + timedelta(days=deed.order.days)
    account.stuck_since = account.stuck_reason = None
    session.add(account)
    write_down(session, deed, EventKind.PAUSED, days=deed.order.days)


def resume(session: Session, deed: Deed) -> None:
    """End a pause: the journey goes on."""
    account = _account(session, deed)
    account.rest = account.rests_until = None
    session.add(account)
    write_down(session, deed, EventKind.RESUMED)


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


def require_extension(deed: Deed) -> None:
    """Raise ActRefused if an extension is longer than two members may give, or has no length."""
    _require_days(deed, LONGEST_APPROVED_EXTENSION)


def puts_off(account: Account, *, now: datetime) -> bool:
    """Whether the account is at rest now, so that its journey may do nothing new."""
    return account.rests_until is not None and account.rests_until > now


def _require_days(deed: Deed, longest: timedelta) -> None:
    if not timedelta(days=1) <= timedelta(days=deed.order.days) <= longest:
        raise ActRefused(f"Between 1 and {longest.days} days, please.")


def _account(session: Session, deed: Deed) -> Account:
    return accounts.get(session, deed.order.account_id)
