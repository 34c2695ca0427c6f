"""What one person of a storm knows: when Offramp acknowledged what they did, and what may have been done besides."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.journal import EventKind
from tests.storm.verdict import Deeds

_SIGNED_IN_BY_PASSKEY = (EventKind.PASSKEY_SIGNED_IN, EventKind.PASSKEY_PROVEN, EventKind.SIGN_IN_FAILED)

_MAY_CAUSE: Mapping[str, tuple[EventKind, ...]] = {
    r"/sign-in/code": (EventKind.SIGNED_IN, EventKind.SIGN_IN_FAILED),
    r"/sign-in/passkey": _SIGNED_IN_BY_PASSKEY,
    r"/sign-in/recovery": (EventKind.SIGNED_IN, EventKind.RECOVERY_CODE_USED, EventKind.SIGN_IN_FAILED),
    r"/sign-out": (EventKind.SIGNED_OUT,),
    r"/setup/email/code": (EventKind.EMAIL_VERIFIED,),
    r"/setup/seen": (EventKind.PROMPT_SEEN,),
    r"/setup/later": (EventKind.PROMPT_SKIPPED,),
    r"/setup/cannot": (EventKind.CANNOT_NOW,),
    r"/setup/device": (EventKind.DEVICE_LINK_MADE,),
    r"/setup/recovery-codes": (EventKind.RECOVERY_CODES_MADE,),
    r"/setup/recovery-codes/check": (EventKind.RECOVERY_CODES_PROVEN,),
    r"/device": (EventKind.SIGNED_IN,),
    r"/passkeys": (EventKind.PASSKEY_BOUND,),
    r"/passkeys/prove": _SIGNED_IN_BY_PASSKEY,
    r"/ceremony/failed": (EventKind.CEREMONY_FAILED,),
    r"/account/passkeys/[^/]+/remove": (EventKind.PASSKEY_REMOVED,),
    r"/account/sms/restore": (EventKind.SMS_RESTORED,),
    r"(/account)?/not-me/.+": (EventKind.OBJECTED,),
    r"/no-reminders/.+": (EventKind.REMINDERS_STOPPED,),
}
"""What a request that was sent to a path may have done."""


class _TimedCounter(Counter[EventKind]):
    """Counts what was acknowledged, and when."""

    def __init__(self, times: dict[EventKind, list[float]]) -> None:
        super().__init__()
        self._times = times

    def __setitem__(self, event: EventKind, times: int) -> None:
        self._times.setdefault(event, []).extend([time.time()] * (times - self[event]))
        super().__setitem__(event, times)


@dataclass(kw_only=True)
class Diary:
    """The diary of one person; `event_counts` is what a CrowdMember counts in."""

    external_id: str
    acknowledged: dict[EventKind, list[float]] = field(default_factory=dict)
    unclear: Counter[EventKind] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.event_counts: Counter[EventKind] = _TimedCounter(self.acknowledged)

    def note_unclear(self, path: str) -> None:
        """A request whose answer got lost, or was an error: it may have been done."""
        for pattern, events in _MAY_CAUSE.items():
            if re.fullmatch(pattern, path):
                self.unclear.update(events)

    @property
    def deeds(self) -> Deeds:
        """What a verdict wants to know."""
        return Deeds(external_id=self.external_id, acknowledged=self.acknowledged, unclear=self.unclear)
