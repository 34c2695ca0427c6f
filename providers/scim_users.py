"""What SCIM 2.0 (RFC 7643) knows of a user, as far as Offramp keeps it, and how a request is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from scim2_models import URN, ComplexAttribute, Required, Resource, Uniqueness

USER = "User"

LARGEST_PAGE = 200
"""The most users of one answer."""


class ScimError(StrEnum):
    """What RFC 7644, 3.12 calls the reasons of refusals."""

    INVALID_FILTER = "invalidFilter"
    UNIQUENESS = "uniqueness"
    MUTABILITY = "mutability"
    INVALID_SYNTAX = "invalidSyntax"
    INVALID_PATH = "invalidPath"
    NO_TARGET = "noTarget"
    INVALID_VALUE = "invalidValue"


class BadScim(Exception):
    """A request that SCIM does not allow, or that cannot be done. `kind` is empty where RFC 7644 has no word for it."""

    def __init__(self, detail: str, *, kind: str = "", status: int = 400) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status


class UserEmail(ComplexAttribute):
    """An address."""

    value: str | None = None
    """The address."""

    type: Annotated[str | None, Field(examples=["work"])] = None
    """What the address is for. It is read, and answered as "work"."""

    primary: bool | None = None
    """Whether the address is the one to use."""


class UserPhoneNumber(ComplexAttribute):
    """A number."""

    value: str | None = None
    """The number, with its country code."""

    type: Annotated[str | None, Field(examples=["mobile"])] = None
    """What the number is for. It is read, and answered as "mobile"."""

    primary: bool | None = None
    """Whether the number is the one to use."""


class User(Resource[Any]):
    """A person's account."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the person is called at the identity system."""

    active: bool | None = None
    """Whether the person may sign in."""

    emails: list[UserEmail] | None = None
    """Addresses. Offramp keeps one: the primary one, or else the first."""

    phone_numbers: list[UserPhoneNumber] | None = None
    """Numbers. Offramp keeps one: the primary one, or else the first mobile one, or else the first."""

    locale: str | None = None
    """The language of messages."""

    timezone: str | None = None
    """The time zone."""


@dataclass(frozen=True, kw_only=True)
class ScimUser:
    """A user as SCIM tells of it. `user_id`, `created_at` and `location` are Offramp's own; a new user has none."""

    user_name: str
    external_id: str | None = None
    is_active: bool = True
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    user_id: str = ""
    location: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ScimQuestion:
    """Which users are asked for, as a page: `start_index` counts from 1. Without a name or an id, all of them."""

    user_name: str | None = None
    external_id: str | None = None
    start_index: int = 1
    count: int = LARGEST_PAGE
