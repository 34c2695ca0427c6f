"""Devices are told which passkeys are good here, and lists of passkeys stay true."""

import asyncio
from base64 import b64decode
from dataclasses import replace

import pytest

from tests.journeys.browser import ScreenLock, Shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def test_a_device_forgets_what_is_not_accepted_of_the_account_and_nothing_of_others(
    town: Site, shop: Shop
) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    [held] = ada.phone.device.keys
    cloud = await device.beside("cable")
    await cloud.keep(replace(held, credential_id=b"made here, and never kept"))
    await cloud.keep(replace(held, credential_id=b"of the host's own login", user_handle=b"the host's"))
    await ada.signs_in_by_passkey()
    await forgotten(cloud, b"made here, and never kept")
    assert await credential_ids(cloud) == {b"of the host's own login"}
    assert await credential_ids(device.lock) == {held.credential_id}
    [told] = await device.lock.passkeys()
    assert told["userName"] == town.email(ada.account_id)


async def test_a_device_forgets_at_once_what_its_owner_removes_on_the_account_page(
    town: Site, shop: Shop
) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    await asyncio.to_thread(ada.phone.make_passkey)
    first, second = ada.phone.device.keys
    phone = await device.beside("cable")
    await phone.keep(second)
    await ada.signs_in_by_passkey()
    other = ada.section("Your devices").get_by_role("listitem").filter(has_not_text="signed in with this")
    await other.locator("summary").filter(has_text="Remove").click()
    await other.get_by_role("button", name="Remove").click()
    await ada.reads("The device is removed.")
    await forgotten(phone, second.credential_id)
    assert await credential_ids(device.lock) == {first.credential_id}


async def credential_ids(lock: ScreenLock) -> set[bytes]:
    return {b64decode(passkey["credentialId"]) for passkey in await lock.passkeys()}


async def forgotten(lock: ScreenLock, credential_id: bytes) -> None:
    async def is_gone() -> bool:
        return credential_id not in await credential_ids(lock)

    await eventually(is_gone, "the device forgets the passkey")
