"""What is provisional: it signs in or is written to, and may not yet change other routes and contacts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.trust import Trust, Way


class ProvisionalKind(StrEnum):
    """What can be provisional."""

    PASSKEY = "passkey"
    CODES = "codes"
    AUTHENTICATOR_APP = "authenticator_app"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, kw_only=True)
class Provisional:
    """One provisional route or contact: its name for its owner, and from when it is established by itself."""

    kind: ProvisionalKind
    subject_id: str
    name: str
    trust: Trust

    @property
    def established_from(self) -> datetime | None:
        """When it becomes established by itself; None if that is not known, or never."""
        return self.trust.established_from

    @property
    def awaits_notice(self) -> bool:
        """Whether the waiting begins when our message of it has gone out."""
        return self.trust.way is Way.NOTICE and self.trust.established_from is None
