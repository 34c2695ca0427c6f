"""OpenTelemetry tracing, if it is switched on: from a request, through journal and messages, to the activities.

Spans name accounts by ids, and requests by the patterns of their routes. They never hold a path, an address or a code.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.client import Interceptor

from domain.tracing import TRACEPARENT
from offramp.config.settings import NotConfigured, Settings
from services.request_notes import route_of

_FORMAT = TraceContextTextMapPropagator()
_KEY = "traceparent"
_TRACER = "offramp"


def configure(settings: Settings, process: str) -> None:
    """Send this process's spans to the address in the `OTEL_…` environment, if tracing is on. Raises NotConfigured."""
    if not settings.tracing:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider

        from offramp.config.discreet_spans import DiscreetSpanProcessor
    except ImportError as error:
        raise NotConfigured("OFFRAMP_TRACING needs further packages: pip install offramp[tracing]") from error
    resource = Resource({SERVICE_NAME: f"offramp-{process}"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(DiscreetSpanProcessor(OTLPSpanExporter()))
    propagate.set_global_textmap(_FORMAT)
    trace.set_tracer_provider(provider)


def flush() -> None:
    """Send all spans that still wait. A process that ends by `os._exit` has to call it first."""
    force_flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if force_flush:
        force_flush()


def interceptors(settings: Settings) -> Sequence[Interceptor]:
    """The interceptors that carry traces through Temporal; none if tracing is off."""
    if not settings.tracing:
        return []
    from temporalio.contrib.opentelemetry import TracingInterceptor

    return [TracingInterceptor()]


def is_on() -> bool:
    """Whether this process makes traces."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def current() -> str | None:
    """The current span as a `traceparent`, so that later work can continue its trace; None without a span."""
    carrier: dict[str, str] = {}
    _FORMAT.inject(carrier)
    return carrier.get(_KEY)


def continued(traceparent: str | None, name: str) -> AbstractContextManager[None]:
    """A span that continues an earlier trace; no span without a `traceparent`."""
    return _going_on(traceparent, name) if traceparent else nullcontext()


@contextmanager
def _going_on(traceparent: str, name: str) -> Iterator[None]:
    earlier = _FORMAT.extract({_KEY: traceparent})
    tracer = trace.get_tracer(_TRACER)
    with tracer.start_as_current_span(name, context=earlier, kind=SpanKind.PRODUCER):
        yield


class TracedApp:
    """An application in which each request begins a new trace, whatever trace the browser names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within a span that lasts until the last byte of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        attributes: dict[str, Any] = {"http.request.method": scope["method"]}

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                attributes["http.response.status_code"] = message["status"]
            await send(message)

        tracer = trace.get_tracer(_TRACER)
        with tracer.start_as_current_span(scope["method"], kind=SpanKind.SERVER) as span:
            token = TRACEPARENT.set(current())
            try:
                await self._app(scope, receive, watch)
            finally:
                TRACEPARENT.reset(token)
                attributes["http.route"] = route_of(scope)
                span.update_name(f"{scope['method']} {attributes['http.route']}")
                span.set_attributes(attributes)
                if attributes.get("http.response.status_code", 500) >= 500:
                    span.set_status(Status(StatusCode.ERROR))
