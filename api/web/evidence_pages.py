"""The pages of a pack of evidence: each is one file that needs no other one, to read and to print."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.web.pages import render
from domain.evidence.packs import CONTENTS
from domain.evidence.records import AccountEvidence
from domain.words import console_words, desk_words, evidence_words
from services.evidence.pack_parts import PackFront, PackOrder

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
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return _moment(value)
    return str(value)
