"""A host vouches for somebody who wants to get back in."""

from datetime import timedelta

import pytest
from httpx2 import Response

from domain.host.keys import KeyScope
from domain.journal import Actor
from domain.recovery import RecoveryStage, StopReason
from domain.recovery_rules import ProofKind
from store.people import accounts
from store.people.accounts import Account
from store.safety import recoveries
from tests.api.host.keys import call, is_refused, key_for
from tests.api.recovery.stage import Recoverer, of, recoverer
from tests.api.world import World


@pytest.fixture
def account(world: World) -> Account:
    """Somebody whose phone is gone."""
    return world.account()


@pytest.fixture
def ada(world: World, account: Account) -> Recoverer:
    """That somebody, who has shown that they read the account's e-mail."""
    ada = recoverer(world, account)
    ada.prove_email()
    return ada


def vouch(world: World, external_id: str, reference: str) -> Response:
    key = key_for(world, KeyScope.RECOVERIES_WRITE)
    body = {"external_id": external_id, "reference": reference}
    return call(world, key, "POST", "/recoveries/vouch", json=body)


def shown_reference(world: World, account: Account) -> str:
    reference = of(world, account).reference
    return f"{reference[:4]} {reference[4:]}".upper()


def test_the_hosts_word_is_one_of_two_things(world: World, account: Account, ada: Recoverer) -> None:
    assert "/recover/host" not in ada.page()
    key_for(world, KeyScope.RECOVERIES_WRITE)
    assert "/recover/host" in ada.page()
    assert shown_reference(world, account).lower() in ada.browser.get("/recover/host").text
    assert vouch(world, account.external_id, shown_reference(world, account)).status_code == 204
    assert of(world, account).stage == RecoveryStage.WAITING
    assert of(world, account).opens_at == world.clock() + timedelta(days=1)
    assert "the word of our people" in ada.page()


def test_a_second_word_changes_nothing(world: World, account: Account, ada: Recoverer) -> None:
    reference = shown_reference(world, account)
    vouch(world, account.external_id, reference)
    version = of(world, account).version
    assert vouch(world, account.external_id, reference).status_code == 204
    assert of(world, account).version == version


def test_the_word_counts_for_the_request_that_was_named_and_for_no_other(
    world: World, account: Account, ada: Recoverer
) -> None:
    reference = shown_reference(world, account)
    thief = recoverer(world, account)
    thief.prove_sms()
    assert vouch(world, account.external_id, reference).status_code == 204
    with world.database.reading() as session:
        newest, first = recoveries.of_account(session, account.account_id)
        kinds = [proof.kind for proof in recoveries.proofs(session, newest.recovery_id)]
    assert kinds == [ProofKind.SMS]
    assert first.stage == RecoveryStage.WAITING
    assert newest.stage == RecoveryStage.GATHERING


@pytest.mark.parametrize("reference", ["aaaa bbbb", "", "x" * 40])
def test_a_reference_of_nothing_is_refused(
    world: World, account: Account, ada: Recoverer, reference: str
) -> None:
    assert vouch(world, account.external_id, reference).status_code in (404, 422)
    assert of(world, account).stage == RecoveryStage.GATHERING


def test_a_reference_works_for_its_own_account_alone(world: World, account: Account, ada: Recoverer) -> None:
    other = world.account()
    assert vouch(world, other.external_id, shown_reference(world, account)).status_code == 404
    assert vouch(world, "nobody", shown_reference(world, account)).status_code == 404


def test_a_request_that_is_over_takes_no_word(world: World, account: Account, ada: Recoverer) -> None:
    reference = shown_reference(world, account)
    with world.database.transaction() as session:
        accounts.lock(session, account.account_id)
        now = world.clock()
        recoveries.stop_all(session, account.account_id, StopReason.OBJECTED, at=now, actor=Actor.PERSON)
    assert is_refused(vouch(world, account.external_id, reference), 409, "recovery_over")


def test_another_scope_vouches_for_nobody(world: World, account: Account, ada: Recoverer) -> None:
    key = key_for(world, KeyScope.ACCOUNTS_WRITE, KeyScope.EVENTS_WRITE)
    body = {"external_id": account.external_id, "reference": shown_reference(world, account)}
    assert is_refused(call(world, key, "POST", "/recoveries/vouch", json=body), 403, "scope_missing")
