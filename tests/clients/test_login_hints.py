"""The signed word of a host that somebody has signed in there."""

from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey

from offramp_client import LoginHints
from offramp_client.login_hints import new_key, public_keys

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)


def test_a_hint_says_who_signed_in_when_and_how_and_can_be_verified_by_the_public_keys() -> None:
    key = new_key()
    hints = LoginHints(client_id="shop", issuer="https://offramp.example", key=key)
    token = hints.make("42", signed_in_at=NOW - timedelta(minutes=1), amr=["pwd", "sms"], acr="low", now=NOW)
    (public,) = public_keys(key)["keys"]
    claims = jwt.decode(token, ECKey.import_key(public), algorithms=["ES256"]).claims
    jti = claims.pop("jti")
    assert len(jti) > 30
    assert claims == {
        "iss": "shop",
        "aud": "https://offramp.example",
        "sub": "42",
        "iat": NOW.timestamp(),
        "exp": (NOW + timedelta(minutes=2)).timestamp(),
        "auth_time": (NOW - timedelta(minutes=1)).timestamp(),
        "amr": ["pwd", "sms"],
        "acr": "low",
    }


def test_every_hint_is_another() -> None:
    hints = LoginHints(client_id="shop", issuer="https://offramp.example", key=new_key())
    assert hints.make("42", signed_in_at=NOW, now=NOW) != hints.make("42", signed_in_at=NOW, now=NOW)


def test_what_is_registered_holds_no_private_part() -> None:
    (key,) = public_keys(new_key())["keys"]
    assert "d" not in key
    assert key["kid"]
