"""Sees to exemptions that come to their end: tells the person in time, and notes in the register what is over."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import ceil

import structlog

from domain.desk.exemptions import ExemptionEnd
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.cadence import calm_moment
from domain.messages.messages import Purpose, Template
from domain.ports import Clock
from store import Database, Session
from store.engine.absences import DatabaseAway
from store.journeys import end_dates, facts, journeys
from store.messages import budgets, contact_faults, messages
from store.messages.messages import NewMessage
from store.people import accounts, exemptions, journal
from store.people.accounts import Account
from store.people.exemptions import Exemption
from store.rollouts import holds, members

log = structlog.get_logger()

BATCH = 200
"""How many exemptions one pass sees to; the next pass follows at once if there are more."""

LATER = timedelta(days=1)
"""When a person is thought of again whose cohort is paused, about whom a dispute is open, or whom nothing reaches."""

AFTER_TROUBLE = timedelta(hours=1)
"""When an exemption is seen to again that could not be seen to, so that it does not keep the others waiting."""

_SeeTo = Callable[[Session, Account, Exemption, datetime], None]


def see_to_due(database: Database, clock: Clock) -> bool:
    """Close what is over, and tell whoever is to be told; returns whether there may be more. Raises DatabaseAway.

    Each account is a transaction of its own, with the account locked: a renewal at the same time is before or after.
    """
    with database.reading() as session:
        over = exemptions.over(session, now=clock(), limit=BATCH)
        untold = exemptions.untold(session, now=clock(), limit=BATCH)
    for exemption_ids, see_to in ((over, _close), (untold, _tell)):
        _each(database, clock, exemption_ids, see_to)
    return BATCH in (len(over), len(untold))


def _each(database: Database, clock: Clock, exemption_ids: Sequence[tuple[str, str]], see_to: _SeeTo) -> None:
    for account_id, exemption_id in exemption_ids:
        try:
            with database.transaction() as session:
                account = accounts.lock(session, account_id)
                row = exemptions.find_open(session, account_id)
                if row and row.exemption_id == exemption_id:
                    see_to(session, account, row, clock())
        except DatabaseAway:
            raise
        except Exception:
            log.exception("exemption_failed", account_id=account_id, exemption_id=exemption_id)
            with database.transaction() as session:
                exemptions.step_back(session, exemption_id, until=clock() + AFTER_TROUBLE)


def _close(session: Session, account: Account, row: Exemption, now: datetime) -> None:
    """What journeys read ends by its own time, so nothing has to wake them."""
    if row.expires_at > now:
        return
    exemptions.close(session, row, ExemptionEnd.EXPIRED, at=now)
    kind, detail = EventKind.EXEMPTION_EXPIRED, {"exemption_id": row.exemption_id}
    journal.append(session, account.account_id, kind, at=now, actor=Actor.SYSTEM, **detail)


def _tell(session: Session, account: Account, row: Exemption, now: datetime) -> None:
    journey = journeys.find(session, account.account_id)
    if row.tell_at is None or row.tell_at > now or row.expires_at <= now:
        return
    if journey is None:  # nobody asks this person anything when it ends
        exemptions.put_off_telling(session, row, until=None)
        return
    if journey.ended_at:
        _end_for_who_is_through(session, account, now)
        return
    later = _not_before(session, account, now)
    if later:
        exemptions.put_off_telling(session, row, until=later)
        return
    _send(session, account, row, now)


def _end_for_who_is_through(session: Session, account: Account, now: datetime) -> None:
    why = ExemptionEnd.ACCOUNT_DONE
    exemption_id = exemptions.end(session, account, why, at=now, by=None)
    kind, detail = EventKind.EXEMPTION_ENDED, {"exemption_id": exemption_id, "reason": why.value}
    journal.append(session, account.account_id, kind, at=now, actor=Actor.SYSTEM, **detail)


def _not_before(session: Session, account: Account, now: datetime) -> datetime | None:
    """When to think of the person again instead of writing now; None if now is right."""
    account_id = account.account_id
    current_facts = facts.read(session, account_id)
    if account.deactivated_at or account.disputed_since or holds.is_frozen(session, account_id):
        return now + LATER
    if not current_facts.channels:
        return now + LATER
    calm = calm_moment(account_id, now, current_facts, journeys.require_policy(session, account_id))
    return calm if calm > now else None


def _send(session: Session, account: Account, row: Exemption, now: datetime) -> None:
    channels = facts.read(session, account.account_id).channels
    channel = Channel.EMAIL if Channel.EMAIL in channels else Channel.SMS
    contact, purpose = contact_faults.contacts(account)[channel], Purpose.NOTICE
    full_until = budgets.full_until(session, account.account_id, contact, purpose, channel, at=now)
    if full_until:  # a gathered message tells of changes, and this is none
        exemptions.put_off_telling(session, row, until=full_until)
        return
    message = NewMessage(
        key=f"exemption_ends:{row.exemption_id}",
        account_id=account.account_id,
        purpose=purpose,
        template=Template.EXEMPTION_ENDS,
        channel=channel,
        recipient=contact,
        locale=account.locale,
        values={"days": str(max(1, ceil((row.expires_at - now) / timedelta(days=1))))}
        | _end(session, account, now),
        cohort_id=members.cohort_of(session, account.account_id) or "",
    )
    messages.add(session, message, at=now)
    exemptions.note_told(session, row, at=now)


def _end(session: Session, account: Account, now: datetime) -> dict[str, str]:
    """The day from which codes only open the set-up, where the cohort has named one."""
    policy = journeys.require_policy(session, account.account_id)
    named = end_dates.day_values(facts.read(session, account.account_id), policy, now=now)
    return {name: value for name, value in named.items() if name == "ends_on"}
