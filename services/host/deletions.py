"""Deletes accounts on the host's word: nothing personal stays, and nobody who remains is counted as that person."""

from datetime import datetime

import structlog

from domain.journal import Actor, EventKind
from store import Session
from store.people.accounts import Account
from store.rights import removal

log = structlog.get_logger()


def delete(session: Session, account: Account, *, at: datetime) -> None:
    """Delete a locked account, and forget who it was. No figure counts it any more; its id at the host is free."""
    removal.remove(session, account, EventKind.ACCOUNT_DELETED, at=at, actor=Actor.HOST)
    log.info("account_deleted", account_id=account.account_id)
