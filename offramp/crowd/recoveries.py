"""The stories of people who get back in by themselves, and of a thief who would like to, with one proof."""

from http import HTTPStatus

from domain.journal import EventKind
from domain.messages.messages import Template
from offramp.crowd.attacks import AttackSucceeded, has_established_passkey, owner_signs_in
from offramp.crowd.browsers import Surprise
from offramp.crowd.excerpts import code_in, link_in
from offramp.crowd.people import CrowdMember, Device, other_code
from offramp.crowd.steps import sets_up

_LINK = "/recover/open/"
_REQUEST = "/recover/request"
_NO_CODE = "2222-2222-2222-2222"


async def recoverer(me: CrowdMember) -> None:
    """Loses every device, and gets back in by a recovery code and the address; later the new device signs in."""
    await has_lost_everything(me)
    device = await me.pick_up()
    await shows_recovery_code(me, device)
    await shows_address(me, device)
    await comes_back(me, device, await hears_way_back(me))
    await me.signs_in_by_passkey(device)
    await sees_texts_end(me)


async def impatient(me: CrowdMember) -> None:
    """Types wrong codes, asks on two devices at once, and wants the link again. One device gets in, once."""
    await has_lost_everything(me)
    first, second = await me.pick_up(), await me.pick_up()
    for device in (first, second):
        await mistypes_recovery_code(me, device)
        await shows_recovery_code(me, device)
        await shows_address(me, device, mistyping=True)
    links = [await hears_way_back(me) for _ in (first, second)]
    await second.browser.post("/recover/link")
    await comes_back(me, second, await own_link(second, links))
    for link in links:
        if await first.browser.attempt(link) is HTTPStatus.OK:
            raise Surprise("a link opened after a passkey was made")
    await me.signs_in_by_passkey(second)
    await sees_texts_end(me)


async def sim_holder(me: CrowdMember) -> None:
    """Holds the number and nothing else: shows it twice, guesses codes, and waits. Nothing opens."""
    await has_established_passkey(me)
    thief = await me.pick_up()
    for _ in range(2):
        await shows_number(me, thief)
    await mistypes_recovery_code(me, thief)
    page = await thief.browser.get(_REQUEST)
    is_told = me.mailbox.count(me.character.phone, Template.RECOVERY_ASKED)
    if "One more thing" not in page.text or is_told:
        raise AttackSucceeded("waits for the way in, with one thing")
    if await thief.browser.attempt("/recover/link") is HTTPStatus.OK:
        raise AttackSucceeded("had the way in sent")
    await owner_signs_in(me)


async def sees_texts_end(me: CrowdMember) -> None:
    """Hear that text-message codes go, and are gone: whoever got back in is moved like everybody."""
    await me.sees_sms_go()
    await me.sees_sms_gone()


async def has_lost_everything(me: CrowdMember) -> None:
    """Set up, until what was made is final. What was in use is not at hand any more."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_passkey_established()


async def shows_recovery_code(me: CrowdMember, device: Device) -> None:
    """Show one of the codes that are left."""
    await device.browser.get("/recover/code")
    code = me.recovery_codes.pop()
    await device.browser.post("/recover/code", identifier=me.character.email, code=code)
    me.event_counts[EventKind.RECOVERY_PROVEN] += 1


async def mistypes_recovery_code(me: CrowdMember, device: Device) -> None:
    """Type a code that is none."""
    await device.browser.get("/recover/code")
    await device.browser.post("/recover/code", status=400, identifier=me.character.email, code=_NO_CODE)
    me.event_counts[EventKind.SIGN_IN_FAILED] += 1


async def shows_address(me: CrowdMember, device: Device, *, mistyping: bool = False) -> None:
    """Show by a code that one reads the account's e-mail."""
    await device.browser.get("/recover/email")
    await device.browser.post("/recover/email", identifier=me.character.email)
    await _types_proof(me, device, "email", mistyping=mistyping)


async def shows_number(me: CrowdMember, device: Device) -> None:
    """Show by a code that one gets the account's texts."""
    await device.browser.get("/recover/sms")
    await device.browser.post("/recover/sms", identifier=me.character.phone)
    await _types_proof(me, device, "sms", mistyping=False)


async def hears_way_back(me: CrowdMember) -> str:
    """Wait for the next link; returns its path."""
    return link_in(await me.hears(Template.RECOVERY_OPEN, link=_LINK), _LINK)


async def own_link(device: Device, links: list[str]) -> str:
    """The link of the request that was made on this device; another one says to open it elsewhere."""
    for link in links:
        page = await device.browser.get(link)
        if "Is this the device" in page.text:
            return link
    raise Surprise("no link opens where it was asked for")


async def comes_back(me: CrowdMember, device: Device, link: str) -> None:
    """Open a link on this device, set the device up, and get new codes."""
    await device.browser.get(link)
    await device.browser.post(link)
    me.event_counts[EventKind.SIGNED_IN] += 1
    await me.makes_passkey(device)
    me.event_counts[EventKind.RECOVERED] += 1
    await me.tries_passkey(device)
    await device.browser.post("/recover/codes")
    me.event_counts[EventKind.RECOVERY_CODES_MADE] += 1


async def _types_proof(me: CrowdMember, device: Device, channel: str, *, mistyping: bool) -> None:
    with me.scenery.timed():
        code = code_in(await me.hears(Template.RECOVERY_PROOF))
    path = f"/recover/{channel}/code"
    if mistyping:
        await device.browser.post(path, status=400, code=other_code(code))
        me.event_counts[EventKind.SIGN_IN_FAILED] += 1
    await device.browser.post(path, code=code)
    me.event_counts[EventKind.RECOVERY_PROVEN] += 1
