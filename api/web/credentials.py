"""What a browser answers to a passkey ceremony, as it arrives, and what it may tell its device."""

from typing import Annotated, Any, Literal

from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from providers.passkeys import Signals

Attachment = Literal["platform", "cross-platform"]


def _known_attachment(value: object) -> object:
    """The attachment, or None for a value that no standard knows yet: nothing is decided by it that would need one."""
    return value if value in ("platform", "cross-platform") else None


class Credential(BaseModel):
    """A browser's answer to a ceremony: `PublicKeyCredential.toJSON()`. The verifier reads the rest."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(max_length=2048)
    response: dict[str, Any]
    authenticatorAttachment: Annotated[Attachment | None, BeforeValidator(_known_attachment)] = None  # noqa: N815

    @property
    def is_elsewhere(self) -> bool:
        """Whether the passkey is on a security key or on a phone nearby, and not on this device."""
        return self.authenticatorAttachment == "cross-platform"


def signalled(signals: Signals | None) -> Response:
    """What a page's script may tell its device, as the browser's methods want it; 204 if nothing may be told now."""
    if signals is None:
        return Response(status_code=204)
    return JSONResponse(
        {
            "rpId": signals.rp_id,
            "userId": signals.user_id,
            "name": signals.name,
            "accepted": list(signals.accepted),
        }
    )
