"""What a browser answers to a passkey ceremony, as it arrives."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Credential(BaseModel):
    """A browser's answer to a ceremony: `PublicKeyCredential.toJSON()`. The verifier reads the rest."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(max_length=2048)
    response: dict[str, Any]
    authenticatorAttachment: str | None = None  # noqa: N815, the standard's name
