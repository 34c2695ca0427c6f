"""Which ways in a loss leaves, and how long they take."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.inventory import OtherMethod
from domain.presets import STANDARD
from domain.recovery import Proof
from domain.recovery_rules import ProofKind
from domain.trust import Root
from domain.upkeep.drills import Loss, WayBack, ways_after_loss
from domain.upkeep.possessions import Possessions
from tests.domain.upkeep.owned import own_passkey, with_codes


def ways(own: Possessions, loss: Loss) -> list[WayBack]:
    return [timed.way for timed in ways_after_loss(own, loss, STANDARD)]


def test_a_phone_takes_its_texts_and_passkeys_along() -> None:
    own = Possessions(passkeys=(own_passkey(),), texts_sign_in=True)
    assert ways(own, Loss.PHONE) == ways(own, Loss.BOTH) == []
    assert ways(own, Loss.MAILBOX) == [WayBack.ANOTHER_PASSKEY, WayBack.TEXT_CODE]


def test_synced_passkeys_other_devices_and_paper_stay() -> None:
    laptop = own_passkey(passkey_id="p2", is_on_phone=False)
    own = with_codes(passkeys=(own_passkey(is_synced=True), laptop))
    assert ways(own, Loss.BOTH) == [WayBack.SYNCED_PASSKEY, WayBack.ANOTHER_PASSKEY, WayBack.RECOVERY_CODE]


def test_a_passkey_that_never_signed_in_is_no_way() -> None:
    assert ways(Possessions(passkeys=(own_passkey(is_synced=True, last_used_at=None),)), Loss.PHONE) == []


@pytest.mark.parametrize(
    ("method", "left"),
    [
        (OtherMethod.PASSWORD, {Loss.PHONE, Loss.MAILBOX, Loss.BOTH}),
        (OtherMethod.TOTP, {Loss.MAILBOX}),
        (OtherMethod.EMAIL_CODE, {Loss.PHONE}),
        (OtherMethod.PASSKEY, set()),
        (OtherMethod.OTHER, set()),
    ],
)
def test_the_hosts_own_login_counts_where_its_method_survives(method: OtherMethod, left: set[Loss]) -> None:
    own = Possessions(other_methods=frozenset({method}))
    assert {loss for loss in Loss if ways(own, loss) == [WayBack.HOST_LOGIN]} == left


def test_support_comes_last_and_takes_its_time() -> None:
    own = with_codes(can_be_rescued=True)
    timed = ways_after_loss(own, Loss.PHONE, STANDARD, rescue_delay=timedelta(hours=5))
    assert [(each.way, each.wait, each.is_own) for each in timed] == [
        (WayBack.RECOVERY_CODE, timedelta(), True),
        (WayBack.RESCUE, timedelta(hours=5), False),
    ]


def _proof(kind: ProofKind, root: Root = Root.HOST) -> Proof:
    return Proof(kind=kind, root=root)


PROOFS = (
    _proof(ProofKind.EMAIL),
    _proof(ProofKind.SMS, Root.SMS),
    _proof(ProofKind.RECOVERY_CODE, Root.SMS),
)


@pytest.mark.parametrize(
    ("loss", "days"),
    [(Loss.PHONE, 1), (Loss.MAILBOX, None), (Loss.BOTH, None)],
)
def test_two_proofs_that_are_left_get_somebody_back_in_after_the_policys_wait(
    loss: Loss, days: int | None
) -> None:
    own = Possessions(proofs=PROOFS, link_channels=frozenset(Channel))
    expected = [(WayBack.RECOVERY, timedelta(days=days))] if days else []
    timed = ways_after_loss(own, loss, STANDARD)
    assert [(each.way, each.wait) for each in timed] == expected
    assert all(each.is_own for each in timed)


def test_the_way_in_has_to_reach_somebody_and_an_address_may_not_count() -> None:
    strong = (_proof(ProofKind.RECOVERY_CODE), _proof(ProofKind.EMAIL))
    own = Possessions(proofs=strong, link_channels=frozenset({Channel.SMS}))
    assert not ways_after_loss(own, Loss.PHONE, STANDARD)
    own = replace(own, link_channels=frozenset({Channel.EMAIL}))
    assert ways_after_loss(own, Loss.PHONE, STANDARD)
    assert not ways_after_loss(own, Loss.PHONE, STANDARD, email_recovers=False)
