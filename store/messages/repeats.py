"""Says a notice once more, by a new message, when nobody knows whether it has gone out, and something waits for that.

A message that is `unknown` is never sent again. But what a notice establishes would wait for ever, and its owner would
never have had the time to object.
"""

from datetime import datetime

from sqlmodel import Session

from domain.codes import new_short_code
from domain.facts import Channel
from domain.messages.messages import MessageState, Purpose, Template
from store.messages import establishing
from store.messages.message_rows import Message, NewMessage

_AGAIN = "again-"
"""What the name of the contact begins with, in the key of a repeated notice."""


def due(session: Session, message: Message, *, at: datetime) -> list[NewMessage]:
    """The notices to say once more, now that `message` has come to another end.

    They are the `unknown` notices of its event, if something waits for one of them to reach an independent contact, no
    notice has or still may, and none was repeated before.
    """
    if not message.is_missed or establishing.find_waiting(session, message, at=at) is None:
        return []
    siblings = establishing.of_event(session, message)
    if any(_may_reach(sibling) or _is_repeat(sibling) for sibling in siblings):
        return []
    return [_again(sibling) for sibling in siblings if sibling.state == MessageState.UNKNOWN]


def is_needless(session: Session, message: Message) -> bool:
    """Whether a message repeats a notice that has arrived after all, as its provider has told since."""
    siblings = establishing.of_event(session, message) if message.vouches and _is_repeat(message) else ()
    return any(establishing.has_arrived(sibling) for sibling in siblings)


def _again(lost: Message) -> NewMessage:
    event, _, name = lost.key.rpartition(":")
    return NewMessage(
        key=f"{event}:{_AGAIN}{name}",
        account_id=lost.account_id,
        purpose=Purpose(lost.purpose),
        template=Template(lost.template),
        channel=Channel(lost.channel),
        recipient=lost.recipient,
        locale=lost.locale,
        values=lost.values,
        by_session=lost.by_session,
        by_assurance=lost.by_assurance,
        vouches=True,
        short_code=new_short_code() if lost.short_code else None,
    )


def _is_repeat(notice: Message) -> bool:
    return notice.key.rpartition(":")[2].startswith(_AGAIN)


def _may_reach(notice: Message) -> bool:
    return establishing.has_arrived(notice) or establishing.is_under_way(notice)
