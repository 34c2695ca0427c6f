"""Finds obstacles: one query for each, which an index answers in the order of age."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, and_, col, exists, or_

from domain.desk.stuck import Hurdle, Obstacle, weightiest_first
from domain.facts import Channel, Facts
from domain.journey import StuckReason, passkey_counts_from
from domain.messages.messages import CONTACT_FAULTS, OPT_OUTS
from domain.policy import Policy, UnknownSim
from store.journeys import policies, troubles
from store.journeys.facts import Rows
from store.journeys.journeys import Journey
from store.journeys.troubles import JourneyTrouble
from store.messages import contact_faults
from store.messages.contact_faults import ContactFault
from store.people import failed_ceremonies
from store.people.accounts import Account
from store.people.failed_ceremonies import FailedCeremony
from store.people.passkeys import Passkey

_TO_THE_SECOND = timedelta(seconds=1)
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
    """Where one obstacle is on record. Cooling-offs also depend on the policies and on `now`."""
    return _SOURCES.get(obstacle) or _cooling_off(policies.every(session), now)


def of_accounts(
    session: Session, rows: Rows, facts: Mapping[str, Facts], rules: Mapping[str, Policy], *, now: datetime
) -> dict[str, tuple[Hurdle, ...]]:
    """The hurdles of accounts whose rows, facts and policies are read already, by account id, the weightiest first.

    These are the hurdles that the queries find, but without cooling-offs that are over: only the facts and the policy
    together say when a passkey counts.
    """
    hurdles: dict[str, list[Hurdle]] = defaultdict(list)
    for account_id, account in rows.accounts.items():
        hurdles[account_id] += _on_record(account, runs=account_id in rules)
        if account_id in rules:
            hurdles[account_id] += _cools(rows, facts[account_id], rules[account_id], account_id, now)
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


def _cools(
    rows: Rows, account_facts: Facts, policy: Policy, account_id: str, now: datetime
) -> Iterator[Hurdle]:
    """The hurdle of a passkey that does not count yet; of several, the passkey that counts first."""
    counts_from = passkey_counts_from(account_facts, policy)
    if counts_from is None or counts_from <= now or account_facts.passkey_rooted_in_sms_at is None:
        return
    rooted = [key.rooted_in_sms_at for key in rows.passkeys[account_id] if key.last_used_at]
    yield Hurdle(obstacle=Obstacle.COOLING_OFF, since=min(at for at in rooted if at))


def _elsewhere(session: Session, rows: Rows) -> Iterator[tuple[str, Hurdle]]:
    """The hurdles in other tables."""
    for (account_id, channel), fault in rows.faults.items():
        if fault.contact != contact_faults.contacts(rows.accounts[account_id]).get(channel):
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
        and_(col(ContactFault.channel) == Channel.EMAIL, col(ContactFault.contact) == Account.email),
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


_SOURCES = {
    Obstacle.OBJECTION_OPEN: _of_account(col(Account.disputed_since), anybody=True),
    Obstacle.WORKFLOW_FAILING: _row_of(
        JourneyTrouble, col(JourneyTrouble.account_id), col(JourneyTrouble.since)
    ),
    Obstacle.HELD: _of_account(col(Account.held_since)),
    Obstacle.NOTICE_MISSED: _reported(StuckReason.NOTICE_MISSED),
    Obstacle.UNREACHABLE: _reported(StuckReason.UNREACHABLE),
    Obstacle.EMAIL_BOUNCED: _broken(Channel.EMAIL, col(Account.email)),
    Obstacle.NUMBER_UNDELIVERABLE: _broken(Channel.SMS, col(Account.phone)),
    Obstacle.PROMPT_FAILED: _row_of(FailedCeremony, col(FailedCeremony.account_id), col(FailedCeremony.at)),
    Obstacle.CANNOT_NOW: _of_account(col(Account.cannot_since)),
    Obstacle.NO_REMINDERS: _opted_out(),
    Obstacle.NUDGES_USED_UP: _reported(StuckReason.NUDGES_USED_UP),
}
"""All sources but the cooling-off: they do not depend on policies or on the time."""


def _cooling_off(rules: dict[str, Policy], now: datetime) -> ObstacleSource:
    """The passkeys that may not count yet; of each account only the passkey that counts first.

    `passkey_counts_from` decides exactly; this query finds every account that the function finds, and perhaps more.
    """
    rooted_at = col(Passkey.rooted_in_sms_at)
    longest = max((_longest_wait(policy) for policy in rules.values()), default=timedelta())
    waits = [
        and_(col(Journey.policy_id) == policy_id, _waits(policy, now)) for policy_id, policy in rules.items()
    ]
    where = and_(
        rooted_at > now - longest,
        _may_wait(rules.values(), now),
        _works(Passkey),
        ~_another_stands(),
        or_(false(), *waits),
    )
    return ObstacleSource(
        table=Passkey, whose=col(Passkey.account_id), since=rooted_at, where=where, asks_account=True
    )


def _may_wait(rules: Collection[Policy], now: datetime) -> ColumnElement[bool]:
    """Skips, by the passkey alone, passkeys whose cooling-off is over, unless the SIM has changed."""
    if any(policy.unknown_sim is UnknownSim.HOLD for policy in rules):
        return true()
    longest = max((policy.cooling_off for policy in rules), default=timedelta())
    changed_accounts = select(col(Account.account_id)).where(
        or_(false(), *(_sim_changed(policy, now) for policy in rules))
    )
    return or_(col(Passkey.rooted_in_sms_at) > now - longest, col(Passkey.account_id).in_(changed_accounts))


def _waits(policy: Policy, now: datetime) -> ColumnElement[bool]:
    rooted_at = col(Passkey.rooted_in_sms_at)
    longest = _longest_wait(policy)
    return or_(
        rooted_at > now - policy.cooling_off, and_(rooted_at > now - longest, _sim_in_doubt(policy, now))
    )


def _sim_in_doubt(policy: Policy, now: datetime) -> ColumnElement[bool]:
    is_changed = _sim_changed(policy, now)
    if policy.unknown_sim is UnknownSim.ALLOW:
        return is_changed
    checked_at = col(Account.sim_checked_at)
    return or_(is_changed, checked_at.is_(None), checked_at < col(Passkey.rooted_in_sms_at))


def _sim_changed(policy: Policy, now: datetime) -> ColumnElement[bool]:
    long_ago = now - _longest_wait(policy) - policy.sim_swap_window - _TO_THE_SECOND
    return col(Account.sim_changed_at) > long_ago


def _longest_wait(policy: Policy) -> timedelta:
    return max(policy.cooling_off, policy.sim_swap_window)


def _another_stands() -> ColumnElement[bool]:
    """Whether another passkey of the account counts sooner."""
    another = aliased(Passkey)
    is_sooner = or_(
        col(another.rooted_in_sms_at).is_(None),
        col(another.rooted_in_sms_at) < col(Passkey.rooted_in_sms_at),
        and_(
            col(another.rooted_in_sms_at) == col(Passkey.rooted_in_sms_at),
            col(another.passkey_id) < col(Passkey.passkey_id),
        ),
    )
    return exists().where(col(another.account_id) == col(Passkey.account_id), _works(another), is_sooner)


def _works(passkey: Any) -> ColumnElement[bool]:
    return and_(
        col(passkey.removed_at).is_(None),
        col(passkey.frozen_at).is_(None),
        col(passkey.last_used_at).is_not(None),
    )
