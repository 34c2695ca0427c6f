"""Where the links in messages lead: to Offramp's own pages, or to the pages of a host that has its own."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from domain.facts import Milestone
from domain.messages.messages import Template, nudge_template

_START = "/setup"
_ACCOUNT = "/account"
_CONSOLE = "/console"


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """The pages that messages name. Without `setup_url` and `account_url`, all of them are below `origin`.

    Templates name pages by Offramp's own paths. Of a host's pages, `account_url` takes the place of the account page,
    and `setup_url` that of every other page of people; a reminder adds the step that it is about.
    """

    origin: str
    setup_url: str = ""
    account_url: str = ""

    def of(self, path: str, template: Template) -> str:
        """Where a message leads whose template names a path, or none."""
        if path.startswith(_CONSOLE) or not self.setup_url:
            return self.origin + (path or _START)
        if path == _ACCOUNT:
            return self.account_url
        return with_step(self.setup_url, step_of(template))


def step_of(template: Template) -> Milestone | None:
    """The milestone that a reminder invites to; None for everything else."""
    return next((milestone for milestone in Milestone if nudge_template(milestone) is template), None)


def with_step(url: str, step: Milestone | None) -> str:
    """A host's page, told which step the person is to take."""
    if step is None:
        return url
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({"step": step})) if part)
    return urlunsplit(parts._replace(query=query))
