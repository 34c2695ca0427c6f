"""`POST /v1/events`: CloudEvents in each of their forms, and what is answered when they are none."""

import json
from typing import Any

import pytest
from httpx2 import Response

from api.host.event_examples import REQUEST_BODY, SIGNED_IN, TICKET
from domain.host.keys import KeyScope
from providers.cloud_events import BATCH, STRUCTURED
from store.journeys import heard_accounts
from store.people.accounts import Account
from tests.api.host.host import HostProgram
from tests.api.world import World
from tests.clocks import START

EVENTS = "/events"


@pytest.fixture
def program(world: World) -> HostProgram:
    return HostProgram(world, (KeyScope.EVENTS_WRITE,))


@pytest.fixture
def account(world: World) -> Account:
    return world.account(external_id="customer-1")


def tell(program: HostProgram, event: Any, media_type: str = STRUCTURED) -> Response:
    return program.post(EVENTS, content=json.dumps(event), headers={"content-type": media_type})


def reason_of(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["reason"])


def sign_ins(world: World, account: Account) -> int:
    with world.database.reading() as session:
        told = heard_accounts.find(session, account.account_id)
    return told.sms_sign_ins if told else 0


def test_one_event_in_structured_mode(program: HostProgram, world: World, account: Account) -> None:
    answer = tell(program, SIGNED_IN)
    assert answer.status_code == 202
    assert answer.json() == {
        "events": [
            {
                "source": SIGNED_IN["source"],
                "id": SIGNED_IN["id"],
                "outcome": "heeded",
                "reason": None,
                "repeated": False,
                "case_url": None,
            }
        ]
    }
    assert sign_ins(world, account) == 1
    assert tell(program, SIGNED_IN).json()["events"][0]["repeated"] is True


def test_one_event_in_binary_mode_with_its_attributes_encoded_in_headers(
    program: HostProgram, world: World, account: Account
) -> None:
    attributes = ("specversion", "id", "source", "type", "subject", "time")
    headers = {f"ce-{name}": SIGNED_IN[name] for name in attributes} | {"content-type": "application/json"}
    headers["ce-subject"] = "customer%2D1"
    answer = program.post(EVENTS, json=SIGNED_IN["data"], headers=headers)
    assert answer.json()["events"][0]["outcome"] == "heeded"
    assert sign_ins(world, account) == 1


def test_a_batch_says_of_each_event_what_became_of_it(program: HostProgram, account: Account) -> None:
    bad = [
        SIGNED_IN | {"id": "1", "type": "user.sang"},
        {name: value for name, value in SIGNED_IN.items() if name != "subject"},
        SIGNED_IN | {"id": "3", "data": {"method": "magic"}},
        SIGNED_IN | {"id": "4", "time": "yesterday"},
        SIGNED_IN | {"id": "5", "time": "2026-03-02T11:58:00"},
        SIGNED_IN | {"id": "6", "specversion": "0.3"},
        SIGNED_IN | {"id": "7", "source": ["a"]},
        SIGNED_IN | {"id": "8", "Bad Name": "x"},
        SIGNED_IN | {"id": "9", "data_base64": "e30="},
        "no event",
    ]
    answer = tell(program, [SIGNED_IN, *bad, TICKET], BATCH)
    assert answer.status_code == 202
    results = answer.json()["events"]
    assert [result["outcome"] for result in results] == ["heeded", *[None] * len(bad), "ignored"]
    assert all(result["reason"] for result in results[1:])
    assert results[2]["reason"] == "subject: it is missing"


def test_a_ticket_is_answered_with_the_page_of_the_case(
    program: HostProgram, world: World, account: Account
) -> None:
    told = TICKET | {"subject": account.external_id}
    (result,) = tell(program, told).json()["events"]
    page = f"{world.services.site.origin}/console/cases/{account.account_id}"
    assert (result["outcome"], result["case_url"]) == ("heeded", page)
    (other,) = tell(program, SIGNED_IN).json()["events"]
    assert other["case_url"] is None


def test_a_time_that_leads_out_of_the_calendar_costs_only_its_event(
    program: HostProgram, account: Account
) -> None:
    events = [{**SIGNED_IN, "id": "x", "time": "0001-01-01T00:00:00+23:59"}, SIGNED_IN]
    refused, taken = tell(program, events, BATCH).json()["events"]
    assert (refused["outcome"], refused["reason"]) == (None, "time: it is at the beginning of the calendar")
    assert taken["outcome"] == "heeded"
    assert reason_of(tell(program, events[0])) == "bad_event"


@pytest.mark.parametrize("odd", [r"\u0000", r"\\\u0000", r"\ud800", r"a\udc00"])
def test_text_that_no_database_keeps_costs_only_its_event(
    program: HostProgram, account: Account, odd: str
) -> None:
    taken = json.dumps(SIGNED_IN)
    odd_event = json.dumps({**TICKET, "data": {"ticket_id": "T-ODD"}}).replace("T-ODD", odd)
    answer = program.post(EVENTS, content=f"[{odd_event}, {taken}]", headers={"content-type": BATCH})
    assert [told["outcome"] for told in answer.json()["events"]] == [None, "heeded"]


def test_a_number_beyond_all_numbers_costs_only_its_event(program: HostProgram, account: Account) -> None:
    odd_event = json.dumps({**SIGNED_IN, "id": "x"}).replace("21500", "1e999")
    body = f"[{odd_event}, {json.dumps(SIGNED_IN)}]"
    answer = program.post(EVENTS, content=body, headers={"content-type": BATCH})
    assert [told["outcome"] for told in answer.json()["events"]] == [None, "heeded"]


def test_text_that_only_looks_like_a_nul_is_taken(program: HostProgram, account: Account) -> None:
    event = {**SIGNED_IN, "data": {"method": "sms", "device": {"user_agent": r"typed \u0000"}}}
    assert tell(program, event).json()["events"][0]["outcome"] == "heeded"


def test_the_examples_of_the_description_are_taken(program: HostProgram, account: Account) -> None:
    content = REQUEST_BODY["content"]
    for media_type in (STRUCTURED, BATCH):
        answer = tell(program, content[media_type]["example"], media_type)
        assert [result["reason"] for result in answer.json()["events"]][:1] == [None]


@pytest.mark.parametrize("missing", ["id", "source", "type", "subject", "time"])
def test_a_single_event_without_what_it_needs_is_refused_by_name(program: HostProgram, missing: str) -> None:
    event = {name: value for name, value in SIGNED_IN.items() if name != missing}
    answer = tell(program, event)
    assert (answer.status_code, reason_of(answer)) == (422, "bad_event")
    assert answer.json()["detail"] == f"The event was not taken. {missing}: it is missing."


def test_a_refusal_does_not_repeat_what_it_refuses(program: HostProgram, account: Account) -> None:
    event = SIGNED_IN | {
        "type": "user.updated",
        "time": "2026-03-02T12:01:00Z",
        "data": {"phone": {"value": "12 0000"}},
    }
    answer = tell(program, event)
    assert answer.status_code == 422
    assert "0000" not in answer.text


@pytest.mark.parametrize(
    ("body", "media_type", "status", "reason"),
    [
        ("{", STRUCTURED, 422, "no_cloud_events"),
        ('{"a": "\\u0000"}', STRUCTURED, 422, "bad_event"),
        ("{}", BATCH, 422, "no_cloud_events"),
        ("{}", "application/json", 422, "no_cloud_events"),
        ("<a/>", "text/xml", 422, "no_cloud_events"),
    ],
)
def test_what_is_no_cloud_event_is_refused(
    program: HostProgram, body: str, media_type: str, status: int, reason: str
) -> None:
    answer = program.post(EVENTS, content=body, headers={"content-type": media_type})
    assert (answer.status_code, reason_of(answer)) == (status, reason)


def test_binary_data_that_is_no_json_is_refused(program: HostProgram) -> None:
    attributes = ("specversion", "id", "source", "type", "subject", "time")
    headers = {f"ce-{name}": SIGNED_IN[name] for name in attributes} | {"content-type": "text/plain"}
    assert reason_of(program.post(EVENTS, content="x", headers=headers)) == "bad_event"


def test_a_batch_of_more_than_a_hundred_is_refused_whole(
    program: HostProgram, world: World, account: Account
) -> None:
    batch = [SIGNED_IN | {"id": f"{number}"} for number in range(101)]
    answer = tell(program, batch, BATCH)
    assert (answer.status_code, reason_of(answer)) == (422, "too_many_events")
    assert sign_ins(world, account) == 0
    assert tell(program, batch[:100], BATCH).status_code == 202
    assert sign_ins(world, account) == 100


def test_an_empty_batch_is_answered_by_nothing(program: HostProgram) -> None:
    assert tell(program, [], BATCH).json() == {"events": []}


def test_another_scope_tells_nothing(world: World, account: Account) -> None:
    answer = tell(HostProgram(world, (KeyScope.ACCOUNTS_WRITE,)), SIGNED_IN)
    assert (answer.status_code, reason_of(answer)) == (403, "scope_missing")
    assert sign_ins(world, account) == 0


def test_a_key_that_ends_in_mid_stream_keeps_what_was_answered_and_nothing_more(
    program: HostProgram, world: World, account: Account
) -> None:
    stream = [SIGNED_IN | {"id": f"{number}"} for number in range(30)]
    assert tell(program, stream[:10], BATCH).status_code == 202
    program.end_key()
    answer = tell(program, stream[10:20], BATCH)
    assert (answer.status_code, reason_of(answer)) == (401, "no_key")
    assert sign_ins(world, account) == 10
    again = tell(HostProgram(world, (KeyScope.EVENTS_WRITE,)), stream, BATCH).json()["events"]
    assert [result["repeated"] for result in again] == [True] * 10 + [False] * 20
    assert sign_ins(world, account) == 30


def test_a_request_that_names_itself_is_answered_again_as_before(
    program: HostProgram, world: World, account: Account
) -> None:
    headers = {"content-type": STRUCTURED, "idempotency-key": "a"}
    first, second = (program.post(EVENTS, content=json.dumps(SIGNED_IN), headers=headers) for _ in range(2))
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert account.last_sign_in_at is None
    assert world.reload(account.account_id).last_sign_in_at == START.replace(hour=11, minute=58)
