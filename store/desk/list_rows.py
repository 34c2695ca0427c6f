"""The rows of lists of accounts: where each account stands, what stops it, and its masked contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.desk.stuck import Hurdle
from domain.facts import Facts, Milestone, SmsState
from domain.masking import masked_email, masked_phone
from domain.milestones import next_milestone
from domain.policy import Policy
from store.desk import obstacles
from store.journeys import facts, journeys
from store.rollouts.cohorts import StoredCohort
from store.rollouts.members import Member


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One account in a list. `policy` is None unless its journey runs; `milestone` is what the journey waits for."""

    account_id: str
    external_id: str
    phone: str | None
    email: str | None
    sms: SmsState
    policy: str | None
    milestone: Milestone | None
    hurdles: tuple[Hurdle, ...]
    cohort: str | None
    wave: int | None
    progress_at: datetime | None


def describe(session: Session, account_ids: Sequence[str], *, now: datetime) -> dict[str, ListRow]:
    """The rows of several accounts, by account id, with as many queries as for one; raises Unknown."""
    if not account_ids:
        return {}
    rows = facts.gather(session, account_ids)
    facts_by_id = {account_id: facts.from_rows(rows, account_id) for account_id in rows.accounts}
    rules = journeys.rules(session, rows.journeys)
    hurdles = obstacles.of_accounts(session, rows, rules, now=now)
    places = _places(session, account_ids)
    return {
        account_id: ListRow(
            account_id=account_id,
            external_id=row.external_id,
            phone=masked_phone(row.phone),
            email=masked_email(row.email),
            sms=SmsState(row.sms),
            policy=rules[account_id].name if account_id in rules else None,
            milestone=_milestone(facts_by_id[account_id], rules.get(account_id)),
            hurdles=hurdles.get(account_id, ()),
            cohort=places.get(account_id, (None, None))[0],
            wave=places.get(account_id, (None, None))[1],
            progress_at=row.progress_at,
        )
        for account_id, row in rows.accounts.items()
    }


def _milestone(account_facts: Facts, policy: Policy | None) -> Milestone | None:
    return next_milestone(account_facts, policy) if policy else None


def _places(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """The cohorts that have launched accounts, and the waves."""
    query = (
        select(Member.account_id, StoredCohort.name, Member.wave)
        .join(StoredCohort, col(StoredCohort.cohort_id) == Member.cohort_id)
        .where(col(Member.account_id).in_(account_ids), col(Member.launched_at).is_not(None))
    )
    return {account_id: (name, wave) for account_id, name, wave in session.exec(query)}
