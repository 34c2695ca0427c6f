"""Tells by e-mail that a code by text message did not arrive, because whoever waits for it sees nothing else of it."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import BudgetSpent
from domain.facts import Channel
from domain.messages.messages import CODE_LIFETIME, Fate, Purpose, Template
from store.messages import messages
from store.messages.messages import Message, NewMessage
from store.people import accounts


def follow(session: Session, message: Message, fate: Fate, *, at: datetime) -> None:
    """Tell the owner how else to sign in, if `message` is a code that somebody still waits for.

    The page must not show it: it would tell a stranger whether an account has the number.
    """
    if message.template != Template.SIGN_IN_CODE or message.account_id is None:
        return
    account = accounts.get(session, message.account_id)
    if account.email is None or message.expires_at is None or message.expires_at <= at:
        return
    notice = NewMessage(
        key=f"{message.key}:{Channel.EMAIL}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.CODE_NOT_TEXTED,
        channel=Channel.EMAIL,
        recipient=account.email,
        locale=account.locale,
        values={"cause": fate},
        expires_at=at + CODE_LIFETIME,
    )
    try:
        messages.add(session, notice, at=at)
    except BudgetSpent:  # the account has had its codes for today, and one e-mail about them
        return
