"""What a host's signed statement must say, and how far its word goes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.host.vouching import (
    LEEWAY,
    LONGEST_PROOF,
    LONGEST_STATEMENT,
    Statement,
    StatementRejected,
    read_statement,
    vouched,
)
from domain.trust import Assurance, Root
from tests.clocks import START

SECOND = timedelta(seconds=1)
NOW = START
CLAIMS: dict[str, Any] = {
    "iss": "shop",
    "aud": "https://accounts.example.org",
    "sub": "ada",
    "jti": "1",
    "exp": (NOW + timedelta(minutes=1)).timestamp(),
}


def read(longest: timedelta = LONGEST_STATEMENT, **changes: Any) -> Statement:
    told = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    audiences = ["https://accounts.example.org", "https://accounts.example.org/token"]
    return read_statement(told, issuer="shop", audiences=audiences, now=NOW, longest=longest)


def refusal(**changes: Any) -> str | None:
    try:
        read(**changes)
    except StatementRejected as rejected:
        return rejected.reason
    return None


def at(moment: datetime) -> float:
    return moment.timestamp()


def test_a_statement_says_who_it_is_about_and_until_when() -> None:
    statement = read(aud=["somebody else", "https://accounts.example.org/token"], acr="phr")
    assert (statement.subject, statement.jti) == ("ada", "1")
    assert statement.expires_at == NOW + timedelta(minutes=1)
    assert statement.claims["acr"] == "phr"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "another shop"}, "other_issuer"),
        ({"iss": ...}, "other_issuer"),
        ({"aud": "another site"}, "other_audience"),
        ({"aud": ["another site", 7]}, "other_audience"),
        ({"aud": []}, "other_audience"),
        ({"aud": ...}, "other_audience"),
        ({"sub": ""}, "no_subject"),
        ({"sub": 7}, "no_subject"),
        ({"sub": "a\nb"}, "no_subject"),
        ({"sub": ...}, "no_subject"),
        ({"jti": ""}, "no_jti"),
        ({"jti": 7}, "no_jti"),
        ({"jti": "a\nb"}, "no_jti"),
        ({"jti": "j" * 256}, "no_jti"),
        ({"jti": "j" * 255}, None),
        ({"exp": ...}, "lives_too_long"),
        ({"exp": "soon"}, "lives_too_long"),
        ({"exp": True}, "lives_too_long"),
        ({"exp": 1e30}, "lives_too_long"),
        ({"exp": at(NOW + LONGEST_STATEMENT + LEEWAY)}, None),
        ({"exp": at(NOW + LONGEST_STATEMENT + LEEWAY + SECOND)}, "lives_too_long"),
        ({"exp": at(NOW - LEEWAY + SECOND)}, None),
        ({"exp": at(NOW - LEEWAY)}, "expired"),
        ({"iat": at(NOW + LEEWAY)}, None),
        ({"iat": at(NOW + LEEWAY + SECOND)}, "not_yet"),
        ({"nbf": at(NOW + LEEWAY + SECOND)}, "not_yet"),
        ({"nbf": at(NOW), "iat": at(NOW + LEEWAY + SECOND)}, None),
    ],
)
def test_a_statement_that_says_something_else_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str | None
) -> None:
    assert refusal(**changes) == reason


def test_a_clients_proof_of_itself_may_live_longer() -> None:
    in_an_hour = at(NOW + LONGEST_PROOF)
    assert refusal(exp=in_an_hour) == "lives_too_long"
    assert refusal(exp=in_an_hour, longest=LONGEST_PROOF) is None


@pytest.mark.parametrize(
    ("claims", "root", "is_strong"),
    [
        ({}, Root.SMS, False),
        ({"amr": []}, Root.SMS, False),
        ({"amr": "hwk"}, Root.SMS, False),
        ({"amr": ["sms"]}, Root.SMS, False),
        ({"amr": ["pwd", "SMS_OTP"]}, Root.SMS, False),
        ({"amr": ["tel"]}, Root.SMS, False),
        ({"amr": ["hotel"]}, Root.HOST, False),
        ({"amr": ["pwd"]}, Root.HOST, False),
        ({"amr": ["pwd", "an sms, said differently"]}, Root.SMS, False),
        *(({"amr": [strong]}, Root.HOST, True) for strong in ("hwk", "swk", "pop", "phr", "phrh")),
        ({"acr": "phr"}, Root.HOST, True),
        ({"acr": ["phr"]}, Root.SMS, False),
        ({"amr": ["sms", "hwk"]}, Root.HOST, True),
    ],
)
def test_the_weakest_that_a_host_says_counts_unless_nobody_can_read_it_out(
    claims: dict[str, Any], root: Root, is_strong: bool
) -> None:
    word = vouched(read(**claims), most=Assurance.HIGH, now=NOW)
    assert (word.root, word.is_strong) == (root, is_strong)
    assert word.assurance is (Assurance.HIGH if is_strong else Assurance.LOW)
    as_far_as_registered = vouched(read(**claims), most=Assurance.LOW, now=NOW)
    assert as_far_as_registered.assurance is Assurance.LOW


def test_words_are_kept_that_are_words_and_a_dozen_at_most() -> None:
    words = [f"w{number}" for number in range(20)]
    kept = vouched(read(amr=["two words", 7, "x" * 33, "x" * 32, *words]), most=Assurance.LOW, now=NOW).amr
    assert kept == ("x" * 32, *words[:11])


def test_a_sign_in_was_when_the_host_says_and_never_later_than_now() -> None:
    def signed_in_at(**claims: Any) -> datetime:
        return vouched(read(**claims), most=Assurance.LOW, now=NOW).at

    hour_ago = NOW - timedelta(hours=1)
    assert signed_in_at(auth_time=at(hour_ago)) == hour_ago
    assert signed_in_at(auth_time=at(NOW + timedelta(hours=1))) == NOW
    assert signed_in_at() == NOW + timedelta(minutes=1) - LONGEST_STATEMENT
