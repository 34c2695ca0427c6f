"""Many people behind one network address get on with it, and a flood from there is slowed all the same."""

from datetime import timedelta

from domain.safety.throttle import Throttle
from providers.software_authenticator import Authenticator
from tests.api.world import ORIGIN, RP_ID, Browser, World
from tests.limits import soft

CODES = soft(Throttle.CODES_PER_ADDRESS)
PEOPLE = 40


def test_forty_people_behind_one_address_set_up_their_passkeys_at_once(world: World) -> None:
    accounts = [world.account() for _ in range(PEOPLE)]
    browsers = [world.browser() for _ in accounts]
    statuses = set()
    for browser, account in zip(browsers, accounts, strict=True):
        statuses |= {browser.ask_for_code(account.phone).status_code for _ in range(2)}
        statuses.add(browser.send("/sign-in/passkey/options").status_code)
    for browser, account in zip(browsers, accounts, strict=True):
        statuses.add(browser.post("/sign-in/code", code=wrong(world.code(account))).status_code)
        statuses.add(browser.post("/sign-in/code", code=world.code(account)).status_code)
        statuses.add(browser.verify_email(account).status_code)
        statuses.add(browser.make_passkey(Authenticator(origin=ORIGIN, rp_id=RP_ID)).status_code)
        statuses.add(browser.prove_passkey().status_code)
        statuses.add(browser.post("/setup/recovery-codes").status_code)
    assert statuses <= {200, 303, 400}
    assert all(world.facts(account).proven_passkeys for account in accounts)


def test_people_who_sign_in_leave_the_budget_of_their_address_whole(world: World) -> None:
    for _ in range(CODES.most + 5):
        account = world.account(policy=None)
        assert world.browser().sign_in_by_code(account).status_code == 303


def test_a_flood_from_one_address_is_slowed_to_what_the_limit_says(world: World) -> None:
    account = world.account()
    stranger = world.browser()
    taken = flood(world, stranger, seconds=2, times=CODES.most + 300)
    most = CODES.most + int(timedelta(seconds=2 * (CODES.most + 300)) / CODES.every)
    assert most - 1 <= taken <= most
    world.clock.advance(CODES.every)
    assert world.browser().ask_for_code(account.phone).status_code == 303


def test_whoever_signs_in_to_an_account_of_their_own_gains_no_tries_for_others(world: World) -> None:
    own = world.account()
    at_home = world.browser()
    at_home.sign_in_by_code(own)
    stranger = world.browser()
    assert flood(world, stranger, seconds=0, times=CODES.most) == CODES.most
    at_home.post("/sign-out")
    at_home.sign_in_by_code(own)
    assert stranger.ask_for_code("+4915799999999").status_code == 429


def flood(world: World, browser: Browser, *, seconds: int, times: int) -> int:
    """Ask for codes for ever new numbers; returns how often it was taken."""
    taken = 0
    for number in range(times):
        taken += browser.ask_for_code(f"+4915123456{number:03d}").status_code == 303
        world.clock.advance(timedelta(seconds=seconds))
    return taken


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"
