"""SCIM as an independent client and an independent tester see it."""

from typing import Annotated, Any

import pytest
from pydantic import Field
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    ComplexAttribute,
    ListResponse,
    Required,
    Resource,
    ResourceType,
    ScimProvider,
    Uniqueness,
)
from scim2_tester import Status, check_server

from domain.host.keys import KeyScope
from providers import scim_users
from tests.api.host.keys import key_for
from tests.api.world import World


class MailExample(ComplexAttribute):
    """An address that there may be."""

    value: Annotated[str | None, Field(examples=["ada@example.com", "grace@example.com"])] = None
    type: Annotated[str | None, Field(examples=["work"])] = None
    primary: Annotated[bool | None, Field(examples=[True])] = None


class NumberExample(ComplexAttribute):
    """A number that there may be."""

    value: Annotated[str | None, Field(examples=["+442079460101", "+442079460102"])] = None
    type: Annotated[str | None, Field(examples=["mobile"])] = None
    primary: Annotated[bool | None, Field(examples=[True])] = None


class User(Resource[Any]):
    """A user like ours, with values that are addresses, numbers, languages and time zones."""

    __schema__ = scim_users.User.__schema__

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    active: bool | None = None
    emails: list[MailExample] | None = None
    phone_numbers: list[NumberExample] | None = None
    locale: Annotated[str | None, Field(examples=["en-GB", "de-DE"])] = None
    timezone: Annotated[str | None, Field(examples=["Europe/Berlin", "Europe/London"])] = None


@pytest.fixture
def client(world: World) -> SyncSCIMClient:
    """The client of an identity system."""
    browser = world.browser().client
    browser.headers["authorization"] = f"Bearer {key_for(world, KeyScope.SCIM_WRITE)}"
    browser.base_url = f"{world.services.site.origin}/v1/scim/v2"
    return SyncSCIMClient(browser)


DECLINED = {
    "externalId: it never changes.",
    "Failed to add attribute 'externalId': externalId: it never changes.",
    "Failed to remove attribute 'externalId': externalId: it never changes.",
    "Failed to replace attribute 'externalId': externalId: it never changes.",
    "PATCH modify() did not remove attribute 'active'",
    "PATCH modify() did not remove attribute 'locale'",
    "Failed to remove attribute 'phoneNumbers': phone: it stays as long as text messages may be a way in; "
    "tell another one instead.",
}
"""What the documentation says is not done: an id never changes, and an account keeps a number and a language."""


def test_a_tester_finds_no_fault_but_what_is_declined(client: SyncSCIMClient) -> None:
    client.provider = ScimProvider([User], [ResourceType.from_resource(User)])
    results = check_server(client)
    assert len(results) > 40
    assert {result.reason for result in results if result.status is Status.ERROR} == DECLINED


def test_a_client_learns_all_it_needs_from_the_server(client: SyncSCIMClient) -> None:
    client.discover()
    described: Any = client.get_resource_model("User")
    assert described is not None
    ada: Any = client.create(described(user_name="ada", active=True))
    ada.timezone = "Europe/London"
    replaced: Any = client.replace(ada)
    assert (replaced.id, replaced.timezone) == (ada.id, "Europe/London")
    client.delete(described, ada.id)
    page = client.query(described)
    assert isinstance(page, ListResponse)
    assert page.total_results == 0
