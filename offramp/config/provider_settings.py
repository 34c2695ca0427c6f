"""The settings of providers: which provider sends e-mails or text messages, and what each provider needs.

A validator imports its provider by itself, because every command reads settings and few commands need providers.
"""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class MailProvider(StrEnum):
    """The providers of e-mails."""

    INBOX = "inbox"
    SENDGRID = "sendgrid"
    SMTP = "smtp"


class TextProvider(StrEnum):
    """The providers of text messages."""

    INBOX = "inbox"
    TWILIO = "twilio"


class SimCheck(StrEnum):
    """The providers that know of swapped SIMs."""

    NONE = "none"
    TWILIO = "twilio"


class ProviderSettings(BaseSettings):
    """The settings of providers; `docs/providers.md` says where to get the values."""

    mailer: MailProvider | None = None
    from_email: str = ""
    from_name: str = ""
    emails_per_second: float = Field(default=10.0, ge=0)
    sendgrid_api_key: str = Field(default="", repr=False)
    sendgrid_webhook_key: str = ""
    sendgrid_unsubscribe_group: int | None = None
    sendgrid_sandbox: bool = False
    sendgrid_base_url: str = "https://api.sendgrid.com"
    smtp_url: str = Field(default="", repr=False)

    texter: TextProvider | None = None
    texts_per_second: float = Field(default=10.0, ge=0)
    twilio_account_sid: str = ""
    twilio_auth_token: str = Field(default="", repr=False)
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_verify_service_sid: str = ""
    twilio_base_url: str = ""
    sim_check: SimCheck = SimCheck.NONE

    @field_validator("smtp_url")
    @classmethod
    def smtp_url_is_one(cls, url: str) -> str:
        """Require the URL of a mail server, or nothing."""
        if url:
            from providers.smtp import SmtpServer

            SmtpServer.at(url)
        return url

    @field_validator("sendgrid_webhook_key")
    @classmethod
    def webhook_key_is_one(cls, key: str) -> str:
        """Require a key that verifies events, or nothing."""
        if key:
            from providers.sendgrid_events import SendGridEvents

            try:
                SendGridEvents(key)
            except ValueError:
                raise ValueError("this is no verification key of SendGrid's event webhook") from None
        return key

    @field_validator("sendgrid_base_url", "twilio_base_url")
    @classmethod
    def base_url_is_one(cls, url: str) -> str:
        """Require an HTTP address, or nothing; a slash at the end is left out."""
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("a base URL is like https://api.example.com")
        return url.rstrip("/")

    @property
    def uses_inbox(self) -> bool:
        """Whether anything goes to the development inbox."""
        return self.mailer is MailProvider.INBOX or self.texter is TextProvider.INBOX

    def provider_problems(self, *, is_development: bool) -> Iterator[str]:
        """What the chosen providers lack. Each problem says what to set."""
        if not is_development:
            yield from self._not_chosen()
        yield from self._mailer_problems(is_development=is_development)
        if self.texter is TextProvider.TWILIO:
            yield from self._twilio_credential_problems("OFFRAMP_TEXTER")
            yield from self._twilio_problems()
        elif self.sim_check is SimCheck.TWILIO:
            yield from self._twilio_credential_problems("OFFRAMP_SIM_CHECK")

    def _not_chosen(self) -> Iterator[str]:
        if self.mailer in (None, MailProvider.INBOX):
            yield "OFFRAMP_MAILER must be sendgrid or smtp in production"
        if self.texter in (None, TextProvider.INBOX):
            yield "OFFRAMP_TEXTER must be twilio in production"

    def _mailer_problems(self, *, is_development: bool) -> Iterator[str]:
        if self.mailer in (MailProvider.SENDGRID, MailProvider.SMTP) and "@" not in self.from_email:
            yield f"OFFRAMP_FROM_EMAIL must be the address that e-mails come from, with OFFRAMP_MAILER={self.mailer}"
        if self.mailer is MailProvider.SMTP and not self.smtp_url:
            yield "OFFRAMP_SMTP_URL must be given with OFFRAMP_MAILER=smtp"
        if self.mailer is MailProvider.SENDGRID:
            if not self.sendgrid_api_key:
                yield "OFFRAMP_SENDGRID_API_KEY must be given with OFFRAMP_MAILER=sendgrid"
            if not self.sendgrid_webhook_key and not is_development:
                yield "OFFRAMP_SENDGRID_WEBHOOK_KEY must be given, or nobody learns which e-mails bounced"

    def _twilio_credential_problems(self, chosen_by: str) -> Iterator[str]:
        if not self.twilio_account_sid.startswith("AC"):
            yield f"OFFRAMP_TWILIO_ACCOUNT_SID must be given with {chosen_by}=twilio; it begins with AC"
        if not self.twilio_auth_token:
            yield f"OFFRAMP_TWILIO_AUTH_TOKEN must be given with {chosen_by}=twilio"

    def _twilio_problems(self) -> Iterator[str]:
        if bool(self.twilio_from) == bool(self.twilio_messaging_service_sid):
            yield "OFFRAMP_TWILIO_FROM or OFFRAMP_TWILIO_MESSAGING_SERVICE_SID must be given, one of the two"
        if not self.twilio_messaging_service_sid.startswith("MG") and self.twilio_messaging_service_sid:
            yield "OFFRAMP_TWILIO_MESSAGING_SERVICE_SID begins with MG"
        if not self.twilio_verify_service_sid.startswith("VA") and self.twilio_verify_service_sid:
            yield "OFFRAMP_TWILIO_VERIFY_SERVICE_SID begins with VA"
