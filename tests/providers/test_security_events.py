"""Keys of transmitters: public ones alone, fetched once an hour, and anew when a token names another."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from domain.host.security_events import KeysAway, SetRefused, Transmission
from providers.security_events import SecurityEventReader, fetch_keys, key_set
from tests.clocks import START
from tests.key_places import KeyPlace, key_place

ISSUER = "https://id.example.com"


@pytest.fixture
def place() -> Iterator[KeyPlace]:
    with key_place(ECKey.generate_key("P-256", {"kid": "a"})) as there:
        yield there


def token(key: ECKey) -> bytes:
    claims = {
        "iss": ISSUER,
        "aud": "us",
        "jti": "1",
        "iat": int(START.timestamp()),
        "events": {"https://example.com/anything": {}},
    }
    header = {"alg": "ES256", "typ": "secevent+jwt", "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=["ES256"]).encode()


def test_keys_are_fetched_once_an_hour_and_anew_for_an_unknown_key_once_a_minute_at_most(
    place: KeyPlace,
) -> None:
    reader = SecurityEventReader()
    transmission = Transmission(issuer=ISSUER, audience="us", keys=None, keys_url=place.url)

    def read(key: ECKey, minutes: int) -> None:
        reader.read(token(key), lambda _: transmission, now=START + timedelta(minutes=minutes))

    read(place.keys[0], 0)
    read(place.keys[0], 59)
    assert place.asked == 1
    read(place.keys[0], 61)
    assert place.asked == 2
    new_key = ECKey.generate_key("P-256", {"kid": "b"})
    with pytest.raises(SetRefused):
        read(new_key, 61)
    place.keys.append(new_key)
    read(new_key, 63)
    assert place.asked == 3
    for _ in range(5):
        with pytest.raises(SetRefused):
            read(ECKey.generate_key("P-256", {"kid": "c"}), 63)
    assert place.asked == 3


@pytest.mark.parametrize("trouble", ["status", "no keys", "nobody there"])
def test_keys_that_are_not_to_be_had_are_no_word_against_a_token(place: KeyPlace, trouble: str) -> None:
    url, (key,) = place.url, place.keys
    if trouble == "status":
        place.status = 500
    elif trouble == "no keys":
        place.keys = []
    else:
        url = "http://127.0.0.1:1/jwks"
    transmission = Transmission(issuer=ISSUER, audience="us", keys=None, keys_url=url)
    with pytest.raises(KeysAway) as trouble_told:
        SecurityEventReader().read(token(key), lambda _: transmission, now=START)
    assert trouble_told.value.retry_after == timedelta(minutes=1)


def test_keys_that_were_not_to_be_had_are_asked_for_after_a_minute_again(place: KeyPlace) -> None:
    reader = SecurityEventReader()
    transmission = Transmission(issuer=ISSUER, audience="us", keys=None, keys_url=place.url)
    (key,) = place.keys

    def read(key: ECKey, seconds: int) -> None:
        reader.read(token(key), lambda _: transmission, now=START + timedelta(seconds=seconds))

    place.status = 503
    for seconds in (0, 20, 59):
        with pytest.raises(KeysAway) as trouble:
            read(key, seconds)
        assert trouble.value.retry_after == timedelta(seconds=60 - seconds % 60)
    assert place.asked == 1
    place.status = 200
    read(key, 60)
    assert place.asked == 2
    place.status = 503
    with pytest.raises(KeysAway):
        read(ECKey.generate_key("P-256", {"kid": "new"}), 200)
    read(key, 201)
    assert place.asked == 3


def test_a_place_without_keys_is_no_place(place: KeyPlace) -> None:
    place.status = 500
    with pytest.raises(ValueError, match="not to be had"):
        fetch_keys(place.url)
    place.status, place.keys = 200, []
    with pytest.raises(ValueError, match="not a JSON Web Key Set"):
        fetch_keys(place.url)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({}, "not a JSON Web Key Set"),
        ({"keys": "a"}, "not a JSON Web Key Set"),
        ({"keys": [{"kty": "magic"}]}, "not a JSON Web Key Set"),
        ({"keys": []}, "not a JSON Web Key Set"),
        ({"keys": [OctKey.generate_key(256).as_dict()]}, "holds a secret"),
        ({"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}, "holds a secret"),
    ],
)
def test_a_key_set_that_is_none_or_holds_a_secret_is_refused(keys: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        key_set(keys)
