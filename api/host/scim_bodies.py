"""How users look in SCIM, for the API's description; `providers.scim` reads and writes them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from providers.scim import MEDIA_TYPE
from providers.scim_discovery import PATCHES
from providers.scim_users import User

_CORE = str(User.__schema__)


class _Described(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class ScimContact(_Described):
    """An e-mail address or a phone number."""

    value: str = Field(description="The address, or the number with its country code.")
    type: str | None = Field(default=None, description="What it is for, such as `work` or `mobile`.")
    primary: bool | None = Field(default=None, description="Whether it is the one that counts.")


class ScimUserBody(_Described):
    """A user, as an identity system tells of it. What Offramp does not keep is read, and forgotten."""

    schemas: list[str] = Field(description="The schemas of the user.", examples=[[_CORE]])
    user_name: str = Field(description="What the person is called there; capitals do not count.")
    external_id: str | None = Field(
        default=None, description="Your own id of the account. Without one, the `userName` is that, for good."
    )
    active: bool | None = Field(default=None, description="`false` deactivates the account.")
    emails: list[ScimContact] | None = Field(default=None, description="The primary or first one counts.")
    phone_numbers: list[ScimContact] | None = Field(
        default=None, description="The primary one counts, or the first mobile one, or the first."
    )
    locale: str | None = Field(default=None, description="The language of messages, such as `en-GB`.")
    timezone: str | None = Field(default=None, description="The time zone, such as `Europe/Berlin`.")


class ScimMeta(_Described):
    """What Offramp knows of a resource."""

    resource_type: str = Field(description="The kind of the resource.")
    created: datetime | None = Field(default=None, description="When the account became known.")
    location: str = Field(description="The address of the resource.")


class ScimUserAnswer(ScimUserBody):
    """A user, as Offramp has it."""

    id: str = Field(description="Offramp's own id of the account.")
    meta: ScimMeta = Field(description="What Offramp knows of the user.")


class ScimUserPage(_Described):
    """Some of the users."""

    schemas: list[str] = Field(description="The schema of the answer.")
    total_results: int = Field(description="How many users there are in all.")
    start_index: int = Field(description="The place of the first one of this page, from 1.")
    items_per_page: int = Field(description="How many are on this page.")
    resources: list[ScimUserAnswer] = Field(alias="Resources", description="The users.")


class ScimRefusal(_Described):
    """Why nothing was done (RFC 7644, 3.12)."""

    schemas: list[str] = Field(description="The schema of refusals.")
    status: str = Field(description="The HTTP status.")
    scim_type: str | None = Field(default=None, description="The reason, where SCIM has a word for it.")
    detail: str = Field(description="What happened, for a person.")


_ADA = {
    "schemas": [_CORE],
    "userName": "ada@example.com",
    "externalId": "u-1815",
    "active": True,
    "emails": [{"value": "ada@example.com", "type": "work", "primary": True}],
    "phoneNumbers": [{"value": "+442079460101", "type": "mobile"}],
    "locale": "en-GB",
    "timezone": "Europe/London",
}
_DEACTIVATION = {
    "schemas": [PATCHES],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}

ScimDocument = Annotated[
    dict[str, Any],
    Body(media_type=MEDIA_TYPE, openapi_examples={"a user": {"summary": "A user", "value": _ADA}}),
]
"""A user in a request. SCIM does not heed capitals in names, so that the document is read by its own rules."""

ScimOperations = Annotated[
    dict[str, Any],
    Body(
        media_type=MEDIA_TYPE,
        openapi_examples={"deactivate": {"summary": "Deactivate an account", "value": _DEACTIVATION}},
    ),
]
"""Operations in a request."""
