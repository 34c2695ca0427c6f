"""Says on the next page what a form came to, once. A form is answered by a redirect, so that no reload sends it again.

What is said travels sealed, in a cookie that names the page it is for, and whose it is.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.web import pages
from api.web.cookies import TokenCookie
from domain.codes import DEVICE_LINK_LIFETIME
from domain.errors import OfframpError
from services.container import Services

KEPT_FOR = DEVICE_LINK_LIFETIME
"""How long a remark waits for its page; the page of a device link can be reloaded for as long as the link works."""

LARGEST = 3600
"""Characters. Browsers keep cookies of 4096 bytes, with their names and attributes (RFC 6265bis, 5.6)."""

_COOKIE = TokenCookie(name="offramp-remark", lifetime=KEPT_FOR, same_site="strict")


class TooMuchToSay(OfframpError):
    """A remark that no cookie can hold: the answer to the form has to be the page itself."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What a page is to say: values of its template, and the status and headers with which it says them.

    `stays`: the page says it again when it is reloaded.
    """

    page: str
    at: str
    session_id: str = ""
    stays: bool = False
    status: int = 200
    headers: dict[str, str] | None = None
    values: dict[str, Any] = field(default_factory=dict)


def back_to(
    services: Services,
    path: str,
    *,
    session_id: str = "",
    stays: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> RedirectResponse:
    """Send the browser to a page that will say something, once, and in this session only. Raises TooMuchToSay."""
    remark = Remark(
        page=path,
        at=services.clock().isoformat(),
        session_id=session_id,
        stays=stays,
        status=status,
        headers=headers,
        values=values,
    )
    sealed = services.seal.close(json.dumps(asdict(remark), ensure_ascii=False)).decode()
    if len(sealed) > LARGEST:
        raise TooMuchToSay
    response = pages.go_to(path)
    _COOKIE.keep(response, services.site, sealed)
    return response


def read(request: Request, *, session_id: str = "") -> Remark | None:
    """What the page of this request is to say; it stays there, for a page that may be shown again."""
    services: Services = request.app.state.services
    sealed = request.cookies.get(_COOKIE.name_at(services.site), "")
    try:
        remark = Remark(**json.loads(services.seal.open(sealed.encode())))
    except (ValueError, TypeError):  # nothing, or something else that was sealed with this key
        return None
    is_here = (remark.page, remark.session_id) == (request.url.path, session_id)
    is_late = services.clock() - datetime.fromisoformat(remark.at) > KEPT_FOR
    return remark if is_here and not is_late else None


def page(request: Request, template: str, *, session_id: str = "", **values: Any) -> HTMLResponse:
    """A page, and what it is to say in the place of these values."""
    remark = read(request, session_id=session_id)
    if remark is None:
        return pages.page(request, template, **values)
    said = values | {"status": remark.status, "headers": remark.headers} | remark.values
    response = pages.page(request, template, **said)
    if not remark.stays:
        services: Services = request.app.state.services
        _COOKIE.end(response, services.site)
    return response
