"""What a SCIM server tells of itself (RFC 7643, 5 to 7): what it can do, which resources it has, and their schema."""

from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    ListResponse,
    Meta,
    Pagination,
    Patch,
    PatchOp,
    ResourceType,
    ServiceProviderConfig,
    Sort,
)

from providers.scim_users import LARGEST_PAGE, USER, User

PATCHES = str(PatchOp[User].__schema__)
"""The name of the schema of operations."""

SCHEMA = str(User.__schema__)
"""The name of the one schema that there is here."""


def service_provider_config(base: str) -> dict[str, Any]:
    """What this server can do; `base` is the address of its SCIM."""
    config = ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=LARGEST_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        pagination=Pagination(
            cursor=False, index=True, default_page_size=LARGEST_PAGE, max_page_size=LARGEST_PAGE
        ),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Host key",
                description="A key with the scope scim:write, as a bearer token",
                primary=True,
            )
        ],
        meta=_meta("ServiceProviderConfig", f"{base}/ServiceProviderConfig"),
    )
    return config.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def resource_type(base: str) -> dict[str, Any]:
    """The one kind of resource that there is here."""
    described = ResourceType.from_resource(User)
    described.meta = _meta("ResourceType", f"{base}/ResourceTypes/{USER}")
    return described.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def schema(base: str) -> dict[str, Any]:
    """Its schema."""
    described = User.to_schema()
    described.meta = _meta("Schema", f"{base}/Schemas/{SCHEMA}")
    return described.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def write_list(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """All of some resources, as an answer."""
    drawn = ListResponse[User](
        total_results=len(resources), start_index=1, items_per_page=len(resources)
    ).model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return {**drawn, "Resources": resources}


def _meta(resource_type: str, location: str) -> Meta:
    return Meta(resource_type=resource_type, location=location)
