"""Takes an account away in one transaction: its sessions, ways in and contacts go, its journey ends, no trace stays."""

from datetime import datetime

from sqlmodel import Session

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.journal_details import DetailValue
from domain.journey import JourneyOutcome
from domain.safety.contact_keys import contact_key
from store.journeys import heard_accounts, journeys
from store.messages import deletions as message_deletions
from store.people import accounts, sharing
from store.people import deletions as person_deletions
from store.people.accounts import Account
from store.rights import traces
from store.rollouts import passed_over
from store.safety import deletions as safety_deletions
from store.webhooks import deliveries

BATCH = 50
"""How many accounts are gone over at once for traces that an earlier release has left."""


def remove(
    session: Session, account: Account, kind: EventKind, *, at: datetime, actor: Actor, **detail: DetailValue
) -> None:
    """Remove a locked account; `kind` and `detail` are the entry that tells of it.

    The journal and the proofs stay: they hold nothing personal. The host's id is free for a new account; webhooks that
    are on their way keep it until they are told, so that the host knows whom they mean.
    """
    account_id, external_id = account.account_id, account.external_id
    left = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    message_deletions.forget_messages(session, account_id, at=at)
    safety_deletions.close_all(session, account_id, at=at)
    passed_over.forget(session, account_id)
    person_deletions.forget_person(session, account, kind, at=at, actor=actor, **detail)
    heard_accounts.forget(session, account_id)
    journeys.end(session, account_id, JourneyOutcome.DELETED, at=at)
    deliveries.keep_external_id(session, account_id, external_id)
    for channel, address in left.items():
        if address:
            sharing.tell_lone_sharers(
                session,
                channel,
                [contact_key(address)],
                besides=[account_id],
                is_shared=False,
                actor=actor,
                at=at,
            )
    traces.forget(session, account_id, at=at)


def finish_some(session: Session, *, at: datetime) -> int:
    """Forget the traces of some accounts that are gone and have any left; returns how many accounts that were."""
    account_ids = traces.left(session, limit=BATCH)
    for account_id in account_ids:
        accounts.lock(session, account_id)
        traces.forget(session, account_id, at=at)
    return len(account_ids)
