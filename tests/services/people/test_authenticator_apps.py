"""An app's code as a proof for other services, and what a dispute does with an app that was there or is new."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.authenticator_apps import STEP
from domain.codes import TRIES
from domain.errors import CodeRejected, GuessedTooOften
from domain.safety.disputes import Did, DisputeSubject
from domain.safety.objections import Outcome
from domain.trust import Change, Way
from providers.sealing import FernetSeal
from services.people import authenticator_apps
from services.people.authenticator_apps import AppProof
from services.safety import shared_effects
from store import Database
from store.people import authenticator_apps as kept_apps
from store.people import trust, waiting_changes
from store.people.authenticator_apps import AuthenticatorApp
from tests.clocks import FakeClock
from tests.phone_apps import PhoneApp
from tests.services.safety.players import Player, tries
from tests.services.safety.trust_stage import TrustStage, make_stage

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> TrustStage:
    """An account with a verified address."""
    return make_stage(database, clock, email_verified_at=clock())


@pytest.fixture
def owner(stage: TrustStage) -> Player:
    owner = Player(stage, "the owner", mailboxes={stage.account.email or ""})
    owner.signs_in_by_text()
    return owner


def working(stage: TrustStage) -> list[AuthenticatorApp]:
    with stage.database.reading() as session:
        return list(kept_apps.working(session, stage.account_id))


def prove(stage: TrustStage, typed: str) -> AppProof | CodeRejected | GuessedTooOften:
    with stage.database.transaction() as session:
        return authenticator_apps.prove(session, stage.services, stage.account_id, typed)


def app_of(player: Player) -> PhoneApp:
    assert player.app
    return player.app


def test_a_code_is_a_proof_once_and_says_how_far_its_app_is_trusted(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    clock.advance(STEP)
    code = app_of(owner).code(clock())
    proof = prove(stage, f" {code[:3]} {code[3:]} ")
    assert isinstance(proof, AppProof)
    [app] = working(stage)
    assert (proof.app_id, proof.trust) == (app.app_id, trust.of_row(app))
    assert not proof.trust.is_established(clock())
    assert isinstance(prove(stage, code), CodeRejected)


def test_a_proof_of_a_caller_that_goes_back_uses_nothing_up(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    clock.advance(STEP)
    code = app_of(owner).code(clock())

    def fails() -> None:
        with stage.database.transaction() as session:
            authenticator_apps.prove(session, stage.services, stage.account_id, code)
            raise LookupError

    assert not tries(fails)
    assert isinstance(prove(stage, code), AppProof)


def test_wrong_proofs_are_counted_and_make_one_wait(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    clock.advance(STEP)
    right = app_of(owner).code(clock())
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(TRIES + 1):
        assert isinstance(prove(stage, wrong), CodeRejected)
    assert isinstance(prove(stage, right), GuessedTooOften)
    clock.advance(timedelta(minutes=1))
    assert isinstance(prove(stage, app_of(owner).code(clock())), AppProof)
    clock.advance(2 * STEP)
    assert isinstance(prove(stage, wrong), CodeRejected)  # and not too often: the count has begun anew


def test_an_account_without_an_app_proves_nothing(stage: TrustStage) -> None:
    assert isinstance(prove(stage, "123456"), CodeRejected)


def test_what_waits_for_a_successor_goes_when_that_is_established(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    stage.deliver()
    stage.let_pass(stage.policy.cooling_off + DAY)
    [first] = working(stage)
    assert trust.of_row(first).is_established(clock())
    owner.signs_in_by_text()
    owner.sets_up_app()
    stage.deliver()
    assert len(working(stage)) == 2
    stage.let_pass(stage.policy.cooling_off + DAY)
    [second] = working(stage)
    assert second.app_id != first.app_id
    with stage.database.reading() as session:
        assert not waiting_changes.subjects(session, stage.account_id, Change.BIND_AUTHENTICATOR_APP)


def test_an_app_that_a_thief_asks_to_remove_stays_when_its_owner_objects(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    stage.deliver()
    stage.let_pass(stage.policy.cooling_off + DAY)
    thief = Player(stage, "the thief", mailboxes={stage.account.phone or ""})
    thief.signs_in_by_text()
    thief.removes_app()
    stage.deliver()
    assert owner.objects_to(thief)
    stage.let_pass(2 * stage.policy.cooling_off)
    assert [app.bound_in in owner.session_ids for app in working(stage)] == [True]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_disputed_app_is_held_and_then_gone_or_back(
    stage: TrustStage, owner: Player, outcome: Outcome
) -> None:
    thief = Player(stage, "the thief", mailboxes={stage.account.phone or ""})
    thief.signs_in_by_text()
    thief.sets_up_app()
    stage.deliver()
    [app] = working(stage)
    assert owner.objects_to(thief)
    assert not working(stage)
    [objection] = stage.objections()
    held = [
        effect
        for effect in shared_effects.read_effects(objection)
        if effect.subject is DisputeSubject.AUTHENTICATOR_APP
    ]
    assert [(effect.subject_id, effect.did) for effect in held] == [(app.app_id, Did.HELD)]
    stage.settle(objection, outcome)
    assert [each.app_id for each in working(stage)] == ([app.app_id] if outcome is Outcome.DISMISSED else [])
    with stage.database.reading() as session:
        kept = kept_apps.look_up(session, app.app_id)
    assert kept
    assert (kept.removed_at is not None) is (outcome is Outcome.UPHELD)


def test_an_app_that_a_thief_had_removed_comes_back(stage: TrustStage, owner: Player) -> None:
    thief = Player(stage, "the thief", mailboxes={stage.account.phone or ""})
    thief.signs_in_by_text()
    owner.signs_in_by_text()
    owner.sets_up_app()
    thief.removes_app()
    stage.deliver()
    assert not working(stage)
    assert owner.objects_to(thief)
    assert [app.bound_in in owner.session_ids for app in working(stage)] == [True]


def test_whoever_came_in_by_an_app_is_out_when_it_is_removed(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    elsewhere = Player(stage, "elsewhere", app=owner.app)
    clock.advance(STEP)
    elsewhere.signs_in_by_app()
    assert elsewhere.is_in
    owner.removes_app()
    assert not elsewhere.is_in
    assert owner.is_in


def test_what_an_app_has_bound_inherits_its_root_and_waits(
    stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    [app] = working(stage)
    clock.advance(STEP)
    owner.signs_in_by_app()
    owner.binds()
    [passkey] = stage.passkeys()
    assert (passkey.root, passkey.rooted_at) == (app.root, app.rooted_at)
    assert passkey.way == Way.NOTICE


def test_a_secret_whose_key_is_in_no_ring_any_more_opens_nothing_and_breaks_nothing(
    database: Database, stage: TrustStage, owner: Player, clock: FakeClock
) -> None:
    owner.sets_up_app()
    clock.advance(STEP)
    services = replace(stage.services, seal=FernetSeal("another key of the tests, long enough"))
    code = app_of(owner).code(clock())
    with database.transaction() as session:
        answer = authenticator_apps.prove(session, services, stage.account_id, code)
    assert isinstance(answer, CodeRejected)
