"""How long events rest, what may be subscribed to, and what a host is told of an entry."""

import base64
import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.host.webhooks import (
    HOOK_TYPES,
    TRIED_FOR,
    UnusableWebhook,
    checked_overlap,
    checked_types,
    checked_url,
    new_webhook_secret,
    receiver_rest,
    rest_after,
    told_detail,
    type_of,
)
from domain.journal import Actor, EventKind


@given(st.integers(1, 30), st.floats(0, 1))
def test_rests_grow_up_to_hours_and_for_requests_to_minutes(attempts: int, share: float) -> None:
    rest = rest_after(attempts, is_request=False, share=share)
    assert rest <= rest_after(attempts + 1, is_request=False, share=share) <= timedelta(hours=9.6)
    assert rest_after(attempts, is_request=True, share=share) <= min(rest, timedelta(minutes=5))


def test_an_event_is_tried_a_dozen_times_before_it_is_dead() -> None:
    rests = (rest_after(attempts, is_request=False, share=0.5) for attempts in itertools.count(1))
    tried_for = itertools.accumulate(rests)
    assert 12 <= sum(1 for _ in itertools.takewhile(lambda span: span <= TRIED_FOR, tried_for)) <= 16


def test_who_asks_for_a_longer_rest_gets_it_up_to_an_hour() -> None:
    for asked, rest in ((2, 5), (120, 120), (86_400, 3600)):
        asked_rest = timedelta(seconds=asked)
        got = rest_after(1, is_request=False, share=0, asked_rest=asked_rest)
        assert got == timedelta(seconds=rest)


def test_a_request_rests_for_minutes_even_if_its_receiver_asks_for_an_hour() -> None:
    asked_rest = timedelta(hours=1)
    assert rest_after(1, is_request=True, share=1, asked_rest=asked_rest) == timedelta(minutes=5)


def test_a_receiver_is_left_alone_after_some_failures_and_for_longer_and_longer() -> None:
    assert [receiver_rest(failures).total_seconds() for failures in (1, 4, 5, 6, 9, 100)] == [
        0,
        0,
        10,
        30,
        300,
        300,
    ]


def test_every_kind_can_be_subscribed_to_and_requests_by_their_own_types() -> None:
    kinds = {type_of(kind, {"change": "suspend"}) for kind in EventKind}
    assert kinds | {"sms.restore", "sms.remove"} == set(HOOK_TYPES)
    assert "host_asked" not in HOOK_TYPES


@pytest.mark.parametrize("names", [[], [" "], ["host_asked"], ["sms.suspended"], ["passkey_bound", "all"]])
def test_what_is_no_kind_cannot_be_subscribed_to(names: list[str]) -> None:
    with pytest.raises(UnusableWebhook):
        checked_types(names)


def test_kinds_are_taken_once() -> None:
    assert checked_types(["passkey_bound", " sms.suspend ", "passkey_bound"]) == (
        "passkey_bound",
        "sms.suspend",
    )


@pytest.mark.parametrize(
    "url",
    [
        *("", "host.example", "ftp://host.example/", "http://host.example/", "https://", "https:///a"),
        *("https://olga@host.example/", "https://olga:x@host.example/", "https://host.example/#a"),
        *("https://höst.example/", "https://host.example/\n", "https://host.example:99999/", "https://[::1/"),
    ],
)
def test_an_address_that_no_event_can_go_to_is_refused(url: str) -> None:
    with pytest.raises(UnusableWebhook):
        checked_url(url, allows_http=False)


def test_http_is_for_development() -> None:
    assert checked_url("http://localhost:8000/hooks", allows_http=True) == "http://localhost:8000/hooks"
    assert checked_url("https://host.example/hooks?a=b", allows_http=False)


def test_overlaps_have_bounds() -> None:
    assert checked_overlap(timedelta()) == timedelta()
    for overlap in (timedelta(days=31), timedelta(seconds=-1)):
        with pytest.raises(UnusableWebhook):
            checked_overlap(overlap)


def test_who_acted_and_what_staff_typed_is_not_told() -> None:
    detail = {"by": "olga", "reason": "their words", "on_behalf_of": "ops", "days": 3}
    assert told_detail(detail, Actor.STAFF) == {"days": 3}
    assert told_detail({"reason": "no_device", "by": "link"}, Actor.PERSON) == {"reason": "no_device"}


def test_a_request_says_its_change_by_its_type() -> None:
    detail = {"change": "suspend", "request_id": "r1", "deadline": "2026-03-03T12:00:00+00:00"}
    assert type_of(EventKind.HOST_ASKED, detail) == "sms.suspend"
    assert told_detail(detail, Actor.JOURNEY) == {"request_id": "r1", "deadline": "2026-03-03T12:00:00+00:00"}
    assert told_detail({"change": "another_phone"}, Actor.PERSON) == {"change": "another_phone"}


def test_a_secret_has_the_form_of_standard_webhooks_and_256_bits_of_its_own() -> None:
    made = {new_webhook_secret() for _ in range(20)}
    assert len(made) == 20
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in made} == {32}
