"""Which ways in a loss leaves, and how long they take."""

from datetime import timedelta

import pytest

from domain.inventory import OtherMethod
from domain.presets import STANDARD
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
