"""What SQL says of milestones is what the domain says of the facts."""

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import and_, col

from domain.facts import Milestone
from domain.journey import JourneyOutcome
from domain.policy import Policy, SecondRoute
from store import Database, Session
from store.desk import list_rows
from store.journeys import journeys, policies
from store.journeys.journeys import Journey
from store.journeys.milestones import waits_for
from store.people.accounts import Account
from tests.ceremonies import PagePeople
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy

DAYS = [START.date() - timedelta(days=1), START.date()]
POLICIES = [
    make_policy(name=f"{days} days, {route}", proving_days=days, second_routes=(route,))
    for days, route in itertools.product((1, 2), SecondRoute)
]
PASSKEYS: list[list[dict[str, Any]]] = [
    [],
    [{}],
    [{"used_on": DAYS[:1]}],
    [{"used_on": DAYS, "is_held": True}],
    [{"used_on": DAYS, "is_removed": True}],
    [{"used_on": DAYS, "is_synced": True}],
    [{"used_on": DAYS}, {}],
]
CODES: list[dict[str, bool] | None] = [None, {"is_proven": False}, {}, {"is_held": True}]


def live(session: Session, people: PagePeople, policy: Policy) -> list[str]:
    """Somebody on the way by a policy in every state that it tells apart."""
    account_ids = []
    for passkeys, codes in itertools.product(PASSKEYS, CODES):
        account_id = make_account(session, email_verified_at=START).account_id
        make_journey(session, account_id, policy)
        for passkey in passkeys:
            people.make_passkey(session, account_id, **passkey)
        if codes is not None:
            people.make_recovery_codes(session, account_id, **codes)
        account_ids.append(account_id)
    return account_ids


def waiting(session: Session, milestone: Milestone) -> set[str]:
    whose = col(Account.account_id)
    running = and_(col(Journey.account_id) == whose, col(Journey.outcome).is_(None))
    query = select(whose).join(Journey, running, isouter=True)
    rules = policies.every(session)
    return set(session.execute(query.where(waits_for(milestone, rules, account_id=whose))).scalars())


def test_who_waits_for_a_milestone_is_as_the_domain_has_it(database: Database, people: PagePeople) -> None:
    with database.transaction() as session:
        account_ids = [account_id for policy in POLICIES for account_id in live(session, people, policy)]
        account_ids.append(make_account(session).account_id)
        make_journey(session, account_ids[-1])
        account_ids.append(make_account(session).account_id)
        ended = live(session, people, POLICIES[0])
        for account_id in ended:
            journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    with database.reading() as session:
        described = list_rows.describe(session, account_ids + ended, now=START)
        expected = {account_id: described[account_id].milestone for account_id in account_ids + ended}
        assert set(expected.values()) == {None, *Milestone}
        for milestone in Milestone:
            assert waiting(session, milestone) == {
                account_id for account_id, next_ in expected.items() if next_ is milestone
            }


def test_without_any_policy_nobody_waits(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        assert waiting(session, Milestone.EMAIL_VERIFIED) == set()
