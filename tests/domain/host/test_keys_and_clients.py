"""What may be asked of a host's keys and of its pages as clients, and until when a key or a secret works."""

import re
from datetime import timedelta

import pytest

from domain.host.clients import UnusableClient, checked_redirect_uris, home_of, is_secret_current
from domain.host.keys import (
    LONGEST_LIFETIME,
    PREFIX,
    KeyEnd,
    KeyHolder,
    KeyScope,
    UnusableKey,
    checked_lifetime,
    checked_scopes,
    hint_of,
    key_end,
    new_host_key,
)
from tests.clocks import START

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_a_key_is_told_by_its_beginning_which_says_nothing_of_the_rest() -> None:
    keys = {new_host_key() for _ in range(50)}
    assert len(keys) == 50
    for key in keys:
        assert re.fullmatch(r"ofr_[A-Za-z0-9_-]{43}", key)
        assert hint_of(key) == key[:10]
        assert hint_of(key).startswith(PREFIX)


def test_scopes_are_taken_once_each_and_in_their_order() -> None:
    given = [" scim:write", "accounts:read", "", "scim:write "]
    assert checked_scopes(given) == (KeyScope.SCIM_WRITE, KeyScope.ACCOUNTS_READ)


@pytest.mark.parametrize(
    ("names", "words"), [([], "needs a scope"), ([" "], "needs a scope"), (["all"], "all is no")]
)
def test_a_key_without_a_scope_that_is_one_is_not_made(names: list[str], words: str) -> None:
    with pytest.raises(UnusableKey, match=words):
        checked_scopes(names)


def test_a_key_may_do_what_its_scopes_say() -> None:
    holder = KeyHolder(key_id="1", name="shop", scopes=frozenset({KeyScope.EVENTS_WRITE}), calls_per_second=1)
    assert [scope for scope in KeyScope if holder.may(scope)] == [KeyScope.EVENTS_WRITE]


@pytest.mark.parametrize("lifetime", [timedelta(microseconds=1), DAY, LONGEST_LIFETIME])
def test_a_key_works_for_as_long_as_was_asked(lifetime: timedelta) -> None:
    assert checked_lifetime(lifetime) == lifetime


@pytest.mark.parametrize("lifetime", [timedelta(), -DAY, LONGEST_LIFETIME + timedelta(microseconds=1)])
def test_no_key_works_for_no_time_or_for_too_long(lifetime: timedelta) -> None:
    with pytest.raises(UnusableKey, match="1095 days"):
        checked_lifetime(lifetime)


def test_a_key_works_until_it_expires_or_is_ended() -> None:
    expires_at, ended_at = START + 2 * DAY, START + DAY
    assert key_end(expires_at=expires_at, ended_at=None, now=expires_at - SECOND) is KeyEnd.CURRENT
    assert key_end(expires_at=expires_at, ended_at=None, now=expires_at) is KeyEnd.EXPIRED
    assert key_end(expires_at=expires_at, ended_at=ended_at, now=ended_at - SECOND) is KeyEnd.CURRENT
    assert key_end(expires_at=expires_at, ended_at=ended_at, now=ended_at) is KeyEnd.ENDED
    assert key_end(expires_at=expires_at, ended_at=ended_at, now=expires_at) is KeyEnd.ENDED


def test_a_former_secret_works_until_its_end() -> None:
    assert is_secret_current(until=START, now=START - SECOND)
    assert not is_secret_current(until=START, now=START)
    assert not is_secret_current(until=None, now=START)


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/back?a=b",
        "https://shop.example:8443/back",
        "http://localhost:3000/back",
        "http://127.0.0.1/back",
        "http://[::1]:3000/back",
        "com.example.app:/back",
    ],
)
def test_people_go_back_to_a_safe_address_or_an_app(uri: str) -> None:
    assert checked_redirect_uris([f" {uri} ", uri, ""]) == (uri,)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://shop.example/back", "has to begin with https"),
        ("ftp://localhost/back", "has to begin with https"),
        ("https:///back", "has to begin with https"),
        ("shop:/back", "has to begin with https"),
        ("https://shop.example/back#top", "has a fragment"),
        ("https://shop.example/'back", "letters that no URI has"),
        ("https://shop.example/b ack", "letters that no URI has"),
        ("https://ada@shop.example/back", "names a user"),
        ("https://shop.example:port/back", "is no URI"),
    ],
)
def test_an_unsafe_address_is_refused_with_the_reason(uri: str, words: str) -> None:
    with pytest.raises(UnusableClient, match=words):
        checked_redirect_uris(["https://shop.example/back", uri])


def test_a_client_needs_an_address() -> None:
    with pytest.raises(UnusableClient, match="needs an address"):
        checked_redirect_uris(["", " "])


@pytest.mark.parametrize(
    ("uri", "home"),
    [
        ("https://shop.example:8443/back?a=b", "https://shop.example:8443/"),
        ("http://localhost:3000/back", "http://localhost:3000/"),
        ("com.example.app:/back", "com.example.app:/back"),
    ],
)
def test_home_is_the_first_page_of_a_site_and_an_app_itself(uri: str, home: str) -> None:
    assert home_of(uri) == home
