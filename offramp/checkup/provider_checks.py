"""Asks the providers whether they would send, without sending anything."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

from domain.ports import Clock
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config import provider_choice
from offramp.config.provider_settings import MailProvider, SimCheck, TextProvider
from offramp.config.settings import NotConfigured, Settings

_PATIENCE = timedelta(seconds=5)


class _Outlet(Protocol):
    @property
    def provider(self) -> str: ...

    def check(self) -> str | None: ...


def check_providers(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """One finding about what sends e-mails, one about text messages, and one about what knows of SIMs, if anybody."""
    if settings.mailer is MailProvider.INBOX:
        yield well("mailer", "e-mails go to the development inbox")
    else:
        yield _finding("mailer", lambda: provider_choice.mailer(settings, clock, _PATIENCE))
    if settings.mailer is MailProvider.SENDGRID and settings.sendgrid_sandbox:
        yield note("mailer", "OFFRAMP_SENDGRID_SANDBOX is on: no e-mail is delivered")
    if settings.texter is TextProvider.INBOX:
        yield well("texter", "text messages go to the development inbox")
    else:
        yield _finding("texter", lambda: provider_choice.texter(settings, _PATIENCE))
    if settings.sim_check is not SimCheck.NONE:
        yield _finding("sim_check", lambda: provider_choice.sim_checker(settings, _PATIENCE))


def _finding(name: str, make: Callable[[], _Outlet]) -> Finding:
    try:
        outlet = make()
        problem = outlet.check()
    except NotConfigured:
        return unwell(name, "it is not configured; see above")
    except Exception as error:  # any error means that nothing can be sent
        return unwell(name, f"it cannot send: {error}" if str(error) else type(error).__name__)
    if problem:
        return unwell(name, f"{outlet.provider}: {problem}")
    return well(name, f"{outlet.provider} answers, and takes our credentials")
