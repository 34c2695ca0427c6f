"""Gives an account another e-mail address, and tells the contacts that it had."""

from domain.facts import Channel
from domain.journal import Actor
from domain.messages.messages import Template
from domain.trust import Way
from services.people import bearers
from services.people.bearers import Door
from store import Session
from store.messages import notices
from store.people import contact_changes, contacts, sharing


def put(session: Session, door: Door, email: str) -> None:
    """Keep who brought the address, and tell the former one and the phone: they may know better.

    The new address gets no notice, because its owner has just confirmed it. The caller changes the account's row.
    """
    account, contact_id, former = door.account, contacts.new_id(), door.account.email
    new_trust, waits = bearers.bind(session, door)
    if account.email is not None or new_trust.way is Way.NOTICE:
        values, event = {"contact_id": contact_id} | waits, contact_id
        template = Template.EMAIL_CHANGED
        notices.tell(session, account, template, event=event, at=door.now, values=values, by=door.bearer)
    contact_changes.put(
        session,
        account,
        Channel.EMAIL,
        email,
        new_trust,
        origin=Actor.PERSON,
        bound_in=door.bearer.session_id,
        by=door.bearer.assurance,
        contact_id=contact_id,
    )
    for address, is_shared in ((email, True), (former, False)):
        sharing.tell_lone_sharers(
            session,
            Channel.EMAIL,
            {address} if address else set(),
            besides=[account.account_id],
            is_shared=is_shared,
            actor=Actor.SYSTEM,
            at=door.now,
        )
