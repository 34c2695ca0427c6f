"""Checks that a crowd plays only with the development instance of these settings, on this machine.

The messages of such an instance go to its inbox only.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2 as httpx

from domain.host.ceremonies import Ceremonies
from offramp.config.provider_settings import MailProvider, TextProvider
from offramp.config.settings import NotConfigured, Settings
from providers.inbox import Inbox
from services.container import NobodyThere

_PATIENCE = 10.0


def require_development(settings: Settings, *, at_host: bool) -> None:
    """Raises NotConfigured, which says what to do, unless the settings are for a development instance.

    `at_host`: the people are customers of a host, which may have the pages of the ceremonies itself.
    """
    if not settings.is_development:
        raise NotConfigured(
            "a crowd plays with a development instance only, and OFFRAMP_MODE is production; "
            "run `offramp up` elsewhere, with an OFFRAMP_HOME of its own, and the crowd with the same settings"
        )
    if settings.ceremonies is Ceremonies.ORCHESTRATED and not at_host:
        raise NotConfigured(
            "a crowd plays on people's pages, and OFFRAMP_CEREMONIES is orchestrated, so that the host has them; "
            "play its customers by --host with the address of the sample host, or leave the setting out"
        )
    if not is_loopback(urlsplit(settings.origin).hostname or ""):
        raise NotConfigured(
            f"a crowd plays on this machine only, and OFFRAMP_ORIGIN is {settings.origin}; "
            "leave it out, or name http://localhost with a port"
        )
    if (settings.mailer, settings.texter) != (MailProvider.INBOX, TextProvider.INBOX):
        raise NotConfigured(
            "a crowd's messages must go nowhere; set OFFRAMP_MAILER=inbox and OFFRAMP_TEXTER=inbox, "
            "and start the instance again"
        )


def require_instance(settings: Settings, inbox: Inbox) -> None:
    """Require that the development instance of these settings answers and is ready.

    Raises NobodyThere if nothing answers or the instance is not ready, NotConfigured if another server answers.
    """
    with httpx.Client(base_url=settings.origin, timeout=_PATIENCE) as client:
        try:
            page, readiness, door = (client.get(path) for path in ("/dev/inbox", "/readyz", "/sign-in"))
        except httpx.HTTPError as error:
            raise NobodyThere(
                f"nothing answers at {settings.origin} ({type(error).__name__}); start `offramp up` first, "
                "with the same settings",
                is_taken=False,
            ) from error
    if not page.is_success:
        raise NotConfigured(
            f"what answers at {settings.origin} has no development inbox, so it is no development instance"
        )
    if not _is_of(page.text, inbox):
        raise NotConfigured(
            f"the instance at {settings.origin} has another OFFRAMP_HOME than {settings.home}; "
            "give the crowd the settings of the instance"
        )
    if not readiness.is_success:
        problem = f"the instance at {settings.origin} is not ready: {_failed_checks(readiness)}"
        raise NobodyThere(problem, is_taken=False)
    if door.is_success is not (settings.ceremonies is Ceremonies.HOSTED):
        raise NotConfigured(
            f"OFFRAMP_CEREMONIES is {settings.ceremonies} here, and not for the instance at {settings.origin}; "
            "give the crowd the settings of the instance"
        )


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_of(page: str, inbox: Inbox) -> bool:
    """Whether the page shows this inbox: every item on the page is in the inbox, and only an empty inbox shows none."""
    shown_keys = set(re.findall(r'data-key="([^"]+)"', page))
    items, _ = inbox.since(0)
    return shown_keys <= {item.key for item in items} and bool(shown_keys) == bool(items)


def _failed_checks(readiness: httpx.Response) -> str:
    try:
        checks = readiness.json()["checks"]
    except (ValueError, KeyError):
        return f"/readyz answered {readiness.status_code}"
    return ", ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ready"])
