"""Lists and counts who is one loss away from being locked out: the rule of `domain.upkeep.single_loss` as a query.

It is about accounts whose text-message codes are off. While they are on, the journey sees to a second way in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    Subquery,
    case,
    cast,
    exists,
    func,
    outerjoin,
    select,
    text,
)
from sqlmodel import Session, and_, col, not_, or_

from domain.counting import Placement
from domain.desk.stuck_filters import Mark
from domain.upkeep.possessions import COMPUTERS, SECURITY_KEY_TRANSPORTS, Thing
from store.desk import list_rows
from store.desk.list_rows import ListRow
from store.engine.spreadsheets import harmless
from store.people import authenticator_apps, passkeys, recovery_codes
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.people.trust import is_established
from store.rollouts import placement
from store.rollouts.members import Member

COLUMNS = ("external_id", "account_id", "hangs_on", "sms", "since", "cohort", "wave")

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class OneLossAway:
    """One person, the one thing on which the account hangs, and since when text-message codes are off."""

    person: ListRow
    thing: Thing
    since: datetime


@dataclass(frozen=True, kw_only=True)
class OneLossPage:
    """One page of the list; `after` is the mark for the next page, and None on the last."""

    people: tuple[OneLossAway, ...]
    after: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class LossFilter:
    """Whom the list is about: those whose account hangs on one kind of thing, and those of one cohort."""

    thing: Thing | None = None
    cohort_id: str | None = None


def page(
    session: Session, wanted: LossFilter, *, now: datetime, after: Mark | None = None, limit: int = 50
) -> OneLossPage:
    """The next people of the list, those first whose codes have been off for longest."""
    listed_rows = session.execute(listing(wanted, now=now, after=after, limit=limit + 1)).all()
    people = _described(session, listed_rows[:limit], now=now)
    if len(listed_rows) <= limit:
        return OneLossPage(people=people)
    return OneLossPage(
        people=people, after=Mark(at=people[-1].since, account_id=people[-1].person.account_id)
    )


def listing(
    wanted: LossFilter, *, now: datetime, after: Mark | None, limit: int | None
) -> Select[datetime | None, str, str]:
    """The query behind one page, or behind the whole list."""
    fragile = _fragile(now)
    query = select(col(Account.sms_since), col(Account.account_id), fragile.thing)
    query = query.select_from(fragile.source).where(*_filtered(wanted, fragile))
    if after:
        since = col(Account.sms_since)
        is_behind = or_(since > after.at, col(Account.account_id) > after.account_id)
        query = query.where(since >= after.at, is_behind)
    return query.order_by(col(Account.sms_since), col(Account.account_id)).limit(limit)


def counts(session: Session, *, now: datetime, cohort_id: str | None = None) -> dict[Thing, int]:
    """How many accounts hang on each kind of thing."""
    fragile = _fragile(now)
    conditions = _filtered(LossFilter(cohort_id=cohort_id), fragile)
    things = select(fragile.thing.label("thing")).select_from(fragile.source).where(*conditions).subquery()
    query = select(things.c.thing, func.count()).group_by(things.c.thing)
    by_thing = {Thing(name): accounts for name, accounts in session.execute(query)}
    return {each: by_thing.get(each, 0) for each in Thing}


def census(session: Session, *, now: datetime) -> Mapping[tuple[Placement, Thing], int]:
    """How many accounts hang on one thing, by cohort, wave and thing, in one statement."""
    fragile, launched, held_out = _fragile(now), placement.launched(), placement.held_out()
    places = (
        select(
            fragile.thing.label("thing"),
            launched.c.cohort_id.label("launched"),
            launched.c.wave,
            held_out.c.cohort_id.label("held_out"),
        )
        .select_from(fragile.source)
        .outerjoin(launched, launched.c.account_id == col(Account.account_id))
        .outerjoin(held_out, held_out.c.account_id == col(Account.account_id))
        .where(fragile.is_one_loss_away)
        .subquery()
    )
    keys = (places.c.thing, places.c.launched, places.c.wave, places.c.held_out)
    totals: Counter[tuple[Placement, Thing]] = Counter()
    for row in session.execute(select(*keys, func.count().label("accounts")).group_by(*keys)).mappings():
        totals[placement.of(row), Thing(row["thing"])] += row["accounts"]
    return totals


def rows(session: Session, wanted: LossFilter, *, now: datetime) -> Iterator[tuple[str, ...]]:
    """The list as rows of a file: a header, then everybody. Contacts are left out, not masked."""
    yield COLUMNS
    everybody = session.execute(listing(wanted, now=now, after=None, limit=None)).all()
    for at in range(0, len(everybody), _AT_ONCE):
        yield from (
            harmless(_cells(line)) for line in _described(session, everybody[at : at + _AT_ONCE], now=now)
        )


@dataclass(frozen=True, kw_only=True)
class _Fragile:
    """Accounts joined with what they hold: the conditions under which one is one loss away, and on what it hangs."""

    source: FromClause
    is_one_loss_away: ColumnElement[bool]
    thing: ColumnElement[str]


def _fragile(now: datetime) -> _Fragile:
    """Passkeys are counted once for all accounts; codes are looked up for those that this leaves with one thing."""
    held = _sound_passkeys(now)
    on_phone, on_devices = func.coalesce(held.c.on_phone, 0), func.coalesce(held.c.on_devices, 0)
    has_codes, has_app = _has_codes(now), _has_app(now)
    places = case((or_(on_phone > 0, has_app), 1), else_=0) + on_devices
    return _Fragile(
        source=outerjoin(Account, held, held.c.account_id == col(Account.account_id)),
        is_one_loss_away=and_(
            text("account.sms IN ('suspended', 'removed')"),  # as the index has it, so that it answers
            col(Account.deactivated_at).is_(None),
            func.coalesce(held.c.synced, 0) == 0,
            or_(places == 0, and_(places == 1, not_(has_codes))),
        ),
        thing=case(
            (or_(on_phone > 0, has_app), Thing.PHONE.value),
            (on_devices > 0, Thing.DEVICE.value),
            (has_codes, Thing.CODES.value),
            else_=Thing.NOTHING.value,
        ),
    )


def _filtered(wanted: LossFilter, fragile: _Fragile) -> Iterator[ColumnElement[bool]]:
    yield fragile.is_one_loss_away
    if wanted.thing:
        yield fragile.thing == wanted.thing.value
    if wanted.cohort_id:
        yield exists().where(
            col(Member.account_id) == col(Account.account_id),
            col(Member.cohort_id) == wanted.cohort_id,
            col(Member.launched_at).is_not(None),
        )


def _sound_passkeys(now: datetime) -> Subquery:
    """Of each account with sound passkeys: whether one is synced, whether one is on a phone, how many are elsewhere."""
    lives_on_phone = _lives_on_phone()
    return (
        select(
            col(Passkey.account_id),
            func.max(case((col(Passkey.backed_up), 1), else_=0)).label("synced"),
            func.max(case((lives_on_phone, 1), else_=0)).label("on_phone"),
            func.sum(case((lives_on_phone, 0), else_=1)).label("on_devices"),
        )
        .where(
            col(Passkey.last_used_at).is_not(None),
            col(Passkey.lowered_at).is_(None),
            is_established(Passkey, now),
            *passkeys.is_active(),
        )
        .group_by(col(Passkey.account_id))
        .subquery()
    )


def _has_codes(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(RecoveryCode.account_id) == col(Account.account_id),
        col(RecoveryCode.proven_at).is_not(None),
        is_established(RecoveryCode, now),
        *recovery_codes.works_now(),
    )


def _has_app(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(AuthenticatorApp.account_id) == col(Account.account_id),
        is_established(AuthenticatorApp, now),
        *authenticator_apps.works_now(),
    )


def _lives_on_phone() -> ColumnElement[bool]:
    """`domain.upkeep.possessions.lives_on_phone` as a condition; transports are a JSON list of short words."""
    transports = cast(col(Passkey.transports), String)
    is_security_key = or_(
        *(transports.contains(f'"{transport}"') for transport in sorted(SECURITY_KEY_TRANSPORTS))
    )
    is_computer = or_(*(func.lower(col(Passkey.platform)).startswith(name) for name in COMPUTERS))
    return or_(transports.contains('"hybrid"'), not_(or_(is_computer, is_security_key)))


def _described(
    session: Session, listed_rows: Sequence[Row[datetime | None, str, str]], *, now: datetime
) -> tuple[OneLossAway, ...]:
    described = list_rows.describe(session, [account_id for _, account_id, _ in listed_rows], now=now)
    return tuple(
        OneLossAway(person=described[account_id], thing=Thing(thing), since=since)
        for since, account_id, thing in listed_rows
        if since
    )


def _cells(line: OneLossAway) -> tuple[str, ...]:
    person = line.person
    return (
        person.external_id,
        person.account_id,
        line.thing,
        person.sms,
        line.since.isoformat(),
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
    )
