"""SCIM 2.0 (RFC 7644), for identity systems that push their users by themselves."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response

from api.host.callers import ProvisionsByScim
from api.host.named_requests import HostRoute
from api.host.scim_bodies import ScimDocument, ScimOperations, ScimUserAnswer, ScimUserPage
from api.web.arguments import Use
from domain.errors import Unknown
from providers import scim, scim_discovery
from providers.scim import ScimView
from providers.scim_users import LARGEST_PAGE, USER, BadScim, ScimUser
from services.host import scim_users

router = APIRouter(route_class=HostRoute, tags=["scim"])

UserId = Annotated[str, Path(max_length=64, description="The `id` that Offramp gave the user.")]


class ScimResponse(JSONResponse):
    """An answer of SCIM."""

    media_type = scim.MEDIA_TYPE


def _view(
    attributes: Annotated[str | None, Query(description="Names with commas between; only these.")] = None,
    excluded: Annotated[
        str | None, Query(alias="excludedAttributes", description="Names with commas between; not these.")
    ] = None,
) -> ScimView:
    return scim.read_view(attributes, excluded)


def _unfiltered(
    filter_text: Annotated[
        str | None, Query(alias="filter", description="Refused: there is nothing to choose from.")
    ] = None,
) -> None:
    if filter_text is not None:
        raise BadScim("nothing is filtered here", status=403)


View = Annotated[ScimView, Depends(_view)]


@router.get("/Users", response_model=ScimUserPage, response_class=ScimResponse)
def find_users(
    services: Use,
    _key: ProvisionsByScim,
    view: View,
    filter_text: Annotated[
        str | None,
        Query(alias="filter", description='`userName eq "…"` or `externalId eq "…"`, and nothing else.'),
    ] = None,
    start_index: Annotated[
        int | None, Query(alias="startIndex", description="The place of the first user, from 1.")
    ] = None,
    count: Annotated[int | None, Query(description=f"How many users, {LARGEST_PAGE} at most.")] = None,
) -> Response:
    """Users, page by page, or the one with a name or an id."""
    question = scim.read_question(filter_text=filter_text, start_index=start_index, count=count)
    users, total = scim_users.find(services, question)
    return ScimResponse(scim.write_page(users, view, total=total, question=question))


@router.post("/Users", status_code=201, response_model=ScimUserAnswer, response_class=ScimResponse)
def create_user(services: Use, _key: ProvisionsByScim, view: View, body: ScimDocument) -> Response:
    """Create an account. One that you have told of otherwise, by the same id, is taken over."""
    return _user(scim_users.create(services, scim.read_new(body)), view, status=201)


@router.get("/Users/{user_id}", response_model=ScimUserAnswer, response_class=ScimResponse)
def show_user(services: Use, _key: ProvisionsByScim, view: View, user_id: UserId) -> Response:
    """One user."""
    return _user(scim_users.show(services, user_id), view)


@router.put("/Users/{user_id}", response_model=ScimUserAnswer, response_class=ScimResponse)
def replace_user(
    services: Use, _key: ProvisionsByScim, view: View, user_id: UserId, body: ScimDocument
) -> Response:
    """Tell of a user anew. What is left out stays as it is."""
    return _user(scim_users.change(services, user_id, partial(scim.read_whole, body)), view)


@router.patch("/Users/{user_id}", response_model=ScimUserAnswer, response_class=ScimResponse)
def change_user(
    services: Use, _key: ProvisionsByScim, view: View, user_id: UserId, body: ScimOperations
) -> Response:
    """Change a user by operations; `active` deactivates the account, and activates it again."""
    return _user(scim_users.change(services, user_id, partial(scim.read_patch, body)), view)


@router.delete("/Users/{user_id}", status_code=204)
def delete_user(services: Use, _key: ProvisionsByScim, user_id: UserId) -> None:
    """Delete an account: its sessions, ways in and contacts go at once, its journey ends."""
    scim_users.delete(services, user_id)


@router.get("/ServiceProviderConfig", response_class=ScimResponse, dependencies=[Depends(_unfiltered)])
def show_config(services: Use, _key: ProvisionsByScim) -> Response:
    """What SCIM can do here."""
    return ScimResponse(scim_discovery.service_provider_config(scim_users.base(services)))


@router.get("/ResourceTypes", response_class=ScimResponse, dependencies=[Depends(_unfiltered)])
def show_resource_types(services: Use, _key: ProvisionsByScim) -> Response:
    """Which resources there are: users."""
    base = scim_users.base(services)
    return ScimResponse(scim_discovery.write_list([scim_discovery.resource_type(base)]))


@router.get("/ResourceTypes/{name}", response_class=ScimResponse)
def show_resource_type(
    services: Use, _key: ProvisionsByScim, name: Annotated[str, Path(description="`User`.")]
) -> Response:
    """One kind of resource."""
    if name != USER:
        raise Unknown("no such resource type")
    return ScimResponse(scim_discovery.resource_type(scim_users.base(services)))


@router.get("/Schemas", response_class=ScimResponse, dependencies=[Depends(_unfiltered)])
def show_schemas(services: Use, _key: ProvisionsByScim) -> Response:
    """What is kept of a user."""
    base = scim_users.base(services)
    return ScimResponse(scim_discovery.write_list([scim_discovery.schema(base)]))


@router.get("/Schemas/{urn}", response_class=ScimResponse)
def show_schema(
    services: Use, _key: ProvisionsByScim, urn: Annotated[str, Path(description="The schema's name.")]
) -> Response:
    """One schema."""
    if urn != scim_discovery.SCHEMA:
        raise Unknown("no such schema")
    return ScimResponse(scim_discovery.schema(scim_users.base(services)))


@router.post("/.search", include_in_schema=False)
@router.post("/Bulk", include_in_schema=False)
@router.get("/Me", include_in_schema=False)
def decline(_key: ProvisionsByScim) -> Response:
    """What SCIM leaves to the server, and this one does not do."""
    raise BadScim("this is not done here", status=501)


def _user(user: ScimUser, view: ScimView, *, status: int = 200) -> Response:
    return ScimResponse(scim.write_user(user, view), status_code=status, headers={"Location": user.location})
