"""Erases a person at their own wish: figures go on counting them, and the host hears of it by its own id."""

from datetime import datetime

from sqlmodel import Session

from domain.desk.acts import RESTORE_SMS
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from store.figures import census
from store.journeys import sms
from store.people import accounts, erased_tallies
from store.rights import removal
from store.rollouts import measurements


def erase(session: Session, account_id: str, wish: str, *, at: datetime, **signed: str) -> None:
    """Erase an account. `wish` says whether text-message codes are given back; `signed` are the two who do it.

    It is one transaction: after a crash nothing is half erased. Who is gone already stays so. Raises Unknown.
    """
    account = accounts.lock(session, account_id)
    if account.deleted_at is not None:
        return
    state = SmsState(account.sms)
    counted_on = [*measurements.likenesses(session, account_id), *census.likenesses(session, account_id)]
    gives_back = wish == RESTORE_SMS and state is not SmsState.ON
    if wish == RESTORE_SMS:
        sms.give_back(session, account, at=at, **signed)
    codes = {"sms": "restored" if gives_back else "left", "sms_was": state.value}
    kind, actor = EventKind.ACCOUNT_ERASED, Actor.STAFF
    removal.remove(session, account, kind, at=at, actor=actor, **codes, **signed)
    erased_tallies.add(session, counted_on)
