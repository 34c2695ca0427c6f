"""Spans on their way out of the process, without the contacts that the texts of errors repeat."""

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status
from opentelemetry.util.types import Attributes

from domain.masking import without_contacts


class DiscreetSpanProcessor(BatchSpanProcessor):
    """Sends spans in batches, each with its errors' texts looked through."""

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        super().on_end(discreet(span))


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The span without contacts in its status and in the errors that were recorded in it."""
    description = span.status.description
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[Event(event.name, _hidden(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, without_contacts(description) if description else None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _hidden(attributes: Attributes) -> Attributes:
    return {
        name: without_contacts(value) if isinstance(value, str) else value
        for name, value in (attributes or {}).items()
    }
