"""Says how many text messages went out today, whether a ceiling is reached or close, and what was not carried."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.messages.text_limits import ALL, CLOSE, CeilingUse, day_of
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config.settings import Settings
from store import Session, breaches
from store.messages import text_counts, withheld
from store.messages.withheld import Withheld

_NAME = "text_messages"
_WITHHELD = "withheld_messages"
_STOPPED = "answered_stop"


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


def withheld_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """One finding about what the provider did not carry, and one about people who have shut themselves out by STOP."""
    lines = withheld.lately(session, at=now)
    if lines:
        detail = f"not carried within a day, and no contact is to blame: {_listed(lines)}; see the runbook"
        yield unwell(_WITHHELD, detail)
    else:
        yield well(_WITHHELD, "none within a day for a reason of the account or a country")
    if stopped := session.execute(breaches.stopped_without_other_way(now)).scalar_one():
        yield note(
            _STOPPED,
            f"{stopped} people have answered STOP to texts and have no other way in, until they answer START",
        )


def _listed(lines: Sequence[Withheld]) -> str:
    return ", ".join(
        f"{line.times} × {line.reason}{f' to {line.country}' if line.country else ''}" for line in lines
    )


def _finding(use: CeilingUse) -> Finding:
    where = "in all" if use.country == ALL else f"to {use.country}"
    count = f"{use.times} of at most {use.ceiling} {where} today"
    if use.share >= 1:
        return unwell(_NAME, f"{count}: no more codes and reminders go out until midnight UTC")
    return note(_NAME, f"{count}: the ceiling is close")
