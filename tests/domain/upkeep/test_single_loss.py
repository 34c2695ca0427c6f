"""Who is one loss away from being locked out."""

import pytest

from domain.upkeep.possessions import Possessions, Thing, lives_on_phone
from domain.upkeep.single_loss import single_loss
from tests.domain.upkeep.owned import own_passkey, with_codes


def test_one_phone_is_all_there_is() -> None:
    assert single_loss(Possessions(passkeys=(own_passkey(),))) is Thing.PHONE


def test_texts_and_passkeys_of_phones_are_lost_with_one_phone() -> None:
    phones = (own_passkey(passkey_id="p1"), own_passkey(passkey_id="p2"))
    assert single_loss(Possessions(passkeys=phones, texts_sign_in=True)) is Thing.PHONE


def test_a_synced_passkey_survives_the_phone() -> None:
    assert single_loss(Possessions(passkeys=(own_passkey(is_synced=True),))) is None


def test_codes_on_paper_and_a_phone_are_two_things() -> None:
    assert single_loss(with_codes(passkeys=(own_passkey(),))) is None


def test_codes_alone_are_one_paper() -> None:
    assert single_loss(with_codes()) is Thing.CODES


def test_two_devices_beside_phones_are_two_things_and_one_is_one() -> None:
    computers = [own_passkey(passkey_id=name, is_on_phone=False) for name in ("p1", "p2")]
    assert single_loss(Possessions(passkeys=tuple(computers))) is None
    assert single_loss(Possessions(passkeys=(computers[0],))) is Thing.DEVICE
    assert single_loss(Possessions(passkeys=(computers[0], own_passkey(passkey_id="p3")))) is None


@pytest.mark.parametrize("lacking", [{"last_used_at": None}, {"is_established": False}])
def test_what_is_not_proven_or_not_established_is_no_way_that_lasts(lacking: dict[str, None]) -> None:
    laptop = own_passkey(passkey_id="p2", is_on_phone=False, **lacking)
    synced = own_passkey(passkey_id="p3", is_synced=True, **lacking)
    assert single_loss(Possessions(passkeys=(own_passkey(), laptop, synced))) is Thing.PHONE
    assert single_loss(Possessions(passkeys=(laptop,))) is Thing.NOTHING


def test_codes_that_are_not_established_or_used_up_do_not_count() -> None:
    assert single_loss(with_codes(passkeys=(own_passkey(),), codes_are_established=False)) is Thing.PHONE
    assert single_loss(with_codes(passkeys=(own_passkey(),), codes_left=0)) is Thing.PHONE


def test_nothing_at_all_hangs_on_nothing() -> None:
    assert single_loss(Possessions()) is Thing.NOTHING


@pytest.mark.parametrize(
    ("platform", "transports", "is_phone"),
    [
        ("Android phone", ["internal", "hybrid"], True),
        ("Android phone", ["internal"], True),
        ("iPhone", [], True),
        ("Windows PC", ["hybrid", "internal"], True),
        ("Windows PC", ["internal"], False),
        ("Android phone", ["nfc"], False),
        ("iPhone", ["usb", "nfc"], False),
        ("Mac", [], False),
        ("macOS 15", [], False),
        ("Linux computer", ["internal"], False),
        ("", [], True),
        ("Device", ["internal"], True),
    ],
)
def test_where_a_passkey_lives(platform: str, transports: list[str], *, is_phone: bool) -> None:
    assert lives_on_phone(platform, transports) is is_phone
