"""Finds obstacles: one query for each, which an index answers in the order of age."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, SQLModel, and_, col, not_, or_

from domain.desk.stuck import Hurdle, Obstacle, weightiest_first
from domain.facts import Channel
from domain.journey import StuckReason
from domain.messages.messages import CONTACT_FAULTS, OPT_OUTS
from domain.policy import Policy
from domain.trust import Way
from store.desk.passkey_conditions import (
    IS_SIM_ALONE,
    IS_UNCONFIRMED,
    Another,
    has_another,
    is_of_older_root,
    is_sim_in_doubt,
    works,
)
from store.journeys import troubles
from store.journeys.facts import Rows
from store.journeys.journeys import Journey
from store.journeys.troubles import JourneyTrouble
from store.messages import contact_faults
from store.messages.contact_faults import ContactFault
from store.people import failed_ceremonies
from store.people.accounts import Account
from store.people.failed_ceremonies import FailedCeremony
from store.people.passkeys import Passkey

_BROKEN = {Channel.EMAIL: Obstacle.EMAIL_BOUNCED, Channel.SMS: Obstacle.NUMBER_UNDELIVERABLE}


@dataclass(frozen=True, kw_only=True)
class ObstacleSource:
    """The table and columns that hold one obstacle: `whose` is the account id, `since` when the obstacle began.

    Only running journeys have obstacles; with `anybody`, accounts without a running journey have them too.
    `asks_account`: the condition needs the account's row. `by_progress`: an index also has the order of progress.
    """

    table: type[SQLModel]
    whose: Any
    since: Any
    where: ColumnElement[bool]
    anybody: bool = False
    asks_account: bool = False
    by_progress: bool = False

    def select(self, *columns: Any, with_account: bool = False) -> Select[Any]:
        """The rows of this source, joined with Journey, and with Account if that is wanted or needed."""
        query = select(*columns).select_from(self.table)
        if self.table is not Account and (with_account or self.asks_account):
            query = query.join(Account, col(Account.account_id) == self.whose)
        # With `ended_at` instead, SQLite would begin with its index, and so read every running journey.
        is_running = and_(col(Journey.account_id) == self.whose, col(Journey.outcome).is_(None))
        return query.join(Journey, is_running, isouter=self.anybody).where(self.where)


def sources(session: Session, *, now: datetime) -> dict[Obstacle, ObstacleSource]:
    """Where each obstacle is on record, the weightiest first."""
    return {obstacle: source(session, obstacle, now=now) for obstacle in Obstacle}


def source(session: Session, obstacle: Obstacle, *, now: datetime) -> ObstacleSource:
    """Where one obstacle is on record. What passkeys wait for depends on `now`, too."""
    if obstacle is Obstacle.COOLING_OFF:
        return _cooling_off(now)
    return _sim_unknown(now) if obstacle is Obstacle.SIM_UNKNOWN else _SOURCES[obstacle]


def of_accounts(
    session: Session, rows: Rows, rules: Mapping[str, Policy], *, now: datetime
) -> dict[str, tuple[Hurdle, ...]]:
    """The hurdles of accounts whose rows and policies are read already, by account id, the weightiest first.

    These are the hurdles that the queries find.
    """
    hurdles: dict[str, list[Hurdle]] = defaultdict(list)
    for account_id, account in rows.accounts.items():
        hurdles[account_id] += _on_record(account, runs=account_id in rules)
        if account_id in rules:
            hurdles[account_id] += _untrusted(rows, account_id, now)
    for account_id, hurdle in _elsewhere(session, rows):
        if account_id in rules:
            hurdles[account_id].append(hurdle)
    return {account_id: weightiest_first(unsorted) for account_id, unsorted in hurdles.items()}


def _on_record(row: Account, *, runs: bool) -> Iterator[Hurdle]:
    """The hurdles in an account's own row."""
    if row.disputed_since:
        yield Hurdle(obstacle=Obstacle.OBJECTION_OPEN, since=row.disputed_since)
    if not runs:
        return
    if row.held_since:
        yield Hurdle(obstacle=Obstacle.HELD, since=row.held_since)
    if row.cannot_since:
        yield Hurdle(obstacle=Obstacle.CANNOT_NOW, since=row.cannot_since, said=row.cannot_reason or "")
    if row.stuck_since and row.stuck_reason in set(StuckReason):
        yield Hurdle(obstacle=Obstacle(row.stuck_reason), since=row.stuck_since)


def _untrusted(rows: Rows, account_id: str, now: datetime) -> Iterator[Hurdle]:
    """The hurdle of passkeys that have signed in, of which none counts yet, or whose SIM is not known to be clear."""
    proven = [passkey for passkey in rows.passkeys.get(account_id, ()) if passkey.last_used_at]
    established = [key for key in proven if key.established_from and key.established_from <= now]
    cooling = [key for key in proven if key.established_from and key.established_from > now]
    if established and all(_sim_in_doubt(passkey, rows.accounts[account_id]) for passkey in established):
        yield Hurdle(obstacle=Obstacle.SIM_UNKNOWN, since=min(passkey.rooted_at for passkey in established))
    elif cooling and not established:
        yield Hurdle(obstacle=Obstacle.COOLING_OFF, since=min(passkey.rooted_at for passkey in cooling))
    elif proven and all(passkey.way == Way.CONFIRMATION for passkey in proven) and not established:
        yield Hurdle(obstacle=Obstacle.UNCONFIRMED, since=min(passkey.rooted_at for passkey in proven))


def _sim_in_doubt(passkey: Passkey, account: Account) -> bool:
    """Whether a passkey goes back to SMS alone, and nobody has said since that the SIM had not changed."""
    if passkey.way != Way.SIM_WINDOW:
        return False
    checked_at, changed_at = account.sim_checked_at, account.sim_changed_at
    is_checked = checked_at is not None and checked_at >= passkey.rooted_at
    return not is_checked or (changed_at is not None and changed_at >= passkey.rooted_at)


def _elsewhere(session: Session, rows: Rows) -> Iterator[tuple[str, Hurdle]]:
    """The hurdles in other tables."""
    for (account_id, channel), fault in rows.faults.items():
        if not fault.is_about(contact_faults.contacts(rows.accounts[account_id]).get(channel)):
            continue
        if fault.is_withheld:  # nobody at support can mend that
            continue
        obstacle = _BROKEN[channel] if fault.is_broken else Obstacle.NO_REMINDERS
        yield account_id, Hurdle(obstacle=obstacle, since=fault.since, said=fault.reason, where=channel)
    for failed in failed_ceremonies.of_accounts(session, list(rows.accounts)):
        yield (
            failed.account_id,
            Hurdle(obstacle=Obstacle.PROMPT_FAILED, since=failed.at, said=failed.name, where=failed.platform),
        )
    for trouble in troubles.of_accounts(session, list(rows.accounts)):
        yield (
            trouble.account_id,
            Hurdle(
                obstacle=Obstacle.WORKFLOW_FAILING,
                since=trouble.since,
                said=trouble.error,
                where=trouble.run_id,
            ),
        )


def _row_of(table: type[SQLModel], whose: Any, since: Any) -> ObstacleSource:
    """A table that holds nothing but the obstacle."""
    return ObstacleSource(table=table, whose=whose, since=since, where=since.is_not(None))


def _of_account(since: Any, *, anybody: bool = False) -> ObstacleSource:
    return ObstacleSource(
        table=Account,
        whose=col(Account.account_id),
        since=since,
        where=since.is_not(None),
        anybody=anybody,
        by_progress=not anybody,
    )


def _reported(reason: StuckReason) -> ObstacleSource:
    """A reason that a journey has reported for being stuck."""
    since = col(Account.stuck_since)
    reported = and_(col(Account.stuck_reason) == reason, since.is_not(None))
    whose = col(Account.account_id)
    return ObstacleSource(table=Account, whose=whose, since=since, where=reported, by_progress=True)


def _broken(channel: Channel, contact: Any) -> ObstacleSource:
    """A fault counts only for its own contact, not for a new contact in its place."""
    return _faulty(
        and_(
            col(ContactFault.channel) == channel,
            col(ContactFault.contact) == contact,
            col(ContactFault.fate).in_(CONTACT_FAULTS),
        )
    )


def _opted_out() -> ObstacleSource:
    is_same_contact = or_(
        and_(col(ContactFault.channel) == Channel.EMAIL, col(ContactFault.contact) == Account.email_key),
        and_(col(ContactFault.channel) == Channel.SMS, col(ContactFault.contact) == Account.phone),
    )
    return _faulty(and_(col(ContactFault.fate).in_(OPT_OUTS), is_same_contact))


def _faulty(where: ColumnElement[bool]) -> ObstacleSource:
    return ObstacleSource(
        table=ContactFault,
        whose=col(ContactFault.account_id),
        since=col(ContactFault.since),
        where=where,
        asks_account=True,
    )


def _cooling_off(now: datetime) -> ObstacleSource:
    """Accounts of whose passkeys none counts yet, and one will by itself; of each account that of the oldest root."""
    is_cooling = col(Another.established_from) > now
    where = and_(
        col(Passkey.established_from) > now,
        works(Passkey),
        ~has_another(col(Another.established_from) <= now),
        ~has_another(and_(is_cooling, is_of_older_root())),
    )
    return _of_passkeys(where)


def _unconfirmed() -> ObstacleSource:
    """Accounts whose passkeys all wait for somebody to confirm them."""
    where = and_(
        IS_UNCONFIRMED,
        works(Passkey),
        ~has_another(col(Another.way) != Way.CONFIRMATION),
        ~has_another(is_of_older_root()),
    )
    return _of_passkeys(where)


def _sim_unknown(now: datetime) -> ObstacleSource:
    """Accounts whose passkeys go back to SMS alone, and whose SIM nobody has found clear since."""
    is_established = col(Another.established_from) <= now
    where = and_(
        IS_SIM_ALONE,
        col(Passkey.established_from) <= now,
        works(Passkey),
        is_sim_in_doubt(Passkey),
        ~has_another(and_(is_established, not_(is_sim_in_doubt(Another)))),
        ~has_another(and_(is_established, is_of_older_root())),
    )
    return _of_passkeys(where, asks_account=True)


def _of_passkeys(where: ColumnElement[bool], *, asks_account: bool = False) -> ObstacleSource:
    whose, since = col(Passkey.account_id), col(Passkey.rooted_at)
    return ObstacleSource(table=Passkey, whose=whose, since=since, where=where, asks_account=asks_account)


_SOURCES = {
    Obstacle.OBJECTION_OPEN: _of_account(col(Account.disputed_since), anybody=True),
    Obstacle.WORKFLOW_FAILING: _row_of(
        JourneyTrouble, col(JourneyTrouble.account_id), col(JourneyTrouble.since)
    ),
    Obstacle.HELD: _of_account(col(Account.held_since)),
    Obstacle.NUMBER_TOO_NEW: _reported(StuckReason.NUMBER_TOO_NEW),
    Obstacle.HOST_REFUSED: _reported(StuckReason.HOST_REFUSED),
    Obstacle.HOST_SILENT: _reported(StuckReason.HOST_SILENT),
    Obstacle.NOTICE_MISSED: _reported(StuckReason.NOTICE_MISSED),
    Obstacle.UNREACHABLE: _reported(StuckReason.UNREACHABLE),
    Obstacle.EMAIL_BOUNCED: _broken(Channel.EMAIL, col(Account.email_key)),
    Obstacle.NUMBER_UNDELIVERABLE: _broken(Channel.SMS, col(Account.phone)),
    Obstacle.PROMPT_FAILED: _row_of(FailedCeremony, col(FailedCeremony.account_id), col(FailedCeremony.at)),
    Obstacle.CANNOT_NOW: _of_account(col(Account.cannot_since)),
    Obstacle.NO_REMINDERS: _opted_out(),
    Obstacle.NUDGES_USED_UP: _reported(StuckReason.NUDGES_USED_UP),
    Obstacle.UNCONFIRMED: _unconfirmed(),
}
"""All sources that do not depend on the time."""
