"""Codes of authenticator apps are those of RFC 6238, and the link says what an app asks for."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from domain.authenticator_apps import SECRET_BYTES, STEP, in_fours, step_of, steps_that_count
from providers.authenticator_apps import code_at, link, matching_step, new_secret
from tests.clocks import START

# RFC 6238, appendix B: the secret of the SHA-1 test vectors, and the last six of the eight digits that it gives.
VECTORS_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert code_at(VECTORS_SECRET, seconds // 30) == code


def test_a_secret_has_160_random_bits() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {SECRET_BYTES}


def test_the_present_step_and_one_on_either_side_count_unless_they_were_used() -> None:
    now = step_of(START)
    assert steps_that_count(START, after=0) == (now - 1, now, now + 1)
    assert steps_that_count(START, after=now - 1) == (now, now + 1)
    assert steps_that_count(START, after=now + 1) == ()
    assert step_of(START + STEP) == now + 1


def test_a_code_is_of_the_step_that_shows_it_and_of_no_other() -> None:
    now = step_of(START)
    codes = {step: code_at(VECTORS_SECRET, step) for step in range(now - 2, now + 3)}
    assert len(set(codes.values())) == 5
    counting = steps_that_count(START, after=0)
    for step, code in codes.items():
        assert matching_step(VECTORS_SECRET, code, counting) == (step if step in counting else None)
    assert matching_step(VECTORS_SECRET, "", counting) is None
    assert matching_step(VECTORS_SECRET, codes[now], ()) is None


def test_the_link_names_service_and_account_and_leaves_out_what_every_app_takes_for_granted() -> None:
    parts = urlsplit(link(VECTORS_SECRET, service="Example & Söhne", name="ada@example.org"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Example & Söhne:ada@example.org"
    assert parse_qs(parts.query) == {"secret": [VECTORS_SECRET], "issuer": ["Example & Söhne"]}


def test_a_secret_is_read_off_in_groups_of_four() -> None:
    assert in_fours("ABCDEFGH") == "ABCD EFGH"
