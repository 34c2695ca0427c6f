"""Where a browser is from, as far as its languages tell."""

import re
from typing import Annotated

from fastapi import Depends, Request

from providers import contacts

_REGION = re.compile(r"[A-Za-z]{2,3}-([A-Za-z]{2})\b")


def _browser_region(request: Request) -> str | None:
    """Where the browser's languages suggest that a number without a country code is from."""
    found = _REGION.search(request.headers.get("accept-language", "")[:200])
    region = found[1].upper() if found else ""
    return region if contacts.is_region(region) else None


BrowserRegion = Annotated[str | None, Depends(_browser_region)]
"""The browser's region, as an argument of a route."""
