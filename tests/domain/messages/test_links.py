"""Links that act without a sign-in: their tokens cannot be made up, changed, or put to another use."""

import json

import pytest

from domain.errors import LinkRejected
from domain.messages.links import objection_token, read_objection_token, read_stop_token, stop_token
from providers.sealing import FernetSeal

SEAL = FernetSeal("a secret key of the tests, long enough")
KEY = "migration:0197:passkey_enrolled:1"


def test_a_token_says_which_message_it_came_by() -> None:
    assert read_stop_token(SEAL, stop_token(SEAL, KEY)) == KEY
    assert read_objection_token(SEAL, objection_token(SEAL, KEY)) == KEY


def test_a_token_fits_into_a_path_and_hides_the_key() -> None:
    token = stop_token(SEAL, KEY)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
    assert "0197" not in token


def test_a_token_is_good_for_one_use_only() -> None:
    with pytest.raises(LinkRejected):
        read_objection_token(SEAL, stop_token(SEAL, KEY))
    with pytest.raises(LinkRejected):
        read_stop_token(SEAL, objection_token(SEAL, KEY))


@pytest.mark.parametrize(
    "secret", [{"code": "123456", "link": "https://example.com"}, {"stop": 1}, ["stop"], "stop"]
)
def test_what_else_is_sealed_here_is_no_token(secret: object) -> None:
    with pytest.raises(LinkRejected):
        read_stop_token(SEAL, SEAL.close(json.dumps(secret)).decode())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "stöp",
        "\udcff",
        stop_token(SEAL, KEY)[:-6],
        "A" + stop_token(SEAL, KEY)[1:],
        stop_token(FernetSeal("another key"), KEY),
        SEAL.close("no json").decode(),
    ],
    ids=["empty", "nonsense", "umlaut", "surrogate", "cut", "altered", "another_key", "no_json"],
)
def test_what_was_not_made_here_is_refused(token: str) -> None:
    with pytest.raises(LinkRejected):
        read_stop_token(SEAL, token)
