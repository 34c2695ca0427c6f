"""`offramp policies`: the policies that come with Offramp, and what they say."""

from dataclasses import asdict, fields
from datetime import time, timedelta
from typing import Any

from domain.policy import NudgeStep, Policy
from domain.presets import PRESETS
from domain.words.durations import duration
from offramp.views.tables import Listing
from offramp.views.terminal import out, print_json


def policies(*, as_json: bool) -> None:
    """Show what each policy says."""
    if as_json:
        print_json([asdict(policy) for policy in PRESETS.values()])
        return
    names = [field.name for field in fields(Policy)]
    rows = [[_words(getattr(policy, name)) for name in names] for policy in PRESETS.values()]
    out.print(Listing(titles=["policy", *names[1:]], rows=rows, sideways=True))


def _words(value: Any) -> str:
    match value:
        case timedelta():
            return duration(value)
        case time():
            return value.strftime("%H:%M")
        case NudgeStep():
            return (
                f"{value.channel} at once"
                if not value.after
                else f"{value.channel} after {duration(value.after)}"
            )
        case tuple():
            return "\n".join(_words(item) for item in value)
        case bool():
            return "yes" if value else "no"
        case None:
            return "never"
    return str(value)
