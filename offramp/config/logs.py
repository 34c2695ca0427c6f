"""Sets logging up, once per process: lines for people in a terminal, JSON for machines, and no personal data."""

import logging
import os
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.masking import without_contacts
from offramp.config.settings import LogFormat
from services import request_notes
from store.engine.absences import DatabaseAway

# uvicorn's access log holds addresses and query strings, with their single-use tokens.
_SILENT = ("uvicorn.access",)
_QUIET = ("uvicorn.error", "alembic", "temporalio", "urllib3", "asyncio")


def configure(log_format: LogFormat | None, *, debug: bool = False) -> None:
    """Send structlog, the standard library's logging and uvicorn's through one formatter to standard output.

    The standard library's handler survives a closed pipe, so Offramp goes on after the reader of its log has ended.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _about_request,
        structlog.stdlib.add_log_level,
        _clock(log_format),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format)],
    )
    _send_to_standard_output(formatter, logging.DEBUG if debug else logging.INFO)


def _about_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**request_notes.about(), **event}


def _clock(log_format: LogFormat | None) -> Processor:
    if log_format is LogFormat.JSON:
        return structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
    return structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False, key="at")


def _rendering(log_format: LogFormat | None) -> list[Processor]:
    if log_format is LogFormat.JSON:
        # Local variables hold phone numbers and codes, so a traceback never shows them.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(frames),
            _hide_contacts,
            structlog.processors.JSONRenderer(),
        ]
    colours = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
    return [
        structlog.dev.ConsoleRenderer(
            colors=colours and "NO_COLOR" not in os.environ,
            pad_event_to=24,
            exception_formatter=structlog.dev.plain_traceback,
            timestamp_key="at",
        ),
        _hide_contacts_of_line,
    ]


def _hide_contacts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Other libraries repeat in their errors what they were given, so every text of a line is looked through."""
    return {name: _hidden(value) for name, value in event.items()}


def _hide_contacts_of_line(_logger: WrappedLogger, _method: str, line: Any) -> str:
    return without_contacts(line)


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_contacts(str(value))


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a library's line says more than that the database is away, which the process itself says once."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, DatabaseAway)


def _send_to_standard_output(formatter: logging.Formatter, level: int) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_is_news)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", *_SILENT):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name not in _SILENT
