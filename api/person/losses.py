"""What to do after a sign-in by which a device may have been lost: put it on hold, and set this one up."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.person.account_view import view
from api.web.arguments import Use
from api.web.pages import page
from api.web.visitors import SignedIn, Visiting, way_on
from domain.facts import Method

router = APIRouter()


@router.get("/sign-in/lost")
def ask_for_loss(request: Request, services: Use, visit: Visiting, person: SignedIn) -> Response:
    """The person's other devices, each with a way to put it on hold, and this one to set up."""
    account = view(services, person)
    devices = [passkey for passkey in account.passkeys if not (passkey.is_on_hold or passkey.is_current)]
    return page(
        request,
        "person/lost_device.html",
        account=account,
        devices=devices,
        came_by_code=person.method is Method.RECOVERY_CODE,
        has_this_device=person.passkey_id is not None,
        way_on="/setup" if account.standing.is_asked and not visit.way_back else way_on(visit),
    )
