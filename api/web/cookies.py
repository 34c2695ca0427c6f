"""The cookies that keep people and staff signed in, and that tell a browser from a stranger's.

No script can read them; over HTTPS they belong to one host.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fastapi import Response

from services.site import Site


@dataclass(frozen=True, kw_only=True)
class TokenCookie:
    """A cookie for the token of a session or a browser, for the whole site. `name` lacks the prefix that HTTPS adds."""

    name: str
    lifetime: timedelta
    same_site: Literal["lax", "strict"]

    def name_at(self, site: Site) -> str:
        """The name with its prefix. Browsers accept `__Host-` only over HTTPS and with the path `/`."""
        return f"__Host-{self.name}" if site.secure else self.name

    def keep(self, response: Response, site: Site, token: str) -> None:
        """Give the browser its token."""
        response.set_cookie(
            self.name_at(site),
            token,
            max_age=int(self.lifetime.total_seconds()),
            path="/",
            secure=site.secure,
            httponly=True,
            samesite=self.same_site,
        )

    def end(self, response: Response, site: Site) -> None:
        """Take the token away."""
        response.delete_cookie(
            self.name_at(site), path="/", secure=site.secure, httponly=True, samesite=self.same_site
        )
