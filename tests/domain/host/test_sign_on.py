"""When a host's request is met, and where its person goes next."""

from datetime import timedelta

import pytest

from domain.facts import Method
from domain.host.sign_on import (
    Shown,
    SignOnAnswer,
    Turn,
    Wish,
    acr_of,
    amr_of,
    answer_of,
    is_enough,
    is_verified_by,
    turn,
)
from tests.clocks import START

MINUTE = timedelta(minutes=1)


def shown(method: Method = Method.SMS, *, has_passkeys: bool = True, is_expected: bool = True) -> Shown:
    return Shown(method=method, at=START, is_expected=is_expected, has_passkeys=has_passkeys)


def test_the_set_up_takes_any_session() -> None:
    assert is_enough(Wish.SET_UP, shown(), not_before=None, began_at=START + MINUTE)


def test_a_passkey_is_asked_for_once_where_there_is_one() -> None:
    later, earlier = START + MINUTE, START - MINUTE
    assert not is_enough(Wish.PASSKEY, shown(), not_before=None, began_at=later)
    assert is_enough(Wish.PASSKEY, shown(), not_before=None, began_at=earlier)
    assert is_enough(Wish.PASSKEY, shown(Method.PASSKEY), not_before=None, began_at=later)
    assert is_enough(Wish.PASSKEY, shown(has_passkeys=False), not_before=None, began_at=later)


def test_an_older_sign_in_and_another_person_are_never_enough() -> None:
    for wish in Wish:
        assert not is_enough(wish, shown(Method.PASSKEY), not_before=START + MINUTE, began_at=START)
        assert not is_enough(wish, shown(is_expected=False), not_before=None, began_at=START)


def test_everybody_has_one_next_turn() -> None:
    assert turn(Wish.SET_UP, is_enough=False, has_next_step=True) is Turn.SIGN_IN
    assert turn(Wish.SET_UP, is_enough=True, has_next_step=True) is Turn.SET_UP
    assert turn(Wish.SET_UP, is_enough=True, has_next_step=False) is Turn.BACK
    assert turn(Wish.PASSKEY, is_enough=True, has_next_step=True) is Turn.BACK


def test_whoever_goes_back_without_a_word_has_put_off_what_is_left() -> None:
    assert answer_of(Wish.SET_UP, has_next_step=True) is SignOnAnswer.LATER
    assert answer_of(Wish.SET_UP, has_next_step=False) is SignOnAnswer.DONE
    assert answer_of(Wish.PASSKEY, has_next_step=True) is SignOnAnswer.SIGNED_IN


@pytest.mark.parametrize("method", Method)
def test_every_method_has_a_name_for_hosts(method: Method) -> None:
    assert acr_of(method) == (Wish.PASSKEY if method is Method.PASSKEY else "urn:offramp:other")
    assert isinstance(amr_of(method, is_synced=True), tuple)


def test_a_synced_passkey_is_kept_in_software() -> None:
    assert amr_of(Method.PASSKEY, is_synced=True)[0] == "swk"
    assert amr_of(Method.PASSKEY, is_synced=False)[0] == "hwk"


def test_a_verifier_is_verified_as_the_standard_says() -> None:
    """The example of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert is_verified_by(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert not is_verified_by(verifier[:-1] + "l", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert not is_verified_by("x" * 42, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
