"""Reads and writes SCIM 2.0 (RFC 7643, RFC 7644). Of a user, it knows what Offramp keeps of an account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard, TypeVar

from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    ListResponse,
    Meta,
    PatchOp,
    ResponseParameters,
    SCIMException,
    ScimPolicy,
    SearchRequest,
)
from scim2_models.path import CompareOperator, Comparison

from providers.scim_users import (
    LARGEST_PAGE,
    USER,
    BadScim,
    ScimError,
    ScimQuestion,
    ScimUser,
    User,
    UserEmail,
    UserPhoneNumber,
)

MEDIA_TYPE = "application/scim+json"

_LAST_INDEX = 2**31
"""Behind it there are no users; databases cannot count to every number that a request may hold."""

_T = TypeVar("_T")

_WORK, _MOBILE, _ACTIVE = "work", "mobile", "active"
_BOOLEANS = {"True": True, "true": True, "False": False, "false": False}
_ATTRIBUTES = {
    "user_name": "user_name",
    "external_id": "external_id",
    "is_active": "active",
    "email": "emails",
    "phone": "phone_numbers",
    "locale": "locale",
    "time_zone": "timezone",
}
"""What is kept, and the attributes of SCIM that tell of it."""

# What Offramp does not keep is not refused: identity systems send names and titles, whatever a schema says. Two more
# are Microsoft Entra's habits.
_TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


ScimView = ResponseParameters[User]
"""Which attributes an answer has."""


def read_new(body: Mapping[str, Any]) -> ScimUser:
    """A user to create. Raises BadScim."""
    user = _checked(
        lambda: User.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=_TOLERANT)
    )
    return _wanted(user, ScimUser(user_name=""))


def read_whole(body: Mapping[str, Any], current: ScimUser) -> ScimUser:
    """What a user becomes that is told of anew. What the body leaves out stays as it is. Raises BadScim."""
    user = _checked(
        lambda: User.model_validate(
            body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=_TOLERANT
        )
    )
    return _wanted(user, current)


def read_patch(body: Mapping[str, Any], current: ScimUser) -> ScimUser:
    """What a user becomes by the operations of a PATCH (RFC 7644, 3.5.2). Raises BadScim."""

    def patched() -> User:
        user = _resource(current)
        operations = PatchOp[User].model_validate(
            _with_booleans(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=_TOLERANT
        )
        operations.patch(user, scim_policy=_TOLERANT)
        return user

    return _wanted(_checked(patched), current)


def read_question(
    *, filter_text: str | None = None, start_index: int | None = None, count: int | None = None
) -> ScimQuestion:
    """Which users are asked for. Only `userName eq` and `externalId eq` are filters here. Raises BadScim."""
    # RFC 7644, 3.4.2.4: an index below 1 is 1, and a negative count is 0.
    pages = ScimQuestion(
        start_index=min(max(start_index or 1, 1), _LAST_INDEX),
        count=min(max(LARGEST_PAGE if count is None else count, 0), LARGEST_PAGE),
    )
    if not filter_text:
        return pages
    try:
        parsed = SearchRequest[User](filter=filter_text).filter
        tree = parsed.ast if parsed else None
    except (SCIMException, ValidationError):
        tree = None
    if isinstance(tree, Comparison) and tree.op == CompareOperator.eq and _is_storable(tree.value):
        match tree.attr_path.attr.lower():
            case "username":
                return replace(pages, user_name=tree.value)
            case "externalid":
                return replace(pages, external_id=tree.value)
    raise BadScim(
        'a filter is userName eq "…" or externalId eq "…" here, and nothing else',
        kind=ScimError.INVALID_FILTER,
    )


def _is_storable(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and not any(
        letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text
    )


def read_view(attributes: str | None = None, excluded: str | None = None) -> ScimView:
    """Which attributes an answer is to have, as names with commas between; without any, all. Raises BadScim."""
    given = {"attributes": attributes, "excludedAttributes": excluded}
    return _checked(lambda: ScimView.model_validate({name: value for name, value in given.items() if value}))


def write_user(user: ScimUser, view: ScimView) -> dict[str, Any]:
    """A user, as an answer."""
    return _resource(user).model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=view)


def write_page(
    users: list[ScimUser], view: ScimView, *, total: int, question: ScimQuestion
) -> dict[str, Any]:
    """Some of the users, as an answer."""
    drawn = ListResponse[User](
        total_results=total, start_index=question.start_index, items_per_page=len(users)
    ).model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return {**drawn, "Resources": [write_user(user, view) for user in users]}


def write_error(status: int, detail: str, kind: str = "") -> dict[str, Any]:
    """A refusal (RFC 7644, 3.12)."""
    return Error(status=status, detail=detail, scim_type=kind or None).model_dump()


def _checked(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except ValidationError as error:
        first = Error.from_validation_errors(error)[0]
        detail, kind, status = first.detail or "", first.scim_type or "", first.status or 400
    except SCIMException as error:
        detail, kind, status = error.detail, error.scim_type, error.status
    raise BadScim(detail, kind=kind, status=status)


def _wanted(user: User, current: ScimUser) -> ScimUser:
    """What is told, over what is known: what is not told stays as it is."""
    values: dict[str, Any] = {
        "user_name": user.user_name,
        "external_id": user.external_id,
        "is_active": current.is_active if user.active is None else user.active,
        "email": _chosen(user.emails),
        "phone": _chosen(user.phone_numbers, first=_MOBILE),
        "locale": user.locale,
        "time_zone": user.timezone,
    }
    return replace(
        current,
        **{name: value for name, value in values.items() if _ATTRIBUTES[name] in user.model_fields_set},
    )


def _chosen(contacts: Sequence[UserEmail | UserPhoneNumber] | None, *, first: str = "") -> str | None:
    """The one contact that counts: the primary one, or else the first of the type `first`, or else the first."""
    given = [contact for contact in contacts or () if contact.value]
    in_order = sorted(given, key=lambda contact: (not contact.primary, (contact.type or "").lower() != first))
    return in_order[0].value if in_order else None


def _resource(user: ScimUser) -> User:
    fields: dict[str, Any] = {
        "id": user.user_id,
        "external_id": user.external_id,
        "user_name": user.user_name,
        "active": user.is_active,
        "locale": user.locale,
        "timezone": user.time_zone,
        "meta": Meta(resource_type=USER, created=user.created_at, location=user.location),
    }
    if user.email:
        fields["emails"] = [UserEmail(value=user.email, type=_WORK, primary=True)]
    if user.phone:
        fields["phone_numbers"] = [UserPhoneNumber(value=user.phone, type=_MOBILE, primary=True)]
    return User(**{name: value for name, value in fields.items() if value is not None})


def _with_booleans(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Microsoft Entra writes `active` as a text in the operations of a PATCH."""
    operations = body.get("Operations")
    if not isinstance(operations, list):
        return body
    return {**body, "Operations": [_with_boolean(operation) for operation in operations]}


def _with_boolean(operation: Any) -> Any:
    if not isinstance(operation, dict):
        return operation
    value = operation.get("value")
    if str(operation.get("path", "")).lower().rpartition(":")[2] == _ACTIVE:
        return {**operation, "value": _BOOLEANS.get(value, value) if isinstance(value, str) else value}
    if isinstance(value, dict):
        parts = {
            name: _BOOLEANS.get(part, part) if name.lower() == _ACTIVE and isinstance(part, str) else part
            for name, part in value.items()
        }
        return {**operation, "value": parts}
    return operation
