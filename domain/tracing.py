"""The trace to which a piece of work belongs: it goes along with the work, and into the rows that the work writes."""

from contextvars import ContextVar

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The current span, as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/); None without tracing."""
