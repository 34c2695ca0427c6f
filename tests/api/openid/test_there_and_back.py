"""A host sends a person to the set-up or to a sign-in, and gets them back, whatever they say on the way."""

from datetime import timedelta

import pytest

from domain.facts import Method
from domain.host.clients import ClientProof
from domain.host.sign_on import Wish
from domain.trust import Assurance
from services.people import bearers
from services.people.visits import person_of
from store import Database
from store.host import signing_keys
from store.people import sessions
from tests.api.openid.hosts import HostPage, make_host, said_to_host, sent_back
from tests.api.world import Browser, World, make_world, shown_codes
from tests.clocks import FakeClock


@pytest.fixture
def host(world: World) -> HostPage:
    return make_host(world)


def test_a_person_is_sent_to_the_set_up_and_comes_back_all_set(database: Database, clock: FakeClock) -> None:
    world = make_world(database, clock)
    host, account, browser = make_host(world), world.account(), world.browser()
    assert browser.get(host.address()).headers["location"] == "/sign-in"
    assert browser.sign_in_by_code(account).headers["location"] == "/oidc/go-on"
    assert browser.get("/oidc/go-on").headers["location"] == "/setup"
    browser.verify_email(account)
    browser.make_passkey(world.authenticator())
    assert browser.prove_passkey().json()["next"] == "/setup"
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    done = browser.get("/setup/done").text
    assert "Go back to Example Shop" in done
    assert "Go to your account" not in done
    back = sent_back(browser)
    assert (back["state"], back["iss"]) == ("the state", "https://accounts.example.test")
    claims = host.claims(browser, back["code"])
    assert (claims["sub"], claims["nonce"], claims["aud"]) == (
        account.external_id,
        "the nonce",
        host.client_id,
    )
    assert (claims["acr"], claims["amr"]) == ("urn:offramp:passkey", ["swk", "user", "mfa"])
    assert claims["auth_time"] == int(clock().timestamp())
    assert claims["offramp"]["answer"] == "done"
    assert set(claims["offramp"]["milestones"]) >= {"email_verified", "passkey_enrolled"}
    assert claims["offramp"]["sms"] == "on"


def test_remind_me_later_leads_back(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.get(host.address())
    browser.sign_in_by_code(account)
    assert browser.post("/setup/later").headers["location"] == "/oidc/back"
    claims = host.claims(browser, sent_back(browser)["code"])
    assert claims["offramp"]["answer"] == "later"
    assert claims["amr"] == ["sms"]
    assert "prompt_skipped" in world.kinds(account)


def test_i_cannot_do_this_now_leads_back(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.get(host.address())
    browser.sign_in_by_code(account)
    assert browser.post("/setup/cannot", reason="no_time").headers["location"] == "/oidc/back"
    assert host.claims(browser, sent_back(browser)["code"])["offramp"]["answer"] == "cannot"


def test_what_helps_whoever_cannot_do_this_now_leads_back_too(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.get(host.address())
    browser.sign_in_by_code(account)
    assert browser.post("/setup/cannot", reason="no_device").headers["location"] == "/setup/help"
    assert '<a href="/oidc/back">Go back to Example Shop</a>' in browser.get("/setup/help").text
    assert host.claims(browser, sent_back(browser)["code"])["offramp"]["answer"] == "cannot"


def test_whoever_has_nothing_left_to_do_goes_back_at_once(world: World, host: HostPage) -> None:
    account, browser = world.ready_account(), world.browser()
    browser.sign_in_by_code(account)
    location = browser.get(host.address()).headers["location"]
    assert host.claims(browser, said_to_host(location)["code"])["offramp"]["answer"] == "done"


def test_every_page_of_somebody_who_was_sent_has_a_link_back(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.get(host.address())
    link = '<a class="way-back" href="/oidc/back">Back to Example Shop</a>'
    assert link in browser.get("/sign-in").text
    browser.sign_in_by_code(account)
    assert link in browser.get("/account").text
    assert link in browser.get("/setup/passkey").text
    assert host.claims(browser, sent_back(browser)["code"])["offramp"]["answer"] == "later"
    assert "prompt_skipped" not in world.kinds(account)
    assert link not in browser.get("/account").text


def test_whoever_came_by_themselves_stays(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    assert browser.post("/setup/later").headers["location"] == "/account"
    assert "way-back" not in browser.get("/account").text
    assert browser.get("/oidc/back").headers["location"] == "/"
    assert browser.get("/oidc/go-on").headers["location"] == "/"


def test_the_page_that_leads_back_is_shown_again_without_a_code(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.get(host.address())
    browser.sign_in_by_code(account)
    sent_back(browser)
    again = browser.get("/oidc/back").text
    assert "You have gone back already" in again
    assert 'href="https://shop.example.com/"' in again
    assert "code=" not in again


def test_somebody_who_does_not_want_to_sign_in_goes_back_with_an_error(world: World, host: HostPage) -> None:
    browser = world.browser()
    browser.get(host.address())
    said = sent_back(browser)
    assert (said["error"], said["state"]) == ("access_denied", "the state")
    assert "code" not in said


def test_a_passkey_signs_in_and_leads_back_at_once(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    device = world.authenticator()
    browser.sign_in_by_code(account)
    browser.make_passkey(device)
    other = world.browser()
    assert other.get(host.address(Wish.PASSKEY)).headers["location"] == "/sign-in"
    assert other.sign_in_by_passkey(device).json()["next"] == "/oidc/go-on"
    assert other.get("/oidc/go-on").headers["location"] == "/oidc/back"
    claims = host.claims(other, sent_back(other)["code"])
    assert (claims["acr"], claims["offramp"]["answer"]) == ("urn:offramp:passkey", "signed_in")


def test_a_session_by_another_way_is_asked_for_the_passkey_once(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    browser.make_passkey(world.authenticator())
    world.clock.advance(timedelta(minutes=1))
    assert browser.get(host.address(Wish.PASSKEY)).headers["location"] == "/sign-in"
    assert browser.get("/sign-in").status_code == 200
    browser.sign_in_by_code(account)
    assert browser.get("/oidc/go-on").headers["location"] == "/oidc/back"
    claims = host.claims(browser, sent_back(browser)["code"])
    assert (claims["acr"], claims["amr"]) == ("urn:offramp:other", ["sms"])


def test_a_request_without_a_wish_is_a_sign_in(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    location = browser.get(host.address(acr_values=None)).headers["location"]
    claims = host.claims(browser, said_to_host(location)["code"])
    assert claims["offramp"]["answer"] == "signed_in"


def test_without_pages_nobody_who_is_not_signed_in_gets_anywhere(world: World, host: HostPage) -> None:
    said = said_to_host(world.browser().get(host.address(prompt="none")).headers["location"])
    assert said["error"] == "login_required"


def test_without_pages_nobody_is_set_up(world: World, host: HostPage) -> None:
    browser = world.browser()
    browser.sign_in_by_code(world.account())
    said = said_to_host(browser.get(host.address(prompt="none")).headers["location"])
    assert said["error"] == "interaction_required"
    assert "way-back" not in browser.get("/account").text


def test_without_pages_whoever_is_signed_in_goes_back(world: World, host: HostPage) -> None:
    browser = world.browser()
    browser.sign_in_by_code(world.account())
    location = browser.get(host.address(Wish.PASSKEY, prompt="none")).headers["location"]
    assert "code" in said_to_host(location)


@pytest.mark.parametrize("asks", [{"prompt": "login"}, {"max_age": "60"}, {"prompt": "select_account"}])
def test_a_sign_in_of_before_is_not_enough(world: World, host: HostPage, asks: dict[str, str]) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    world.clock.advance(timedelta(minutes=2))
    assert browser.get(host.address(Wish.PASSKEY, **asks)).headers["location"] == "/sign-in"
    browser.sign_in_by_code(account)
    claims = host.claims(browser, sent_back(browser)["code"])
    assert claims["auth_time"] == int(world.clock().timestamp())


def test_a_sign_in_that_is_young_enough_is(world: World, host: HostPage) -> None:
    browser = world.browser()
    browser.sign_in_by_code(world.account())
    world.clock.advance(timedelta(minutes=2))
    location = browser.get(host.address(Wish.PASSKEY, max_age="180")).headers["location"]
    assert "code" in said_to_host(location)


def test_the_hint_fills_in_the_field(world: World, host: HostPage) -> None:
    browser = world.browser()
    browser.get(host.address(login_hint="ada@example.org"))
    assert 'value="ada@example.org"' in browser.get("/sign-in").text


def test_the_hosts_word_spares_the_second_sign_in(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    address = host.address(login_hint_token=host.word(account.external_id))
    assert browser.get(address).headers["location"] == "/setup"
    assert "passkey" in browser.get("/setup/passkey").text
    assert world.journal(account)[-1].detail["method"] == "host"
    browser.post("/setup/later")
    claims = host.claims(browser, sent_back(browser)["code"])
    assert (claims["sub"], claims["amr"], claims["acr"]) == (
        account.external_id,
        ["pwd"],
        "urn:offramp:other",
    )
    assert claims["auth_time"] == int(world.clock().timestamp()) - 30


@pytest.mark.parametrize(
    ("most", "amr", "root", "assurance"),
    [
        (Assurance.LOW, ["swk"], "host", "low"),
        (Assurance.HIGH, ["swk"], "host", "high"),
        (Assurance.HIGH, ["pwd"], "host", "low"),
        (Assurance.HIGH, ["pwd", "sms"], "sms", "low"),
        (Assurance.HIGH, None, "sms", "low"),
    ],
)
def test_it_goes_as_far_as_the_client_is_registered_for(
    world: World, most: Assurance, amr: list[str] | None, root: str, assurance: str
) -> None:
    host, account, browser = make_host(world, most_assurance=most), world.account(), world.browser()
    browser.get(host.address(login_hint_token=host.word(account.external_id, amr=amr)))
    with world.database.reading() as session:
        person = person_of(sessions.get(session, browser.session_id()))
        assert person
        bearer = bearers.look(session, person, now=world.clock()).bearer
    assert (person.method, bearer.root, bearer.assurance) == (Method.HOST, root, assurance)


def test_an_older_sign_in_at_the_host_is_as_old_as_it_is(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    word = host.word(account.external_id, auth_time=int(world.clock().timestamp()) - 3600)
    address = host.address(Wish.PASSKEY, login_hint_token=word, max_age="600")
    assert browser.get(address).headers["location"] == "/sign-in"


def test_it_counts_when_no_page_may_be_shown(world: World, host: HostPage) -> None:
    account, browser = world.account(), world.browser()
    word = host.word(account.external_id)
    address = host.address(Wish.PASSKEY, login_hint_token=word, prompt="none")
    claims = host.claims(browser, said_to_host(browser.get(address).headers["location"])["code"])
    assert claims["sub"] == account.external_id


def test_it_asks_once_more_how_far_somebody_is(world: World, host: HostPage) -> None:
    browser = world.browser()
    account = world.account()
    browser.get(host.address())
    browser.sign_in_by_code(account)
    tokens = host.ask(browser, code=sent_back(browser)["code"]).json()
    browser.verify_email(account)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    answer = browser.get("/oidc/userinfo", **bearer).json()
    assert answer["sub"] == account.external_id
    assert "email_verified" in answer["offramp"]["milestones"]
    world.clock.advance(timedelta(minutes=5))
    assert browser.get("/oidc/userinfo", **bearer).status_code == 401


def test_an_app_without_a_secret_has_pkce(world: World) -> None:
    host = make_host(world, proof=ClientProof.NOTHING)
    browser = _signed_in(world)
    code = said_to_host(browser.get(host.address(Wish.PASSKEY)).headers["location"])["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": host.client_id,
        "code": code,
        "code_verifier": "v" * 64,
        "redirect_uri": "https://shop.example.com/offramp/back",
    }
    answer = browser.client.post("/oidc/token", data=form, headers={"origin": "https://app.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_may_come_by_a_form(world: World, host: HostPage) -> None:
    browser = world.browser()
    path, _, query = host.address().partition("?")
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "https://shop.example.com"}
    answer = browser.client.post(path, content=query, headers=form)
    assert browser.follow(answer).headers["location"] == "/sign-in"


def test_a_new_key_is_shown_before_it_signs_and_a_former_one_while_it_counts(
    world: World, host: HostPage
) -> None:
    browser = _signed_in(world)
    location = browser.get(host.address(Wish.PASSKEY)).headers["location"]
    old_token = host.ask(browser, code=said_to_host(location)["code"]).json()["id_token"]
    world.clock.advance(timedelta(days=60) - timedelta(minutes=30))
    assert _numbers(world, browser) == [2, 1]
    host.verified(browser, old_token)
    world.clock.advance(timedelta(hours=2))
    browser = _signed_in(world)
    location = browser.get(host.address(Wish.PASSKEY)).headers["location"]
    new_token = host.ask(browser, code=said_to_host(location)["code"]).json()["id_token"]
    assert _header(new_token) != _header(old_token)
    host.verified(browser, new_token)
    world.clock.advance(timedelta(days=2))
    assert _numbers(world, browser) == [2]


def _signed_in(world: World) -> Browser:
    browser = world.browser()
    browser.sign_in_by_code(world.account())
    return browser


def _numbers(world: World, browser: Browser) -> list[int]:
    shown = [key["kid"] for key in browser.get("/oidc/jwks").json()["keys"]]
    with world.database.reading() as session:
        return [key.number for key in signing_keys.every(session) if key.kid in shown]


def _header(token: str) -> str:
    return token.partition(".")[0]
