"""What SQL says of milestones is what the domain says of the facts."""

import itertools
from collections.abc import Callable
from datetime import timedelta

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
from store.people import recovery_codes
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import make_account, make_journey, make_passkey, make_policy, make_recovery_codes

DAYS = [START.date() - timedelta(days=1), START.date()]
POLICIES = [
    make_policy(name=f"{days} days, {route}", proving_days=days, second_routes=(route,))
    for days, route in itertools.product((1, 2), SecondRoute)
]
PASSKEYS: list[Callable[[Session, str], object]] = [
    lambda *_: None,
    lambda session, account_id: make_passkey(session, account_id),
    lambda session, account_id: make_passkey(session, account_id, used_on=DAYS[:1]),
    lambda session, account_id: make_passkey(session, account_id, used_on=DAYS, frozen_at=START),
    lambda session, account_id: make_passkey(session, account_id, used_on=DAYS, removed_at=START),
    lambda session, account_id: make_passkey(session, account_id, used_on=DAYS, backed_up=True),
    lambda session, account_id: (
        make_passkey(session, account_id, used_on=DAYS),
        make_passkey(session, account_id),
    ),
]
CODES: list[Callable[[Session, str], object]] = [
    lambda *_: None,
    lambda session, account_id: make_recovery_codes(session, account_id, proven=False),
    lambda session, account_id: make_recovery_codes(session, account_id),
    lambda session, account_id: hold_codes(session, account_id),
]


def hold_codes(session: Session, account_id: str) -> None:
    make_recovery_codes(session, account_id)
    [code] = recovery_codes.proven_sets_of(session, [account_id])[account_id]
    recovery_codes.hold_set(session, account_id, code.set_id, at=START)


def live(session: Session, policy: Policy) -> list[str]:
    """Somebody on the way by a policy in every state that it tells apart."""
    people = []
    for bind, keep in itertools.product(PASSKEYS, CODES):
        account_id = make_account(session, email_verified_at=START).account_id
        make_journey(session, account_id, policy)
        bind(session, account_id)
        keep(session, account_id)
        people.append(account_id)
    return people


def waiting(session: Session, milestone: Milestone) -> set[str]:
    whose = col(Account.account_id)
    running = and_(col(Journey.account_id) == whose, col(Journey.outcome).is_(None))
    query = select(whose).join(Journey, running, isouter=True)
    rules = policies.every(session)
    return set(session.execute(query.where(waits_for(milestone, rules, account_id=whose))).scalars())


def test_who_waits_for_a_milestone_is_as_the_domain_has_it(database: Database) -> None:
    with database.transaction() as session:
        people = [account_id for policy in POLICIES for account_id in live(session, policy)]
        people.append(make_account(session).account_id)
        make_journey(session, people[-1])
        people.append(make_account(session).account_id)
        ended = live(session, POLICIES[0])
        for account_id in ended:
            journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    with database.reading() as session:
        described = list_rows.describe(session, people + ended, now=START)
        expected = {person_id: described[person_id].milestone for person_id in people + ended}
        assert set(expected.values()) == {None, *Milestone}
        for milestone in Milestone:
            assert waiting(session, milestone) == {
                person_id for person_id, next_ in expected.items() if next_ is milestone
            }


def test_without_any_policy_nobody_waits(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        assert waiting(session, Milestone.EMAIL_VERIFIED) == set()
