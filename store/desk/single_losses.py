"""Lists and counts who is one loss away from being locked out: the rule of `domain.upkeep.single_loss` as a query.

It is about accounts whose text-message codes are off. While they are on, the journey sees to a second way in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    case,
    cast,
    exists,
    func,
    select,
    text,
)
from sqlmodel import Session, and_, col, not_, or_

from domain.counting import Placement
from domain.desk.stuck_filters import Mark
from domain.upkeep.possessions import PHONES, SECURITY_KEY_TRANSPORTS, Thing
from store.desk import list_rows
from store.desk.list_rows import ListRow
from store.engine.spreadsheets import harmless
from store.people import passkeys, recovery_codes
from store.people.accounts import Account
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
    described = list_rows.describe(session, [account_id for _, account_id, _ in listed_rows[:limit]], now=now)
    people = tuple(
        OneLossAway(person=described[account_id], thing=Thing(thing), since=since)
        for since, account_id, thing in listed_rows[:limit]
    )
    if len(listed_rows) <= limit:
        return OneLossPage(people=people)
    return OneLossPage(
        people=people, after=Mark(at=people[-1].since, account_id=people[-1].person.account_id)
    )


def listing(
    wanted: LossFilter, *, now: datetime, after: Mark | None, limit: int
) -> Select[datetime | None, str, str]:
    """The query behind one page."""
    query = select(col(Account.sms_since), col(Account.account_id), _thing(now)).where(
        is_one_loss_away(now), *_filtered(wanted, now)
    )
    if after:
        since = col(Account.sms_since)
        is_behind = or_(since > after.at, col(Account.account_id) > after.account_id)
        query = query.where(since >= after.at, is_behind)
    return query.order_by(col(Account.sms_since), col(Account.account_id)).limit(limit)


def counts(session: Session, *, now: datetime, cohort_id: str | None = None) -> dict[Thing, int]:
    """How many accounts hang on each kind of thing."""
    thing = _thing(now).label("thing")
    conditions = (is_one_loss_away(now), *_filtered(LossFilter(cohort_id=cohort_id), now))
    things = select(thing).where(*conditions).subquery()
    query = select(things.c.thing, func.count()).group_by(things.c.thing)
    by_thing = {Thing(name): accounts for name, accounts in session.execute(query)}
    return {each: by_thing.get(each, 0) for each in Thing}


def census(session: Session, *, now: datetime) -> Mapping[tuple[Placement, Thing], int]:
    """How many accounts hang on one thing, by cohort, wave and thing, in one statement."""
    launched, held_out = placement.launched(), placement.held_out()
    places = (
        select(
            _thing(now).label("thing"),
            launched.c.cohort_id.label("launched"),
            launched.c.wave,
            held_out.c.cohort_id.label("held_out"),
        )
        .select_from(Account)
        .outerjoin(launched, launched.c.account_id == col(Account.account_id))
        .outerjoin(held_out, held_out.c.account_id == col(Account.account_id))
        .where(is_one_loss_away(now))
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
    after: Mark | None = None
    while True:
        listed = page(session, wanted, now=now, after=after, limit=_AT_ONCE)
        yield from (harmless(_cells(fragile)) for fragile in listed.people)
        if listed.after is None:
            return
        after = listed.after


def is_one_loss_away(now: datetime) -> ColumnElement[bool]:
    """Whether an account without text-message codes hangs on one thing, or on nothing."""
    places = _on_phone(now) + _on_devices(now) + _on_paper(now)
    return and_(
        text("account.sms IN ('suspended', 'removed')"),  # as the index has it, so that it answers
        col(Account.deactivated_at).is_(None),
        not_(exists().where(*_sound(now), col(Passkey.backed_up))),
        places <= 1,
    )


def _filtered(wanted: LossFilter, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.thing:
        yield _thing(now) == wanted.thing.value
    if wanted.cohort_id:
        yield exists().where(
            col(Member.account_id) == col(Account.account_id),
            col(Member.cohort_id) == wanted.cohort_id,
            col(Member.launched_at).is_not(None),
        )


def _thing(now: datetime) -> ColumnElement[str]:
    """What an account hangs on that hangs on one thing."""
    return case(
        (_on_phone(now) > 0, Thing.PHONE.value),
        (_on_devices(now) > 0, Thing.DEVICE.value),
        (_on_paper(now) > 0, Thing.CODES.value),
        else_=Thing.NOTHING.value,
    )


def _on_phone(now: datetime) -> ColumnElement[int]:
    return case((exists().where(*_sound(now), _lives_on_phone()), 1), else_=0)


def _on_devices(now: datetime) -> ScalarSelect[int]:
    query = select(func.count()).select_from(Passkey)
    return query.where(*_sound(now), not_(_lives_on_phone())).correlate(Account).scalar_subquery()


def _on_paper(now: datetime) -> ColumnElement[int]:
    works = exists().where(
        col(RecoveryCode.account_id) == col(Account.account_id),
        col(RecoveryCode.proven_at).is_not(None),
        is_established(RecoveryCode, now),
        *recovery_codes.works_now(),
    )
    return case((works, 1), else_=0)


def _sound(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The passkeys of an account that are proven and established, and that no dispute has lowered."""
    return (
        col(Passkey.account_id) == col(Account.account_id),
        col(Passkey.last_used_at).is_not(None),
        col(Passkey.lowered_at).is_(None),
        is_established(Passkey, now),
        *passkeys.is_active(),
    )


def _lives_on_phone() -> ColumnElement[bool]:
    """`domain.upkeep.possessions.lives_on_phone` as a condition; transports are a JSON list of short words."""
    transports = cast(col(Passkey.transports), String)
    is_security_key = or_(
        *(transports.contains(f'"{transport}"') for transport in sorted(SECURITY_KEY_TRANSPORTS))
    )
    is_of_phone = and_(col(Passkey.platform).in_(sorted(PHONES)), not_(is_security_key))
    return or_(transports.contains('"hybrid"'), is_of_phone)


def _cells(fragile: OneLossAway) -> tuple[str, ...]:
    person = fragile.person
    return (
        person.external_id,
        person.account_id,
        fragile.thing,
        person.sms,
        fragile.since.isoformat(),
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
    )
