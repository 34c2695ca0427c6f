"""The stories of attackers. Each acts over HTTP against one account, whose owner has an established passkey.

A story that ends is a defeat. An attacker who gets what they are after raises AttackSucceeded.
"""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from domain.codes import TRIES
from domain.journal import EventKind
from domain.messages.messages import Template
from domain.safety.throttle import LIMITS, Throttle
from offramp.crowd.kinds import PersonKind
from offramp.crowd.people import OBJECTION, CrowdMember, Device, other_code
from offramp.crowd.steps import can_change, proves_passkey

_FROM_WITHIN = r'"(/account/not-me/[^"]+)"'
_FLOOD = 20


class AttackSucceeded(Exception):
    """An attacker got what they were after."""


async def remover(me: CrowdMember) -> None:
    """Removes the owner's passkey by a text-message code, then by a passkey of their own; the owner objects."""
    await has_established_passkey(me)
    passkey_id = await me.oldest_passkey_id()
    thief, path = await comes_in_by_code(me), f"/account/passkeys/{passkey_id}/remove"
    await is_refused(thief, path, gain="removed the owner's passkey")
    await me.makes_passkey(thief)
    await me.tries_passkey(thief)
    await thief.browser.attempt(path)  # on a slow machine the new passkey may be final, and this waits
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    if await can_change(me, thief):
        raise AttackSucceeded("kept a passkey that its owner had objected to")
    await owner_signs_in(me)


async def code_maker(me: CrowdMember) -> None:
    """Makes recovery codes by a text-message code, to come back by them when the number is gone."""
    await has_established_passkey(me)
    thief = await comes_in_by_code(me)
    await is_refused(thief, "/setup/recovery-codes", gain="has recovery codes")
    await owner_signs_in(me)


async def readdresser(me: CrowdMember) -> None:
    """Puts an address of their own in the place of the owner's, by every form that takes one."""
    await has_established_passkey(me)
    thief, email = await comes_in_by_code(me), f"thief-of-{me.character.email}"
    await is_refused(thief, "/account/email", gain="changed the address", email=email)
    await thief.browser.attempt("/setup/email", email=email)  # which only leads on, as an address is verified
    await owner_signs_in(me)
    if me.mailbox.count(email, Template.VERIFY_EMAIL):
        raise AttackSucceeded("was sent the code that changes the address")


async def guesser(me: CrowdMember) -> None:
    """Guesses codes until the door shuts, and goes on from elsewhere. The owner, at home, is not kept waiting."""
    await has_established_passkey(me)
    stranger = await me.pick_up()
    code = await me.asks_for_code(stranger.browser)
    looked_at = 0
    while await guesses(stranger, other_code(code)):
        looked_at += 1
        me.event_counts[EventKind.SIGN_IN_FAILED] += 1
        if looked_at > 2 * TRIES:
            raise AttackSucceeded(f"guessed {looked_at} times in a row")
    elsewhere = await me.pick_up()
    status = await elsewhere.browser.attempt("/sign-in", identifier=me.character.phone)
    if status is not HTTPStatus.TOO_MANY_REQUESTS:
        raise AttackSucceeded("goes on guessing from another address")
    await me.signs_in_by_code()
    await owner_signs_in(me)


async def flooder(me: CrowdMember) -> None:
    """Asks for text messages from many addresses. Few arrive, and what the owner has to hear is not lost among them."""
    await has_established_passkey(me)
    before = me.mailbox.count(me.character.phone, Template.SIGN_IN_CODE)
    for _ in range(_FLOOD):
        stranger = await me.pick_up()
        await stranger.browser.attempt("/sign-in", identifier=me.character.phone)
    await me.makes_recovery_codes()
    await me.hears(Template.RECOVERY_CODES_MADE, link=OBJECTION)
    texts = me.mailbox.count(me.character.phone, Template.SIGN_IN_CODE) - before
    if texts > LIMITS[Throttle.CODES_PER_ACCOUNT].most:
        raise AttackSucceeded(f"sent {texts} text messages")
    await owner_signs_in(me)


async def accuser(me: CrowdMember) -> None:
    """Says "this wasn't me" to all that the account page offers, so that the owner's passkey and codes are held."""
    await has_established_passkey(me)
    thief = await comes_in_by_code(me)
    await me.makes_recovery_codes()
    await me.hears(Template.RECOVERY_CODES_MADE, link=OBJECTION)
    page = await thief.browser.get("/account")
    for path in set(re.findall(_FROM_WITHIN, page.text)):
        await thief.browser.attempt(path)
    if not await can_change(me, me.device):
        raise AttackSucceeded("the owner's passkey changes nothing any more")


ATTACKS: dict[PersonKind, Callable[[CrowdMember], Awaitable[None]]] = {
    PersonKind.REMOVER: remover,
    PersonKind.CODE_MAKER: code_maker,
    PersonKind.READDRESSER: readdresser,
    PersonKind.GUESSER: guesser,
    PersonKind.FLOODER: flooder,
    PersonKind.ACCUSER: accuser,
}


async def has_established_passkey(me: CrowdMember) -> None:
    """The owner sets a passkey up, and signs in by it once it is final. Text-message codes stay on."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    await me.hears(Template.PASSKEY_BOUND)
    await me.sees_passkey_established()
    await me.signs_in_by_passkey()


async def comes_in_by_code(me: CrowdMember) -> Device:
    """Somebody holds the owner's number, and signs in by a text message. The owner is told."""
    thief = await me.pick_up()
    await me.signs_in_by_code(thief.browser)
    await me.hears(Template.SMS_SIGNED_IN, link=OBJECTION)
    return thief


async def is_refused(thief: Device, path: str, *, gain: str, **form: str) -> None:
    """Send a form that must be refused. Raises AttackSucceeded if it is not."""
    status = await thief.browser.attempt(path, **form)
    if status is HTTPStatus.OK:
        raise AttackSucceeded(gain)


async def guesses(stranger: Device, code: str) -> bool:
    """Type a wrong code; returns whether anybody has looked at it."""
    status = await stranger.browser.attempt("/sign-in/code", code=code)
    return status is HTTPStatus.BAD_REQUEST


async def owner_signs_in(me: CrowdMember) -> None:
    """The owner's passkey is as good as before. Raises AttackSucceeded if it is not."""
    if not await me.is_let_in_by_passkey():
        raise AttackSucceeded("the owner's passkey signs in no more")
