"""Does something again: sends the current reminder or notice, or lets the host be asked."""

from datetime import timedelta

from sqlmodel import Session

from domain.desk.acts import ActRefused
from domain.errors import BudgetSpent
from domain.facts import Channel, Milestone, SmsState
from domain.journal import EventKind
from domain.journey import suspension_due_at
from domain.messages.cadence import next_nudge
from domain.messages.messages import Purpose, Template, nudge_template
from domain.milestones import next_milestone
from domain.switches import Switch
from store.acts.orders import Deed, write_down
from store.journeys import host_words, sms, switches
from store.messages import contact_faults, messages
from store.messages.messages import NewMessage
from store.people import accounts
from store.rollouts import members


def send(session: Session, deed: Deed) -> None:
    """Queue the message anew, under a key of its own."""
    milestone = next_milestone(deed.subject.facts, deed.subject.policy)
    if deed.subject.facts.sms is SmsState.NOTICE:
        _repeat_notice(session, deed)
    elif milestone:
        _repeat_reminder(session, deed, milestone)


def ask_host(session: Session, deed: Deed) -> None:
    """Let the journey ask the host once more what it has not answered, or has refused."""
    host_words.ask_anew(session, deed.order.account_id)
    write_down(session, deed, EventKind.HOST_ASKED_ANEW)


def _repeat_notice(session: Session, deed: Deed) -> None:
    version = write_down(
        session, deed, EventKind.SENT_AGAIN, channel="every_channel", template=Template.SMS_NOTICE
    )
    due_at = suspension_due_at(deed.subject.facts, deed.subject.policy)
    length = due_at - deed.at if due_at else deed.subject.policy.notice
    account = accounts.get(session, deed.order.account_id)
    sms.announce(session, account, max(length, timedelta()), event=str(version), at=deed.at)


def _repeat_reminder(session: Session, deed: Deed, milestone: Milestone) -> None:
    """It counts like a reminder of the journey, and has the key that the journey's next reminder would have."""
    account_id, channel = deed.order.account_id, _channel(deed, milestone)
    if switches.is_stopped(session, Switch.NUDGES, account_id):
        raise ActRefused("Nudges are stopped, so it would not go out. `offramp stops` says for whom and why.")
    account = accounts.get(session, account_id)
    nudged = deed.subject.facts.nudged(milestone)
    ordinal = (nudged.times if nudged else 0) + 1
    reminder = NewMessage(
        key=f"migration:{account_id}:{milestone}:{ordinal}",
        account_id=account_id,
        purpose=Purpose.NUDGE,
        template=nudge_template(milestone),
        channel=channel,
        recipient=contact_faults.contacts(account)[channel],
        locale=account.locale,
        values={"ordinal": str(ordinal)},
        milestone=milestone,
        cohort_id=members.cohort_of(session, account_id) or "",
    )
    try:
        is_new = messages.add(session, reminder, at=deed.at)
    except BudgetSpent:
        raise ActRefused("They have had as many messages today as anybody may get.") from None
    if not is_new:
        raise ActRefused("The journey is sending it just now.")
    write_down(
        session, deed, EventKind.SENT_AGAIN, channel=channel, template=reminder.template, ordinal=ordinal
    )


def _channel(deed: Deed, milestone: Milestone) -> Channel:
    usable = [channel for channel in deed.subject.facts.channels if channel not in deed.subject.capped]
    planned = next_nudge(deed.order.account_id, milestone, deed.subject.facts, deed.subject.policy)
    return planned.channel if planned and planned.channel in usable else usable[0]
