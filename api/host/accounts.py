"""A host's accounts, one by one: told of, changed, asked about."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from api.host.account_bodies import CHANGES, STATED, AccountAnswer, AccountBody, AccountPatch
from api.host.callers import ReadsAccounts, WritesAccounts
from api.host.named_requests import HostRoute
from api.web.arguments import Use
from services.host import accounts

router = APIRouter(route_class=HostRoute, tags=["accounts"])

ExternalId = Annotated[
    str, Path(max_length=255, description="Your own id of the account.", examples=["u-1815"])
]


@router.get("/{external_id:path}")
def show(services: Use, _key: ReadsAccounts, external_id: ExternalId) -> AccountAnswer:
    """How far an account is, what is next, and what is true of it. Contacts are masked."""
    return AccountAnswer.of(accounts.show(services, external_id))


@router.put(
    "/{external_id:path}", responses={201: {"model": AccountAnswer, "description": "The account is new"}}
)
def put(
    services: Use,
    _key: WritesAccounts,
    external_id: ExternalId,
    body: Annotated[AccountBody, Body(openapi_examples=STATED)],
    response: Response,
) -> AccountAnswer:
    """Tell of an account: it is created, or changed if it is known. What is left out stays as it is."""
    kept = accounts.put(services, external_id, body.model_dump(exclude_unset=True))
    response.status_code = 201 if kept.is_new else 200
    return AccountAnswer.of(kept.account)


@router.patch("/{external_id:path}")
def patch(
    services: Use,
    _key: WritesAccounts,
    external_id: ExternalId,
    body: Annotated[AccountPatch, Body(media_type="application/merge-patch+json", openapi_examples=CHANGES)],
) -> AccountAnswer:
    """Change an account by a JSON Merge Patch (RFC 7396): `null` takes a value away, where that can be."""
    return AccountAnswer.of(accounts.patch(services, external_id, body.model_dump(exclude_unset=True)))


@router.delete("/{external_id:path}", status_code=204)
def delete(services: Use, _key: WritesAccounts, external_id: ExternalId) -> None:
    """Delete an account: its sessions, ways in and contacts go at once, its journey ends. Its id is free again."""
    accounts.delete(services, external_id)
