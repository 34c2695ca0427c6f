"""Says how many text messages went out today, and whether a ceiling is reached or close."""

from collections.abc import Iterator
from datetime import datetime

from domain.messages.text_limits import ALL, CLOSE, CeilingUse, day_of
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config.settings import Settings
from store import Session
from store.messages import text_counts

_NAME = "text_messages"


def text_findings(session: Session, settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """One finding for each ceiling that is reached or close, or else one for today."""
    ceilings = text_counts.ceilings(session, at=now)
    yield from (_finding(use) for use in ceilings if use.share >= CLOSE)
    if not settings.is_development and settings.sms_per_day is None:
        yield note(
            _NAME,
            "there is no ceiling: whoever makes many people ask for codes spends your money. "
            "Set OFFRAMP_SMS_PER_DAY",
        )
    elif all(use.share < CLOSE for use in ceilings):
        today = sum(text_counts.by_country(session, day_of(now)).values())
        yield well(_NAME, f"{today} today")


def _finding(use: CeilingUse) -> Finding:
    where = "in all" if use.country == ALL else f"to {use.country}"
    count = f"{use.times} of at most {use.ceiling} {where} today"
    if use.share >= 1:
        return unwell(_NAME, f"{count}: no more codes and reminders go out until midnight UTC")
    return note(_NAME, f"{count}: the ceiling is close")
