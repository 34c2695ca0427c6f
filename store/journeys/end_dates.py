"""Tells people their end date: the day from which text-message codes open the set-up and nothing else."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from domain.facts import Facts
from domain.journal import Actor, EventKind
from domain.messages.cadence import end_to_tell, has_ended, own_day
from domain.messages.messages import Purpose, Template
from domain.policy import Policy
from store.journeys import facts, journeys
from store.messages import contact_faults, messages
from store.messages.message_rows import NewMessage
from store.people import accounts, journal
from store.people.accounts import Account


def tell(session: Session, account_id: str, *, at: datetime) -> None:
    """Say the end date that holds now, or that there is none, if the person was told another one.

    Of two days that have both come, nothing new is said: an exemption has ended, and its end was told. One message by
    the best channel says it, whatever was said about reminders; whoever has no contact reads it on the pages.
    """
    account = accounts.lock(session, account_id)
    policy, account_facts = journeys.require_policy(session, account_id), facts.read(session, account_id)
    end = end_to_tell(account_facts, policy)
    if end == account_facts.told_end_at:
        return
    have_come = end is not None and end <= at and has_ended(account_facts, policy, at)
    since = account.told_end_since if have_come and account.told_end_since else at
    accounts.note_told_end(session, account, end, at=since)
    message = None if have_come else _message(session, account, facts.read(session, account_id), policy)
    if message:
        messages.add(session, message, at=at)
    detail = {"ends_at": end.isoformat() if end else None}
    journal.append(session, account_id, EventKind.END_TOLD, at=at, actor=Actor.JOURNEY, **detail)


def values(session: Session, account_id: str, *, at: datetime) -> dict[str, str]:
    """What a reminder at a time says of the end date: its day by the person's calendar, or nothing."""
    policy = journeys.require_policy(session, account_id)
    if policy.end is None:
        return {}
    return day_values(_told_now(facts.read(session, account_id), policy, at), policy, now=at)


def day_values(account_facts: Facts, policy: Policy, *, now: datetime) -> dict[str, str]:
    """The values of a message by which it names the end date; none without one."""
    day = own_day(account_facts, policy)
    if day is None:
        return {}
    ended = {"has_ended": "yes"} if has_ended(account_facts, policy, now) else {}
    return {"ends_on": day.isoformat()} | ended


def note_told(session: Session, account: Account, *, at: datetime) -> None:
    """Note that a reminder has said the end date; one that was told before keeps its time."""
    policy = journeys.require_policy(session, account.account_id)
    end = end_to_tell(facts.read(session, account.account_id), policy)
    if end and account.told_end_at != end:
        accounts.note_told_end(session, account, end, at=at)


def _told_now(account_facts: Facts, policy: Policy, at: datetime) -> Facts:
    """The facts as they are once the end date is told at a time."""
    end = end_to_tell(account_facts, policy)
    if end == account_facts.told_end_at:
        return account_facts
    return replace(account_facts, told_end_at=end, told_end_since=at)


def _message(session: Session, account: Account, account_facts: Facts, policy: Policy) -> NewMessage | None:
    contacts = contact_faults.contacts(account)
    faults = contact_faults.of_account(session, account)
    working = [channel for channel in contacts if channel not in faults or not faults[channel].is_broken]
    channel = next(iter((*working, *contacts)), None)
    if channel is None:
        return None
    day = own_day(account_facts, policy)
    template = Template.END_DATE if day else Template.END_LIFTED
    return NewMessage(
        key=f"{account.account_id}:{template}:{account_facts.version}",
        account_id=account.account_id,
        purpose=Purpose.NOTICE,
        template=template,
        channel=channel,
        recipient=contacts[channel],
        locale=account.locale,
        values={"ends_on": day.isoformat()} if day else {},
    )
