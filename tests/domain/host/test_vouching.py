"""How far a host's word goes, by the methods that it names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.host.vouching import Statement, Vouched, vouched
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
