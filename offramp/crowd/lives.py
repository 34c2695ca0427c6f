"""The stories of the kinds of people: from the invitation to wherever each of them gets."""

from collections.abc import Awaitable, Callable

from domain.journal import EventKind
from domain.messages.messages import Template
from domain.passkeys import CeremonyFailure
from domain.prompts import CannotReason
from offramp.crowd.kinds import PersonKind
from offramp.crowd.people import OBJECTION, REMINDERS, STOP, CrowdMember, Device, other_address, other_code
from store.people.challenges import Ceremony

Life = Callable[[CrowdMember], Awaitable[None]]


async def swift(me: CrowdMember) -> None:
    """All at once, and by passkey from then on."""
    await me.signs_in_by_code()
    await sets_up(me)
    await sees_it_through(me)


async def lazy(me: CrowdMember) -> None:
    """Not now; after the next reminder, yes."""
    await me.signs_in_by_code()
    await me.sees_prompt()
    await me.puts_off()
    for _ in range(2):
        await me.hears_from_journey(*REMINDERS)
    await me.signs_in_by_code()
    await me.verifies_email()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.keeps_recovery_codes()
    await sees_it_through(me)


async def two_devices(me: CrowdMember) -> None:
    """A second device is the second way in; the first day ends on it."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    other = await me.adds_device()
    await sees_it_through(me, by=other)


async def keeper(me: CrowdMember) -> None:
    """The codes are kept, and one of them is used."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    await me.signs_in_by_recovery_code()
    await me.sees_sms_gone()


async def mistyper(me: CrowdMember) -> None:
    """Every code is typed wrong before it is typed right."""
    code = await me.asks_for_code(me.device.browser)
    await me.mistypes_code(code)
    await me.types_code(code)
    code = await me.asks_for_letter()
    await me.device.browser.post("/setup/email/code", status=400, code=other_code(code))
    await me.device.browser.post("/setup/email/code", code=code)
    me.counted[EventKind.EMAIL_VERIFIED] += 1
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.makes_recovery_codes()
    await me.device.browser.post("/setup/recovery-codes/check", status=400, code="0000-0000-0000-0000")
    await me.types_recovery_code_back()
    await sees_it_through(me)


async def silent(me: CrowdMember) -> None:
    """Nothing; reminders come, and in the end the journey is reported as stuck."""


async def unable(me: CrowdMember) -> None:
    """The address is confirmed, and there it ends: this device cannot do it, and there is no other."""
    await me.signs_in_by_code()
    await me.verifies_email()
    await me.sees_prompt(capable=False)
    await me.cannot(me.random.choice((CannotReason.NO_DEVICE, CannotReason.SHARED_DEVICE)))


async def failing(me: CrowdMember) -> None:
    """Cancelled, interrupted, tried by a stranger; the passkey is there in the end, and never works."""
    await me.signs_in_by_code()
    await me.verifies_email()
    await me.sees_prompt()
    await me.fails(Ceremony.REGISTRATION, CeremonyFailure.NOT_ALLOWED)
    await me.fails(Ceremony.REGISTRATION, me.random.choice(list(CeremonyFailure)))
    await me.makes_passkey()
    await me.fails(Ceremony.AUTHENTICATION, CeremonyFailure.NOT_ALLOWED)
    await lets_a_stranger_try(me)
    await me.cannot(CannotReason.DID_NOT_WORK)


async def bouncing(me: CrowdMember) -> None:
    """The invitation comes back, a text message comes instead, and the set-up is given another address."""
    await me.hears_from_journey(*REMINDERS)
    await me.signs_in_by_code()
    await me.verifies_email(other_address(me.character))
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.keeps_recovery_codes()
    await sees_it_through(me)


async def unreachable(me: CrowdMember) -> None:
    """A code is asked for, and never comes."""
    await me.device.browser.get("/sign-in")
    await me.device.browser.post("/sign-in", identifier=me.character.phone)


async def unsubscriber(me: CrowdMember) -> None:
    """No more reminders, thank you."""
    await me.ends_reminders(await me.hears_from_journey(*REMINDERS, link=STOP))


async def restorer(me: CrowdMember) -> None:
    """Once the codes are off they are missed; the second time they are not."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    await me.signs_in_by_passkey()
    if await me.restores_sms():
        await me.sees_sms_go()
    await me.sees_sms_gone()


async def loser(me: CrowdMember) -> None:
    """The device is lost when only it and the recovery codes are left."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    me.device = await me.pick_up()
    await me.signs_in_by_recovery_code()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.removes_oldest_passkey()
    await me.sees_sms_gone()


async def objector(me: CrowdMember) -> None:
    """Somebody in the family has made that passkey, and nobody said so."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    await is_turned_away(me, me.device)


async def guessed(me: CrowdMember) -> None:
    """A stranger asks for a code and guesses until it is void; its owner finds that odd, and sets up."""
    stranger = await me.pick_up()
    code = await me.asks_for_code(stranger.browser)
    for _ in range(5):
        await me.mistypes_code(code, stranger.browser)
    await stranger.browser.post("/sign-in/code", status=400, code=code)  # right, and too late
    me.counted[EventKind.SIGN_IN_FAILED] += 1
    await swift(me)


async def swapped(me: CrowdMember) -> None:
    """A stranger has the number, comes in by it and adds a passkey; the owner's mail tells of it."""
    stranger = await me.pick_up()
    await me.signs_in_by_code(stranger.browser)
    await me.makes_passkey(stranger)
    await me.tries_passkey(stranger)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    await is_turned_away(me, stranger)


async def held_out(me: CrowdMember) -> None:
    """Nobody is asked anything in the holdout: signing in goes on by text message."""
    for _ in range(2):
        await me.signs_in_by_code()
        await me.device.browser.post("/sign-out")
        me.counted[EventKind.SIGNED_OUT] += 1


LIVES: dict[PersonKind, Life] = {
    PersonKind.SWIFT: swift,
    PersonKind.LAZY: lazy,
    PersonKind.TWO_DEVICES: two_devices,
    PersonKind.KEEPER: keeper,
    PersonKind.MISTYPER: mistyper,
    PersonKind.SILENT: silent,
    PersonKind.UNABLE: unable,
    PersonKind.FAILING: failing,
    PersonKind.BOUNCING: bouncing,
    PersonKind.UNREACHABLE: unreachable,
    PersonKind.UNSUBSCRIBER: unsubscriber,
    PersonKind.RESTORER: restorer,
    PersonKind.LOSER: loser,
    PersonKind.OBJECTOR: objector,
    PersonKind.GUESSED: guessed,
    PersonKind.SWAPPED: swapped,
}


async def sets_up(me: CrowdMember) -> None:
    """The four steps, from inside."""
    await proves_passkey(me)
    await me.keeps_recovery_codes()


async def proves_passkey(me: CrowdMember) -> None:
    """The first three steps."""
    await me.verifies_email()
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()


async def sees_it_through(me: CrowdMember, *, by: Device | None = None) -> None:
    """Live with the passkey, until text-message codes are gone for good."""
    for _ in range(me.random.randint(0, 2)):
        await me.signs_in_by_passkey(by)
    await me.sees_sms_go()
    await me.signs_in_by_passkey(by)
    await me.sees_sms_gone()
    await me.signs_in_by_passkey(by)


async def lets_a_stranger_try(me: CrowdMember) -> None:
    """The device answers without having seen its owner, and that is not taken."""
    me.device.authenticator.verifies_user = False
    options = await me.device.browser.send("/passkeys/prove/options")
    await me.device.browser.send("/passkeys/prove", me.device.authenticator.get(options), status=400)
    me.counted[EventKind.SIGN_IN_FAILED] += 1


async def is_turned_away(me: CrowdMember, device: Device) -> None:
    """A passkey that was objected to signs nobody in."""
    options = await device.browser.send("/sign-in/passkey/options")
    answer = device.authenticator.get(options)
    await device.browser.send("/sign-in/passkey", answer, status=400)
    me.counted[EventKind.SIGN_IN_FAILED] += 1
