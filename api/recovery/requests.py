"""The request: where it begins, how far it is, its link, and what is shown when the new device is set up."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.account_view import view
from api.recovery import cookies
from api.recovery.cookies import Followed
from api.web import remarks, visitors
from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.errors import LinkRejected
from domain.facts import Channel
from domain.words import recovery_words
from providers.qr import qr_svg
from services.recovery import opening, requests

router = APIRouter()

_REQUEST = "/recover/request"


@router.get("/recover")
def begin(request: Request, services: Use, token: Followed) -> Response:
    """The things that can be shown, each by its name; somebody who has begun goes on where they were."""
    followed = requests.look(services, token)
    if followed and not followed.stage.is_over:
        return go_to(_REQUEST)
    kinds = recovery_words.kinds_at_door(email_recovers=services.email_recovers)
    return page(request, "person/recovery/begin.html", words=recovery_words, kinds=kinds)


@router.get("/recover/request")
def show(request: Request, services: Use, token: Followed, sent: str = "") -> Response:
    """What was shown, what is still missing, and when it opens."""
    followed = requests.look(services, token)
    if followed is None:
        return go_to("/recover")
    return remarks.page(
        request,
        "person/recovery/request.html",
        error=None,
        recovery=followed,
        words=recovery_words,
        sent=sent,
    )


@router.post("/recover/elsewhere")
def hand_over(services: Use, token: Followed) -> Response:
    """A link by which another device follows this request; the next page shows it."""
    handed = requests.hand_over(services, token)
    if handed is None:
        return go_to("/recover")
    return remarks.back_to(services, "/recover/elsewhere", stays=True, handed=handed)


@router.get("/recover/elsewhere")
def show_hand_over(request: Request, services: Use) -> Response:
    """The link as a QR code. Without one, back to the request."""
    remark = remarks.read(request)
    if remark is None:
        return go_to(_REQUEST)
    url = f"{services.site.origin}/recover/follow?token={remark.values['handed']}"
    return page(request, "person/recovery/hand_over.html", url=url, qr=qr_svg(url))


@router.get("/recover/follow")
def ask_to_follow(request: Request, token: str = "") -> Response:
    """A button, because link previews open links, too."""
    return page(request, "person/recovery/follow.html", token=token)


@router.post("/recover/follow")
def follow(services: Use, token: Annotated[str, Form(max_length=128)] = "") -> Response:
    """Let this browser follow the request of a link."""
    if requests.look(services, token) is None:
        return go_to("/recover")
    return cookies.follow(go_to(_REQUEST), services, token)


@router.post("/recover/anew")
def begin_anew(services: Use) -> Response:
    """Forget in this browser whose request it followed: several people may use it."""
    return cookies.forget(go_to("/recover"), services)


@router.post("/recover/go-on")
def go_on(services: Use, token: Followed) -> Response:
    """Look once more whether there is a contact for the way in."""
    requests.go_on(services, token)
    return go_to(_REQUEST)


@router.get("/recover/host")
def show_reference(request: Request, services: Use, token: Followed) -> Response:
    """What to tell the people of the service, who then vouch for this very request."""
    followed = requests.look(services, token)
    if followed is None or followed.stage.is_over:
        return go_to("/recover")
    return page(request, "person/recovery/host.html", recovery=followed)


@router.get("/recover/open/{link}")
def ask_to_open(request: Request, services: Use, visit: Visiting, token: Followed, link: str) -> Response:
    """A button, because mail scanners open links too. In another browser: what to do there."""
    try:
        opening.look(services, link, request=token)
    except opening.OtherBrowser:
        return page(request, "person/recovery/elsewhere.html")
    return visitors.at_door(page(request, "person/recovery/open.html", link=link), services, visit)


@router.post("/recover/open/{link}")
def open_(services: Use, visit: Visiting, token: Followed, link: str) -> Response:
    """Start the session that makes the passkey."""
    try:
        return enter(services, opening.open_(services, visit, link, request=token))
    except opening.OtherBrowser:
        return go_to(f"/recover/open/{link}")


@router.post("/recover/open")
def open_by_code(services: Use, visit: Visiting, code: Annotated[str, Form(max_length=64)] = "") -> Response:
    """From the code of a text to its link's page."""
    try:
        return go_to(f"/recover/open/{opening.by_short_code(services, visit, code)}")
    except LinkRejected:
        return remarks.back_to(services, _REQUEST, status=400, error="code")


@router.post("/recover/link")
def send_again(services: Use, token: Followed, channel: Annotated[Channel | None, Form()] = None) -> Response:
    """Send the link once more, or to the other contact."""
    opening.send_again(services, request=token or "", channel=channel)
    return go_to(f"{_REQUEST}?sent={channel or 'again'}")


@router.get("/recover/done")
def be_done(request: Request, services: Use, person: SignedIn) -> Response:
    """The last page: this device is a way in again, new codes where one was used, and what to do about lost devices."""
    account = view(services, person)
    made = next((new for new in account.news if new.subject_id == person.passkey_id), None)
    return page(request, "person/recovery/done.html", account=account, made=made)


@router.post("/recover/codes")
def replace_codes(services: Use, person: SignedIn) -> Response:
    """New codes in the place of the set of which one was used; the next page shows them, once."""
    codes = opening.new_codes(services, person)
    if not codes:
        return go_to("/recover/done")
    return remarks.back_to(services, "/setup/recovery-codes", session_id=person.session_id, codes=codes)
