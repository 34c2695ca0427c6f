"""When a host's request is met, and where its person goes next."""

from datetime import datetime, timedelta

import pytest

from domain.facts import Method
from domain.host.sign_on import (
    LONGEST_PARAMETER,
    Shown,
    SignOnAnswer,
    SignOnRefused,
    Turn,
    Wish,
    acr_of,
    amr_of,
    answer_of,
    is_enough,
    is_verified_by,
    read_request,
    single_values,
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


REQUEST = {
    "client_id": "shop",
    "redirect_uri": "https://shop.example/back",
    "response_type": "code",
    "scope": "profile openid",
    "code_challenge": "a" * 43,
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "e30"}, "request_not_supported"),
        ({"request_uri": "https://shop.example/request"}, "request_uri_not_supported"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile openids"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "a" * 42}, "invalid_request"),
        ({"code_challenge": "a" * 44}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"prompt": "login create"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"max_age": "1" * 10}, "invalid_request"),
    ],
)
def test_a_request_that_is_not_as_it_must_be_is_refused_by_its_name(
    changes: dict[str, str], error: str
) -> None:
    with pytest.raises(SignOnRefused) as refused:
        read_request(REQUEST | changes, now=START)
    assert refused.value.error == error
    assert str(refused.value)


@pytest.mark.parametrize(
    ("changes", "wish", "is_silent", "not_before"),
    [
        ({}, Wish.PASSKEY, False, None),
        ({"response_mode": "query", "prompt": "consent"}, Wish.PASSKEY, False, None),
        ({"prompt": "none"}, Wish.PASSKEY, True, None),
        ({"prompt": "login"}, Wish.PASSKEY, False, START),
        ({"prompt": "consent select_account", "max_age": "60"}, Wish.PASSKEY, False, START),
        ({"max_age": "60"}, Wish.PASSKEY, False, START - MINUTE),
        ({"max_age": "0"}, Wish.PASSKEY, False, START),
        ({"max_age": "1" * 9}, Wish.PASSKEY, False, START - timedelta(seconds=111_111_111)),
        ({"acr_values": "strange urn:offramp:setup urn:offramp:passkey"}, Wish.SET_UP, False, None),
    ],
)
def test_a_request_says_what_is_wished_whether_silently_and_how_old_a_sign_in_may_be(
    changes: dict[str, str], wish: Wish, is_silent: bool, not_before: datetime | None
) -> None:
    request = read_request(REQUEST | changes, now=START)
    assert (request.wish, request.is_silent, request.not_before) == (wish, is_silent, not_before)


def test_a_parameter_comes_once_and_is_not_too_long_and_an_empty_one_counts_as_none() -> None:
    longest = "a" * LONGEST_PARAMETER
    assert single_values([("state", longest), ("nonce", "")]) == {"state": longest}
    for pairs in ([("state", "1"), ("state", "1")], [("state", longest + "a")]):
        with pytest.raises(SignOnRefused, match="state"):
            single_values(pairs)
