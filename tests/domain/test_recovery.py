"""Which two proofs count, how long they wait, and what a request does next."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.presets import PRESETS, STANDARD
from domain.recovery import (
    FAILURES_FOR_ALL,
    Circumstances,
    Proof,
    RecoveryAct,
    RecoveryPlan,
    RecoveryStage,
    RecoveryState,
    established_from,
    lacking,
    may_hasten,
    may_stop,
    new_root,
    plan,
    rule_for,
    wait,
    without_email,
)
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.trust import Assurance, Bearer, Root
from tests.clocks import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODE, APP, HOST, EMAIL, SMS = (
    Proof(kind=ProofKind.RECOVERY_CODE, root=Root.SMS),
    Proof(kind=ProofKind.AUTHENTICATOR_APP, root=Root.HOST),
    Proof(kind=ProofKind.HOST, root=Root.HOST),
    Proof(kind=ProofKind.EMAIL, root=Root.HOST),
    Proof(kind=ProofKind.SMS, root=Root.SMS),
)
RULES = STANDARD.recovery
COOLING_OFF = STANDARD.cooling_off


def waits(*proofs: Proof, **circumstances: object) -> timedelta | None:
    rule = rule_for(proofs, RULES)
    return wait(rule, Circumstances(**circumstances), cooling_off=COOLING_OFF) if rule else None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("proofs", "expected"),
    [
        ((CODE, APP), timedelta()),
        ((CODE, HOST), timedelta()),
        ((APP, HOST), timedelta()),
        ((CODE, EMAIL), DAY),
        ((APP, EMAIL), DAY),
        ((HOST, EMAIL), DAY),
        ((APP, SMS), 3 * DAY),
        ((HOST, SMS), 3 * DAY),
        ((EMAIL, SMS), 7 * DAY),
        ((CODE, SMS), None),
        ((CODE,), None),
        ((), None),
        ((EMAIL, SMS, CODE), DAY),
        ((EMAIL, SMS, CODE, APP), timedelta()),
    ],
)
def test_the_strongest_pair_of_different_roots_decides(
    proofs: tuple[Proof, ...], expected: timedelta | None
) -> None:
    assert waits(*proofs) == expected
    assert waits(*reversed(proofs)) == expected


def test_two_of_one_kind_are_never_two() -> None:
    for proof in (CODE, APP, HOST, EMAIL, SMS):
        assert waits(proof, replace(proof, root=Root.STAFF)) is None


def test_staff_count_once() -> None:
    assert waits(replace(CODE, root=Root.STAFF), replace(EMAIL, root=Root.STAFF)) is None


@given(st.integers(0, 40), st.booleans(), st.booleans(), st.booleans())
def test_everything_but_a_known_browser_lengthens(
    failures: int, contact_changed: bool, disputed: bool, browser_known: bool
) -> None:
    circumstances = Circumstances(
        failures=failures,
        contact_changed=contact_changed,
        disputed=disputed,
        browser_known=browser_known,
    )
    for rule in RULES:
        total = wait(rule, circumstances, cooling_off=COOLING_OFF)
        own = rule.wait / 2 if browser_known else rule.wait
        assert total >= own
        assert total <= max(own, COOLING_OFF) + 3 * COOLING_OFF
        if failures or contact_changed or disputed:
            assert total > own


def test_each_failure_adds_its_part_and_all_add_one_cooling_off() -> None:
    for failures in range(FAILURES_FOR_ALL + 3):
        part = min(failures, FAILURES_FOR_ALL) / FAILURES_FOR_ALL
        assert waits(CODE, EMAIL, failures=failures) == DAY + part * COOLING_OFF


def test_two_weak_proofs_never_wait_less_than_the_cooling_off() -> None:
    assert waits(EMAIL, SMS, browser_known=True) == 3.5 * DAY
    quick = (RecoveryRule(proofs=(ProofKind.EMAIL, ProofKind.SMS), wait=HOUR),)
    rule = rule_for((EMAIL, SMS), quick)
    assert rule
    assert wait(rule, Circumstances(), cooling_off=COOLING_OFF) == COOLING_OFF


def test_without_email_no_pair_has_it() -> None:
    left = without_email(RULES)
    assert all(ProofKind.EMAIL not in rule.proofs for rule in left)
    assert len(left) == len(RULES) - 4
    assert rule_for((CODE, EMAIL), left) is None


def test_what_is_lacking_comes_in_the_order_of_how_soon_it_opens() -> None:
    assert set(lacking((), RULES)) == set(ProofKind)
    assert lacking((EMAIL,), RULES) == [
        ProofKind.RECOVERY_CODE,
        ProofKind.AUTHENTICATOR_APP,
        ProofKind.HOST,
        ProofKind.SMS,
    ]
    assert ProofKind.EMAIL not in lacking((EMAIL, SMS), RULES)
    assert lacking((SMS,), without_email(RULES))[-1] is ProofKind.HOST


@pytest.mark.parametrize("policy", PRESETS.values(), ids=PRESETS)
def test_every_preset_has_every_pair_once(policy: object) -> None:
    pairs = [frozenset(rule.proofs) for rule in policy.recovery]  # type: ignore[attr-defined]
    assert len(pairs) == len(set(pairs)) == 10


def test_the_new_passkey_goes_back_to_a_sim_or_to_the_recovery_and_never_to_the_host() -> None:
    assert new_root((EMAIL, CODE)) is Root.SMS
    assert new_root((EMAIL, replace(APP, root=Root.STAFF))) is Root.STAFF
    assert new_root((EMAIL, APP)) is Root.STAFF


def test_the_wait_of_the_request_is_the_cooling_off_where_an_owner_was_told() -> None:
    windows = {"cooling_off": 3 * DAY, "sim_swap_window": 7 * DAY}
    assert established_from(told_at=START, now=START + DAY, **windows) == START + 3 * DAY
    assert established_from(told_at=START, now=START + 9 * DAY, **windows) == START + 9 * DAY
    assert established_from(told_at=None, now=START, **windows) == START + 7 * DAY
    assert (
        established_from(told_at=None, now=START, cooling_off=9 * DAY, sim_swap_window=7 * DAY)
        == START + 9 * DAY
    )


def bearer(assurance: Assurance, *, is_lowered: bool = False) -> Bearer:
    return Bearer(assurance=assurance, root=Root.SMS, rooted_at=START, is_lowered=is_lowered)


def test_established_routes_stop_and_established_passkeys_hasten() -> None:
    assert [assurance for assurance in Assurance if may_stop(bearer(assurance))] == [
        Assurance.LOW,
        Assurance.HIGH,
    ]
    assert [assurance for assurance in Assurance if may_hasten(bearer(assurance))] == [Assurance.HIGH]
    assert not any(may_stop(bearer(assurance, is_lowered=True)) for assurance in Assurance)


def state(**changes: object) -> RecoveryState:
    begun = RecoveryState(recovery_id="r", account_id="a", number=1, version=1, ends_at=START + DAY)
    return replace(begun, **changes)  # type: ignore[arg-type]


def test_each_stage_has_its_next_act() -> None:
    assert plan(state()) == RecoveryPlan(act=RecoveryAct.LAPSE, at=START + DAY)
    waiting = state(stage=RecoveryStage.WAITING, tells_again_at=START + HOUR, opens_at=START + 2 * HOUR)
    assert plan(waiting) == RecoveryPlan(act=RecoveryAct.TELL_AGAIN, at=START + HOUR)
    told = replace(waiting, tells_again_at=None)
    assert plan(told) == RecoveryPlan(act=RecoveryAct.OPEN, at=START + 2 * HOUR)
    assert plan(state(stage=RecoveryStage.OPEN)) == RecoveryPlan(act=RecoveryAct.LAPSE, at=START + DAY)
    for stage in (RecoveryStage.DONE, RecoveryStage.STOPPED, RecoveryStage.LAPSED):
        assert stage.is_over
        assert plan(state(stage=stage)) == RecoveryPlan()


def test_a_later_version_and_a_later_epoch_supersede() -> None:
    assert state(version=2).supersedes(state())
    assert not state().supersedes(state())
    assert state(epoch=5).supersedes(state(version=99))
    assert not state(version=99).supersedes(state(epoch=5))
