"""The pages of a pack of evidence: each is one file that needs no other one, to read and to print."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from api.web.pages import render
from domain.evidence.packs import CONTENTS
from domain.evidence.records import AccountEvidence
from domain.words import console_words, desk_words, evidence_words
from domain.words.durations import duration
from services.evidence.pack_parts import PackFront, PackOrder

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)")
_LENGTH = re.compile(r"P(?:\d+[YMWD])*(?:T[\dHMS.]+)?(?<!P)")
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
_TIMEDELTA = TypeAdapter(timedelta)
_STYLES = Path(__file__).parent.parent / "static" / "export.css"


class StandalonePages:
    """Writes the pages by our own templates."""

    def front(self, front: PackFront) -> str:
        """The first page."""
        return _page("evidence/front.html", front.order, front=front, contents=CONTENTS)

    def accounts(self, order: PackOrder, number: int, batch: list[AccountEvidence]) -> str:
        """A page of accounts."""
        return _page("evidence/accounts.html", order, number=number, batch=batch)


def _page(template: str, order: PackOrder, **values: Any) -> str:
    return render(
        template,
        order=order,
        words=evidence_words,
        desk=desk_words,
        console=console_words,
        moment=_moment,
        spelled=_spelled,
        styles=_STYLES.read_text(),
        **values,
    )


def _moment(at: datetime | None) -> str:
    """Like "3 August 2026, 14:05", in UTC; empty without one."""
    if at is None:
        return ""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M}"


def _spelled(value: Any) -> str:
    """A plain value as a person reads it: moments, lengths of time and names of the code in words."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return _moment(value)
        case str() if _INSTANT.fullmatch(value):
            return _moment(datetime.fromisoformat(value))
        case str() if _LENGTH.fullmatch(value):
            return duration(_TIMEDELTA.validate_python(value)) if value != "PT0S" else "at once"
        case str() if _NAME.fullmatch(value):
            return evidence_words.spelled(value)
    return str(value)
