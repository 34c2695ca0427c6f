"""Whoever has an app in place of a passkey is counted alike by every query, as the domain has it; so SMS goes."""

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import NotSafeYet
from domain.facts import Facts, Milestone, SmsState
from domain.milestones import is_proven_by_app, missing, next_milestone, reached
from domain.policy import InsteadOfPasskey, Policy, SecondRoute
from store import Database, Session
from store.figures import adoption, census
from store.host import prompts
from store.journeys import facts, policies, sms
from store.people import accounts, authenticator_apps
from store.rollouts import measurements
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_app,
    make_cohort,
    make_journey,
    make_member,
    make_passkey,
    make_policy,
    make_recovery_codes,
    send_everything,
)
from tests.store.journeys.test_milestones import waiting

DAYS = [START.date() - timedelta(days=1), START.date()]
WEEK = timedelta(days=7)
POLICIES = [
    make_policy(
        name=f"{instead}, {days} days, {routes}",
        proving_days=days,
        second_routes=routes,
        instead_of_passkey=instead,
    )
    for instead in InsteadOfPasskey
    for days in (1, 2)
    for routes in (
        (SecondRoute.RECOVERY_CODES, SecondRoute.AUTHENTICATOR_APP),
        (SecondRoute.RECOVERY_CODES,),
    )
]
APPS: list[dict[str, Any] | None] = [None, {}, {"days_used": 2}, {"removed_at": START}, {"held_at": START}]
PASSKEYS: list[list[dict[str, Any]]] = [[], [{}], [{"used_on": DAYS[:1]}], [{"used_on": DAYS}]]


def live(session: Session, cohort_id: str, policy: Policy) -> list[str]:
    """Somebody on the way by a policy in every state that it tells apart."""
    account_ids = []
    for app, lacks_device, keys, has_codes in itertools.product(APPS, (True, False), PASSKEYS, (True, False)):
        lacks = {"lacks_device_since": START} if lacks_device else {}
        account_id = make_account(session, email_verified_at=START, **lacks).account_id
        make_journey(session, account_id, policy)
        make_member(session, cohort_id, account_id)
        for passkey in keys:
            make_passkey(session, account_id, **passkey)
        if app is not None:
            make_app(session, account_id, **app)
        if has_codes:
            make_recovery_codes(session, account_id)
        account_ids.append(account_id)
    return account_ids


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_query_counts_as_the_domain_does(database: Database, policy: Policy) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(policy=policy))
        account_ids = live(session, cohort_id, policy)
    with database.reading() as session:
        read = facts.read_many(session, account_ids)
        for milestone in Milestone:
            expected = {each for each, known in read.items() if next_milestone(known, policy) is milestone}
            assert waiting(session, milestone) == expected
        _census_agrees(session, read, policy)
        funnel = measurements.together(measurements.funnel(session, cohort_id))
        for milestone in Milestone:
            count = sum(reached(milestone, known, policy) for known in read.values())
            assert getattr(funnel, milestone) == count
        by_app = sum(is_proven_by_app(known, policy) for known in read.values())
        assert funnel.by_app == by_app
        assert bool(by_app) is (policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP)
        steps = adoption.read(session, now=START, days=1).steps
        assert (steps["by_app"], steps["passkey_proven"]) == (by_app, funnel.passkey_proven)
        for account_id, known in read.items():
            case = prompts.find(session.connection(), accounts.get(session, account_id).external_id)
            assert case
            assert missing(case.facts, policy) == missing(known, policy)


def _census_agrees(session: Session, read: dict[str, Facts], policy: Policy) -> None:
    numbers: Counter[tuple[str, ...]] = Counter()
    for row in census.take(session, now=START):
        numbers[missing(row.facts, policy)] += row.accounts
    assert numbers == Counter(missing(known, policy) for known in read.values())


def test_a_prompt_knows_on_which_day_the_app_was_used_last(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        make_app(session, account.account_id)
        case = prompts.find(session.connection(), account.external_id)
    assert case
    assert case.last_day == START.date()


def test_text_codes_go_on_a_proof_that_says_by_what(database: Database) -> None:
    policy = make_policy(instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP, notice=WEEK, probation=WEEK)
    with database.transaction() as session:
        account = make_account(session, email_verified_at=START, progress_at=START, lacks_device_since=START)
        account_id = account.account_id
        policies.store(session, policy, at=START)
        make_journey(session, account_id, policy)
        app_id = make_app(session, account_id, days_used=2).app_id
        make_recovery_codes(session, account_id)
        sms.give_notice(session, account_id, policy, at=START)
        send_everything(session, account_id)
    with database.transaction() as session:
        sms.suspend(session, account_id, policy, at=START + WEEK)
    with database.reading() as session:
        assert accounts.get(session, account_id).sms == SmsState.SUSPENDED
        [proof] = sms.proofs(session, account_id)
    assert proof.evidence["instead_of_passkey"] == "authenticator_app"
    assert proof.evidence["phishing_resistant"] is False
    assert (proof.evidence["proven_passkeys"], proof.evidence["app_days"]) == (0, 2)
    with database.transaction() as session:
        app = authenticator_apps.find(session, account_id, app_id)
        assert app
        authenticator_apps.hold(session, app, at=START)
    with pytest.raises(NotSafeYet, match="passkey_enrolled"), database.transaction() as session:
        sms.remove(session, account_id, policy, at=START + 2 * WEEK)
