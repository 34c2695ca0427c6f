"""Lists the people who are exempt, with the reason and the end; the exemption that ends next comes first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, and_, col, or_

from domain.desk.acts import Rest
from domain.desk.stuck_filters import Mark
from store.desk import list_rows
from store.desk.list_rows import ListRow
from store.engine.spreadsheets import harmless
from store.people.accounts import Account
from store.people.exemptions import EXEMPTIONS, is_exempt

COLUMNS = ("external_id", "account_id", "exempt_for", "until", "milestone", "sms", "cohort", "wave", "policy")

_COLUMNS = (col(Account.rests_until), col(Account.account_id), col(Account.rest))
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Exempt:
    """One person whom support has exempted."""

    person: ListRow
    rest: Rest
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ExemptPage:
    """One page of the list; `after` is the mark for the next page, and None on the last."""

    people: tuple[Exempt, ...]
    after: Mark | None = None


def page(
    session: Session, rest: Rest | None, *, now: datetime, after: Mark | None = None, limit: int = 50
) -> ExemptPage:
    """The next people who are exempt for one reason, or for any."""
    rows = session.execute(listing(rest, now=now, after=after, limit=limit + 1)).all()
    described = list_rows.describe(session, [account_id for _, account_id, _ in rows[:limit]], now=now)
    people = tuple(
        Exempt(person=described[account_id], rest=Rest(why), until=until)
        for until, account_id, why in rows[:limit]
    )
    if len(rows) <= limit:
        return ExemptPage(people=people)
    return ExemptPage(people=people, after=Mark(at=people[-1].until, account_id=people[-1].person.account_id))


def listing(
    rest: Rest | None, *, now: datetime, after: Mark | None, limit: int
) -> Select[datetime | None, str, str | None]:
    """The query behind one page."""
    query = select(*_COLUMNS).where(
        is_exempt(now, [exemption for exemption in EXEMPTIONS if rest in (None, exemption)])
    )
    if after:
        query = query.where(_behind(after))
    return query.order_by(col(Account.rests_until), col(Account.account_id)).limit(limit)


def counts(session: Session, *, now: datetime) -> dict[Rest, int]:
    """How many people are exempt for each reason. Members exempt people by hand, so there are few to count."""
    query = select(col(Account.rest), func.count()).where(is_exempt(now)).group_by(col(Account.rest))
    by_rest = {Rest(why): people for why, people in session.execute(query) if why}
    return {rest: by_rest.get(rest, 0) for rest in EXEMPTIONS}


def rows(session: Session, rest: Rest | None, *, now: datetime) -> Iterator[tuple[str, ...]]:
    """The list as rows of a file: a header, then everybody. Contacts are left out, not masked."""
    yield COLUMNS
    after: Mark | None = None
    while True:
        exempt_page = page(session, rest, now=now, after=after, limit=_AT_ONCE)
        yield from (harmless(_cells(exempt)) for exempt in exempt_page.people)
        if exempt_page.after is None:
            return
        after = exempt_page.after


def _behind(after: Mark) -> ColumnElement[bool]:
    until = col(Account.rests_until)
    return and_(until >= after.at, or_(until > after.at, col(Account.account_id) > after.account_id))


def _cells(exempt: Exempt) -> tuple[str, ...]:
    person = exempt.person
    return (
        person.external_id,
        person.account_id,
        exempt.rest,
        exempt.until.isoformat(),
        person.milestone or "",
        person.sms,
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
        person.policy or "",
    )
