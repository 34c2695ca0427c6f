"""Tracing: off it costs and says nothing; on, one trace leads from the request to the act."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient
from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from api.app import create_app
from api.web.request_logs import RequestLogs
from domain.messages.messages import MessageState, Queue, Template
from offramp.config import tracing
from offramp.config.act_logs import Acts
from offramp.config.discreet_spans import discreet
from offramp.config.settings import Settings
from offramp.config.tracing import TracedApp
from services.people.door_notes import write_up
from store import Database
from store.messages import messages
from store.people import journal
from tests.api.world import World, make_world
from tests.clocks import FakeClock
from tests.offramp.relay.test_relay import SEAL, Station, make_station, now
from tests.temporal import journey_worker
from tests.waiting import eventually
from workflows.converter import data_converter


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is traced while the test runs."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter
    provider.shutdown()


@pytest.fixture
def traced(
    spans: InMemorySpanExporter, environment: WorkflowEnvironment, sqlite_database: Database
) -> Station:
    """A station whose client carries traces."""
    client = Client(
        environment.client.service_client,
        namespace=environment.client.namespace,
        data_converter=data_converter,
        interceptors=[TracingInterceptor()],
    )
    return make_station(sqlite_database, client)


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


def trace_ids(spans: list[ReadableSpan]) -> set[int]:
    return {span.context.trace_id for span in spans if span.context}


def person(database: Database) -> tuple[World, TestClient]:
    """Somebody's browser in front of a traced application."""
    world = make_world(database, FakeClock(now()))
    world.services = replace(world.services, seal=SEAL)
    app = TracedApp(RequestLogs(create_app(world.services)))
    origin = world.services.site.origin
    return world, TestClient(app, base_url=origin, headers={"origin": origin}, follow_redirects=False)


async def test_one_trace_leads_from_the_request_to_the_act(
    traced: Station, spans: InMemorySpanExporter
) -> None:
    world, browser = person(traced.database)
    account = world.account()
    browser.post(
        "/sign-in",
        data={"identifier": account.phone},
        headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )
    write_up(traced.database, world.clock)
    (key,) = _keys(traced.database, account.account_id)
    with ThreadPoolExecutor(max_workers=2) as threads:
        async with Worker(
            traced.client,
            task_queue=Queue.NOW,
            activities=[traced.sender.send_message],
            activity_executor=threads,
            interceptors=[Acts()],
        ):
            await traced.dispatcher().turn()
            await eventually(lambda: traced.state(key) == MessageState.SENT, "the message is sent")
    names = ("POST /sign-in", "dispatch", "StartActivity:send_message", "RunActivity:send_message")
    await eventually(lambda: all(named(spans, name) for name in names), "all spans have ended")
    (trace_id,) = trace_ids([span for name in names for span in named(spans, name)])
    assert trace_id != int("a" * 32, 16)
    with traced.database.reading() as session:
        (settled,) = [
            entry for entry in journal.of_account(session, account.account_id) if "message" in entry.kind
        ]
    assert f"{trace_id:032x}" in (settled.traceparent or "")


async def test_what_a_journey_is_told_belongs_to_the_request(
    traced: Station, spans: InMemorySpanExporter
) -> None:
    world, browser = person(traced.database)
    account = world.account()
    async with journey_worker(traced.client, traced.database):
        await traced.publisher().turn()
        spans.clear()
        signed_in = world.browser()
        signed_in.sign_in_by_code(account)
        browser.cookies = signed_in.client.cookies
        browser.post("/setup/email", data={"email": account.email})
        code = world.secret(account, Template.VERIFY_EMAIL)["code"]
        browser.post("/setup/email/code", data={"code": code})
        await traced.publisher().turn()
    (publication,) = named(spans, "publish")
    assert trace_ids([publication]) == trace_ids(named(spans, "POST /setup/email/code"))


def test_spans_hold_the_route_and_nothing_of_anybody(
    sqlite_database: Database, spans: InMemorySpanExporter
) -> None:
    world, browser = person(sqlite_database)
    account = world.account()
    browser.post("/sign-in", data={"identifier": account.phone})
    browser.get("/verify-email?token=a-secret-token")
    browser.get("/nowhere/a-secret-path")
    said = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert '"http.route": "/verify-email"' in said
    for secret in ("a-secret", account.phone, account.email, account.account_id):
        assert str(secret) not in said


def test_without_tracing_nothing_is_kept(sqlite_database: Database) -> None:
    world = make_world(sqlite_database, FakeClock())
    account = world.account()
    world.browser().ask_for_code(account.phone)
    with sqlite_database.reading() as session:
        kept = [entry.traceparent for entry in journal.of_account(session, account.account_id)]
        kept += [message.traceparent for message in messages.of_account(session, account.account_id)]
    assert set(kept) == {None}
    assert tracing.current() is None


def test_it_is_off_unless_somebody_wants_it(settings: Settings) -> None:
    tracing.configure(settings, "api")
    assert tracing.interceptors(settings) == []
    assert [
        type(interceptor)
        for interceptor in tracing.interceptors(settings.model_copy(update={"tracing": True}))
    ] == [TracingInterceptor]


def _keys(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [message.key for message in messages.of_account(session, account_id)]


def test_an_error_that_repeats_a_contact_does_not_bring_it_into_a_span(spans: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("test")
    with pytest.raises(ValueError, match="number"), tracer.start_as_current_span("act"):
        raise ValueError("+4915112345678 is no number of ada@example.org")
    (span,) = named(spans, "act")
    sent_on = discreet(span).to_json()
    assert "+4915112345678" in span.to_json()
    assert "is no number of" in sent_on
    assert "+4915112345678" not in sent_on
    assert "ada@example.org" not in sent_on
