"""How far a host's word goes, by the methods that it names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.host.vouching import (
    LEEWAY,
    LONGEST_STATEMENT,
    Statement,
    StatementRejected,
    Vouched,
    read_statement,
    vouched,
)
from domain.trust import Assurance, Root

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def word(most: Assurance = Assurance.HIGH, **claims: Any) -> Vouched:
    statement = Statement(subject="ada", jti="1", expires_at=NOW + timedelta(minutes=4), claims=claims)
    return vouched(statement, most=most, now=NOW)


@pytest.mark.parametrize(
    "amr",
    [
        ["sms"],
        ["tel"],
        ["mca"],
        ["pwd", "mca"],
        ["pwd", "mfa", "sms"],
        ["otp", "sms"],
        ["phone-sms"],
        ["phone-voice"],
        ["PHONE_VOICE"],
        [],
        None,
        "pwd",
    ],
)
def test_what_goes_by_phone_is_rooted_in_text_messages(amr: Any) -> None:
    assert word(amr=amr).root is Root.SMS


@pytest.mark.parametrize(
    "name",
    [
        *("face", "fpt", "geo", "hwk", "iris", "kba", "mfa", "otp", "pin", "pop", "pwd", "rba", "retina"),
        *("sc", "swk", "user", "vbm", "wia"),
    ],
)
def test_every_other_method_of_rfc_8176_is_the_hosts_own(name: str) -> None:
    assert word(amr=[name]).root is Root.HOST


@pytest.mark.parametrize(
    "claims", [{"amr": ["hwk"]}, {"amr": ["swk", "sms"]}, {"amr": ["pwd"], "acr": "phr"}]
)
def test_what_nobody_can_read_out_goes_as_far_as_its_client_may(claims: dict[str, Any]) -> None:
    assert (word(**claims).assurance, word(**claims).root) == (Assurance.HIGH, Root.HOST)
    assert word(Assurance.LOW, **claims).assurance is Assurance.LOW


@pytest.mark.parametrize(
    "claims", [{"amr": ["otp"]}, {"amr": ["pwd", "mfa", "otp"]}, {"amr": ["otp"], "acr": "urn:x:loa2"}]
)
def test_a_code_that_a_device_computes_goes_no_further_than_a_text_message(claims: dict[str, Any]) -> None:
    assert word(**claims).assurance is Assurance.LOW


CLAIMS = {"iss": "shop", "aud": "https://id.example", "sub": "ada", "jti": "1"}


def read(**changes: Any) -> Statement:
    """A statement that lives for four minutes, but for some changes; None leaves a claim out."""
    claims = CLAIMS | {"exp": (NOW + timedelta(minutes=4)).timestamp()} | changes
    told = {name: value for name, value in claims.items() if value is not None}
    return read_statement(told, issuer="shop", audiences={"https://id.example"}, now=NOW)


def ends(after: timedelta) -> float:
    return (NOW + after).timestamp()


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "other"}, "other_issuer"),
        ({"iss": None}, "other_issuer"),
        ({"aud": "https://other.example"}, "other_audience"),
        ({"aud": None}, "other_audience"),
        ({"aud": [7]}, "other_audience"),
        ({"sub": ""}, "no_subject"),
        ({"sub": "a\n"}, "no_subject"),
        ({"sub": 7}, "no_subject"),
        ({"jti": None}, "no_jti"),
        ({"jti": ""}, "no_jti"),
        ({"jti": "a\n"}, "no_jti"),
        ({"jti": "a" * 256}, "no_jti"),
        ({"exp": None}, "lives_too_long"),
        ({"exp": ends(LONGEST_STATEMENT + LEEWAY + SECOND)}, "lives_too_long"),
        ({"exp": ends(-LEEWAY)}, "expired"),
        ({"iat": ends(LEEWAY + SECOND)}, "not_yet"),
        ({"iat": ends(-LEEWAY), "nbf": ends(LEEWAY + SECOND)}, "not_yet"),
    ],
)
def test_a_statement_that_does_not_hold_is_rejected_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(StatementRejected) as rejected:
        read(**changes)
    assert rejected.value.reason == reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["https://other.example", "https://id.example"]},
        {"jti": "a" * 255},
        {"exp": ends(LONGEST_STATEMENT + LEEWAY)},
        {"exp": ends(SECOND - LEEWAY)},
        {"iat": ends(LEEWAY)},
        {"iat": ends(LEEWAY + SECOND), "nbf": ends(LEEWAY)},
    ],
)
def test_a_statement_holds_within_its_life_and_the_leeway_of_its_clock(changes: dict[str, Any]) -> None:
    statement = read(**changes)
    assert (statement.subject, statement.jti) == ("ada", changes.get("jti", "1"))
    assert statement.expires_at.timestamp() == changes.get("exp", ends(timedelta(minutes=4)))
