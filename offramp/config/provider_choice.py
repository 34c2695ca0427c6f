"""Builds the providers that the settings choose, and the readers of their callbacks."""

from datetime import timedelta

from domain.ports import Clock
from offramp.config.provider_settings import MailProvider, SimCheck, TextProvider
from offramp.config.settings import NotConfigured, Settings
from providers.senders import Sender
from providers.sendgrid import SendGridAccount, SendGridMailer
from providers.sendgrid_events import SendGridEvents
from providers.smtp import SmtpMailer, SmtpServer
from providers.twilio import TwilioAccount, TwilioTexter
from providers.twilio_lookup import TwilioLookup
from providers.twilio_statuses import TwilioStatuses
from providers.wire import PATIENCE


def mailer(settings: Settings, clock: Clock, patience: timedelta = PATIENCE) -> SendGridMailer | SmtpMailer:
    """Makes the provider of e-mails, which waits `patience` for an answer. Raises NotConfigured."""
    _require_complete(settings)
    sender = Sender(email=settings.from_email, name=settings.from_name)
    if settings.mailer is MailProvider.SENDGRID:
        return SendGridMailer(_sendgrid_account(settings), sender, patience=patience)
    if settings.mailer is MailProvider.SMTP:
        return SmtpMailer(SmtpServer.at(settings.smtp_url), sender, clock, patience=patience)
    raise NotConfigured("OFFRAMP_MAILER must be sendgrid or smtp")


def texter(settings: Settings, patience: timedelta = PATIENCE) -> TwilioTexter:
    """Makes the provider of text messages, which waits `patience` for an answer. Raises NotConfigured."""
    _require_complete(settings)
    if settings.texter is TextProvider.TWILIO:
        return TwilioTexter(twilio_account(settings), patience=patience)
    raise NotConfigured("OFFRAMP_TEXTER must be twilio")


def sim_checker(settings: Settings, patience: timedelta = PATIENCE) -> TwilioLookup:
    """Makes the provider that is asked about SIMs, which waits `patience` for an answer. Raises NotConfigured."""
    _require_complete(settings)
    if settings.sim_check is SimCheck.TWILIO:
        return TwilioLookup(twilio_account(settings), patience=patience)
    raise NotConfigured("OFFRAMP_SIM_CHECK must be twilio")


def sendgrid_events(settings: Settings) -> SendGridEvents | None:
    """Makes the reader of SendGrid's events; None without a key that verifies them."""
    return SendGridEvents(settings.sendgrid_webhook_key) if settings.sendgrid_webhook_key else None


def twilio_statuses(settings: Settings) -> TwilioStatuses | None:
    """Makes the reader of Twilio's status callbacks; None without a token that verifies them."""
    if not settings.twilio_auth_token:
        return None
    by_verify = bool(settings.twilio_verify_service_sid)
    return TwilioStatuses(settings.twilio_auth_token, codes_go_elsewhere=by_verify)


def twilio_account(settings: Settings) -> TwilioAccount:
    """The Twilio account that the settings name."""
    # Twilio refuses a callback address that it cannot reach. A stand-in on this machine can reach it.
    is_reachable = settings.is_secure or bool(settings.twilio_base_url)
    return TwilioAccount(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        from_number=settings.twilio_from,
        messaging_service=settings.twilio_messaging_service_sid,
        verify_service=settings.twilio_verify_service_sid,
        base_url=settings.twilio_base_url,
        callback_origin=settings.origin if is_reachable else None,
    )


def _sendgrid_account(settings: Settings) -> SendGridAccount:
    return SendGridAccount(
        api_key=settings.sendgrid_api_key,
        base_url=settings.sendgrid_base_url,
        sandbox=settings.sendgrid_sandbox,
        unsubscribe_group=settings.sendgrid_unsubscribe_group,
    )


def _require_complete(settings: Settings) -> None:
    if problems := list(settings.provider_problems(is_development=settings.is_development)):
        raise NotConfigured("\n".join(problems))
