"""Where a piece of work belongs in a trace: carried along by whoever does it, and kept with what it leaves behind."""

from contextvars import ContextVar

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The current span, as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/); None without tracing."""
