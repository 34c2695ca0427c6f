"""The settings of what is kept for how long; what a dispute may need is never given up earlier."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings

from domain.rights.retention import LEAST, Retention

_LONGEST = 3650


class RetentionSettings(BaseSettings):
    """For how many days each is kept; `docs/privacy.md` explains them."""

    keep_recipients_days: int = Field(default=Retention().recipients.days, ge=0, le=_LONGEST)
    keep_sessions_days: int = Field(default=Retention().sessions.days, ge=0, le=_LONGEST)
    keep_anonymous_sessions_days: int = Field(default=Retention().anonymous_sessions.days, ge=0, le=_LONGEST)
    keep_audit_addresses_days: int = Field(default=Retention().audit_addresses.days, ge=0, le=_LONGEST)
    keep_attempts_days: int = Field(default=Retention().attempts.days, ge=0, le=_LONGEST)

    @property
    def retention(self) -> Retention:
        """What they come to."""
        return Retention(
            recipients=timedelta(days=self.keep_recipients_days),
            sessions=timedelta(days=self.keep_sessions_days),
            anonymous_sessions=timedelta(days=self.keep_anonymous_sessions_days),
            audit_addresses=timedelta(days=self.keep_audit_addresses_days),
            attempts=timedelta(days=self.keep_attempts_days),
        )

    def retention_problems(self) -> list[str]:
        """The terms that are shorter than trust needs."""
        return [
            f"OFFRAMP_KEEP_{term.upper()}_DAYS must be {LEAST[term].days} or more: {why}"
            for term, why in self.retention.too_short().items()
        ]
