"""Deletes accounts on the host's word: nothing personal stays, and nobody who remains is counted as that person."""

from datetime import datetime

import structlog

from domain.facts import Channel
from domain.journal import Actor
from domain.journey import JourneyOutcome
from domain.safety.contact_keys import contact_key
from store import Session
from store.journeys import heard_accounts, journeys
from store.messages import deletions as message_deletions
from store.people import deletions as person_deletions
from store.people import sharing
from store.people.accounts import Account
from store.rollouts import passed_over
from store.safety import deletions as safety_deletions
from store.webhooks import deliveries

log = structlog.get_logger()


def delete(session: Session, account: Account, *, at: datetime) -> None:
    """Delete a locked account: its sessions end, its ways in and contacts go, and so does its journey.

    The journal and the proofs stay: they hold nothing personal. The host's id is free for a new account; webhooks that
    are on their way keep it until they are told, so that the host knows whom they mean.
    """
    external_id = account.external_id
    left = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    message_deletions.forget_messages(session, account.account_id, at=at)
    safety_deletions.close_all(session, account.account_id, at=at)
    passed_over.forget(session, account.account_id)
    person_deletions.forget_person(session, account, at=at)
    heard_accounts.forget(session, account.account_id)
    journeys.end(session, account.account_id, JourneyOutcome.DELETED, at=at)
    deliveries.keep_external_id(session, account.account_id, external_id)
    for channel, address in left.items():
        if address:
            sharing.tell_lone_sharers(
                session,
                channel,
                [contact_key(address)],
                besides=[account.account_id],
                is_shared=False,
                actor=Actor.HOST,
                at=at,
            )
    log.info("account_deleted", account_id=account.account_id)
