"""Keeps what a policy has promised to people, before a newer policy takes its place: no edit takes a promise back."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from domain import prompts
from domain.facts import Facts
from domain.policy import Policy
from domain.promises import promises
from domain.prompts import Skips
from store.journeys import facts, journeys
from store.people import accounts
from store.people.accounts import Account


def keep(session: Session, account_ids: Sequence[str], *, at: datetime) -> None:
    """Write down, on the accounts, what the policies of their running journeys have promised until now.

    The notice needs no writing down: what its letters have told is read out of them.
    """
    rows = [accounts.lock(session, account_id) for account_id in account_ids]
    facts_by_id = facts.read_many(session, account_ids) if rows else {}
    policies = journeys.policies_of(session, account_ids)
    for account in rows:
        if policy := policies.get(account.account_id):
            _keep(session, account, facts_by_id[account.account_id], policy, at)
    session.flush()


def skips_told(account: Account) -> Skips | None:
    """How often, and until when, an earlier policy let the person put the prompt off; None if there was none."""
    if account.skips_told is None:
        return None
    return Skips(allowed=account.skips_told, until=account.skips_told_until)


def _keep(session: Session, account: Account, account_facts: Facts, policy: Policy, at: datetime) -> None:
    promised = promises(account_facts, policy, at)
    account.removal_not_before = promised.removal_not_before
    account.cools_off_until = promised.cools_off_until
    if _may_have_seen_the_prompt(session, account):
        skips = prompts.skips(account_facts, policy, at, promised=skips_told(account))
        account.skips_told, account.skips_told_until = skips.allowed, skips.until
    session.add(account)


def _may_have_seen_the_prompt(session: Session, account: Account) -> bool:
    """A browser without scripts does not tell that it showed the prompt, but the prompt comes after a sign-in."""
    journey, signed_in_at = journeys.find(session, account.account_id), account.last_sign_in_at
    has_signed_in = bool(journey and signed_in_at and signed_in_at >= journey.started_at)
    return has_signed_in or account.exposed_at is not None or account.skips_used > 0
