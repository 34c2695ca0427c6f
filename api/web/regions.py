"""The region of a browser, as its languages suggest it."""

import re
from typing import Annotated

from fastapi import Depends, Request

from providers import contacts

_REGION = re.compile(r"[A-Za-z]{2,3}-([A-Za-z]{2})\b")


def _browser_region(request: Request) -> str | None:
    """The region that the browser's languages suggest for numbers without a country code; None if none does."""
    language_tag = _REGION.search(request.headers.get("accept-language", "")[:200])
    region = language_tag[1].upper() if language_tag else ""
    return region if contacts.is_region(region) else None


BrowserRegion = Annotated[str | None, Depends(_browser_region)]
"""The browser's region, as an argument of a route."""
