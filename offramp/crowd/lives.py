"""The stories of the kinds of people, from the invitation to the end of each story."""

from collections.abc import Awaitable, Callable

from domain.journal import EventKind
from domain.messages.messages import Template
from domain.passkeys import CeremonyFailure
from domain.prompts import CannotReason
from offramp.crowd import attacks, recoveries
from offramp.crowd.kinds import PersonKind
from offramp.crowd.people import OBJECTION, REMINDERS, STOP, CrowdMember, Device, other_address, other_code
from offramp.crowd.steps import is_stopped, proves_passkey, sets_up
from store.people.challenges import Ceremony

Life = Callable[[CrowdMember], Awaitable[None]]


async def swift(me: CrowdMember) -> None:
    """Sets up everything at once, and signs in by passkey from then on."""
    await me.signs_in_by_code()
    await sets_up(me)
    await sees_it_through(me)


async def lazy(me: CrowdMember) -> None:
    """Puts the set-up off, and does it after the next reminder."""
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
    """Adds a second device as second way in, and goes on with that device."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    second_device = await me.adds_device()
    await sees_it_through(me, by=second_device)


async def keeper(me: CrowdMember) -> None:
    """Keeps recovery codes, and signs in by one of them."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    await me.signs_in_by_recovery_code()
    await me.sees_sms_gone()


async def app_user(me: CrowdMember) -> None:
    """Sets an authenticator app up as second way in, and signs in by it once text-message codes are off."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    key = await me.adds_app()
    await me.sees_sms_go()
    await me.signs_in_by_app(key)
    await me.sees_sms_gone()


async def mistyper(me: CrowdMember) -> None:
    """Types every code wrong once, and then right."""
    code = await me.asks_for_code(me.device.browser)
    await me.mistypes_code(code)
    await me.types_code(code)
    code = await me.asks_for_letter()
    await me.device.browser.post("/setup/email/code", status=400, code=other_code(code))
    await me.device.browser.post("/setup/email/code", code=code)
    me.event_counts[EventKind.EMAIL_VERIFIED] += 1
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.makes_recovery_codes()
    await me.device.browser.post("/setup/recovery-codes/check", status=400, code="0000-0000-0000-0000")
    await me.device.browser.post("/setup/recovery-codes/check", status=400, code="2222")
    await me.types_recovery_code_back()
    await sees_it_through(me)


async def silent(me: CrowdMember) -> None:
    """Does nothing. Reminders come, and in the end the journey is reported as stuck."""


async def unable(me: CrowdMember) -> None:
    """Confirms the address, but has no device of their own that can make a passkey."""
    await me.signs_in_by_code()
    await me.verifies_email()
    await me.sees_prompt(capable=False)
    await me.cannot(me.random.choice((CannotReason.NO_DEVICE, CannotReason.SHARED_DEVICE)))


async def failing(me: CrowdMember) -> None:
    """Cancels, meets errors, makes a passkey that never works, and gives up."""
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
    """Has an address that bounces, is invited by text message instead, and gives another address at the set-up."""
    await me.hears_from_journey(*REMINDERS)
    await me.signs_in_by_code()
    await me.verifies_email(other_address(me.character))
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.keeps_recovery_codes()
    await sees_it_through(me)


async def unreachable(me: CrowdMember) -> None:
    """Asks for a code, which never comes."""
    await me.device.browser.get("/sign-in")
    await me.device.browser.post("/sign-in", identifier=me.character.phone)


async def unsubscriber(me: CrowdMember) -> None:
    """Ends reminders by the link in the invitation."""
    await me.ends_reminders(await me.hears_from_journey(*REMINDERS, link=STOP))


async def restorer(me: CrowdMember) -> None:
    """Switches text-message codes on again when they are suspended for the first time, but not the second time."""
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    await me.signs_in_by_passkey()
    if await me.restores_sms():
        await me.sees_sms_go()
    await me.sees_sms_gone()


async def loser(me: CrowdMember) -> None:
    """Loses the device after SMS is suspended, comes back by a recovery code, and sets another device up.

    The new passkey removes the old one when it is established itself.
    """
    await me.signs_in_by_code()
    await sets_up(me)
    await me.sees_sms_go()
    me.device = await me.pick_up()
    await me.signs_in_by_recovery_code()
    await me.makes_passkey()
    await me.tries_passkey()
    await me.sees_passkey_established()
    await me.signs_in_by_passkey()
    await me.removes_oldest_passkey()
    await me.sees_sms_gone()


async def objector(me: CrowdMember) -> None:
    """Objects to the passkey, as if somebody else in the family had made it."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    await is_stopped(me, me.device)


async def guessed(me: CrowdMember) -> None:
    """A stranger asks for a code and guesses until it is void; then the owner sets up everything.

    The owner has signed in at the same browser before, and so need not wait for what the stranger has done.
    """
    await me.signs_in_by_code()
    await me.device.browser.post("/sign-out")
    me.event_counts[EventKind.SIGNED_OUT] += 1
    stranger = await me.pick_up()
    code = await me.asks_for_code(stranger.browser)
    for _ in range(5):
        await me.mistypes_code(code, stranger.browser)
    await stranger.browser.post("/sign-in/code", status=400, code=code)  # the right code, but too late
    me.event_counts[EventKind.SIGN_IN_FAILED] += 1
    await swift(me)


async def swapped(me: CrowdMember) -> None:
    """A stranger takes the number over, signs in and adds a passkey; the owner objects by the link in the e-mail."""
    stranger = await me.pick_up()
    await me.signs_in_by_code(stranger.browser)
    await me.makes_passkey(stranger)
    await me.tries_passkey(stranger)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    await is_stopped(me, stranger)


async def held_out(me: CrowdMember) -> None:
    """A person in the holdout is not invited, and signs in by text message as before."""
    for _ in range(2):
        await me.signs_in_by_code()
        await me.device.browser.post("/sign-out")
        me.event_counts[EventKind.SIGNED_OUT] += 1


LIVES: dict[PersonKind, Life] = {
    PersonKind.SWIFT: swift,
    PersonKind.LAZY: lazy,
    PersonKind.TWO_DEVICES: two_devices,
    PersonKind.KEEPER: keeper,
    PersonKind.APP_USER: app_user,
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
    PersonKind.RECOVERER: recoveries.recoverer,
    PersonKind.IMPATIENT: recoveries.impatient,
    PersonKind.SIM_HOLDER: recoveries.sim_holder,
    **attacks.ATTACKS,
}


async def sees_it_through(me: CrowdMember, *, by: Device | None = None) -> None:
    """Sign in by the passkey until text-message codes are removed."""
    for _ in range(me.random.randint(0, 2)):
        await me.signs_in_by_passkey(by)
    await me.sees_sms_go()
    await me.signs_in_by_passkey(by)
    await me.sees_sms_gone()
    await me.signs_in_by_passkey(by)


async def lets_a_stranger_try(me: CrowdMember) -> None:
    """The device answers without having verified its owner, and Offramp refuses the answer."""
    me.device.authenticator.verifies_user = False
    options = await me.device.browser.send("/passkeys/prove/options")
    await me.device.browser.send("/passkeys/prove", me.device.authenticator.get(options), status=400)
    me.event_counts[EventKind.SIGN_IN_FAILED] += 1
