"""What somebody tries who wants another's session, or wants a person to end up somewhere else. None of it works."""

import base64
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from domain.facts import Channel, SmsState
from domain.host.clients import UnusableClient, checked_redirect_uris
from domain.host.security_events import EventSubject, SecurityEvent, SecurityEventKind
from domain.host.sign_on import Wish
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.trust import Assurance, Root
from providers.software_authenticator import Authenticator
from services.host import deletions, security_effects
from services.openid import clients
from store import Database
from store.host import sign_ons
from store.people import accounts, deactivations, passkeys, sessions
from store.people.accounts import Account
from tests.api.openid.hosts import ADA, REDIRECT_URI, HostPage, make_host, said_to_host, sent_back
from tests.api.world import ORIGIN, Browser, World, make_world
from tests.clocks import FakeClock
from tests.factories import send_everything

PutAway = Callable[..., None]
"""What deactivates or deletes an account."""


@pytest.fixture
def host(world: World) -> HostPage:
    return make_host(world)


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Browser:
    browser.sign_in_by_code(world.account())
    return browser


def code_of(host: HostPage, browser: Browser, **changes: str | None) -> str:
    return said_to_host(browser.get(host.address(Wish.PASSKEY, **changes)).headers["location"])["code"]


def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(
    host: HostPage, signed_in: Browser
) -> None:
    code = code_of(host, signed_in)
    bearer = {"authorization": f"Bearer {host.ask(signed_in, code=code).json()['access_token']}"}
    assert signed_in.get("/oidc/userinfo", **bearer).status_code == 200
    again = host.ask(signed_in, code=code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert signed_in.get("/oidc/userinfo", **bearer).status_code == 401


def test_a_code_works_for_a_minute(world: World, host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    world.clock.advance(timedelta(seconds=60))
    assert host.ask(signed_in, code=code).json()["error"] == "invalid_grant"


def test_a_stolen_code_is_nothing_without_its_verifier(host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    for verifier in ("w" * 64, "", "v" * 42, "v" * 129):
        assert host.ask(signed_in, code=code, code_verifier=verifier).json()["error"] == "invalid_grant"
    assert host.ask(signed_in, code=code).status_code == 200


def test_another_hosts_code_is_nothing_to_a_client(world: World, host: HostPage, signed_in: Browser) -> None:
    other = make_host(world, name="Another Shop")
    code = code_of(host, signed_in)
    assert other.ask(signed_in, code=code).json()["error"] == "invalid_grant"
    assert host.claims(signed_in, code)["aud"] == host.client_id


def test_a_code_is_bound_to_the_address_that_it_went_to(host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    answer = host.ask(signed_in, code=code, redirect_uri=f"{REDIRECT_URI}/")
    assert answer.json()["error"] == "invalid_grant"


def test_a_client_that_has_ended_gets_nothing(world: World, host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    with world.database.transaction() as session:
        clients.end(session, ADA, host.client_id, at=world.clock())
    assert host.ask(signed_in, code=code).json()["error"] == "invalid_client"
    assert signed_in.get(host.address()).status_code == 400


def test_no_code_or_token_lies_in_the_database(world: World, host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    token = host.ask(signed_in, code=code).json()["access_token"]
    with world.database.reading() as session:
        sign_on = sign_ons.of_token(session, token, now=world.clock())
        assert sign_on
        kept = repr(sign_on.model_dump())
    assert code not in kept
    assert token not in kept


def test_a_wrong_secret_is_refused(host: HostPage, signed_in: Browser) -> None:
    code = code_of(host, signed_in)
    host.secret, secret = "a guess", host.secret
    answer = host.ask(signed_in, code=code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"] == "Basic"
    host.secret = secret
    assert host.ask(signed_in, code=code).status_code == 200


def test_a_client_with_a_secret_cannot_do_without(host: HostPage, signed_in: Browser) -> None:
    form = {
        "grant_type": "authorization_code",
        "client_id": host.client_id,
        "code": code_of(host, signed_in),
        "code_verifier": "v" * 64,
        "redirect_uri": REDIRECT_URI,
    }
    assert signed_in.client.post("/oidc/token", data=form).json()["error"] == "invalid_client"
    two = form | {"client_secret": host.secret}
    answer = signed_in.client.post("/oidc/token", data=two, auth=(host.client_id, host.secret))
    assert answer.json()["error"] == "invalid_request"


def test_a_rotated_secret_works_until_its_overlap_is_over(
    world: World, host: HostPage, signed_in: Browser
) -> None:
    with world.database.transaction() as session:
        new = clients.rotate_secret(session, ADA, host.client_id, at=world.clock(), overlap=timedelta(days=1))
    assert host.ask(signed_in, code=code_of(host, signed_in)).status_code == 200
    former, host.secret = host.secret, new.secret
    assert host.ask(signed_in, code=code_of(host, signed_in)).status_code == 200
    world.clock.advance(timedelta(days=1))
    host.secret = former
    assert host.ask(signed_in, code="any").json()["error"] == "invalid_client"


def test_an_odd_header_is_a_refusal_and_no_error(world: World, browser: Browser) -> None:
    for header in ("Basic", "Basic !!!", "Bearer x", "Basic /w==", "Basic AAA6AAA="):
        answer = browser.client.post(
            "/oidc/token", data={"grant_type": "authorization_code"}, headers={"authorization": header}
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "uri",
    [
        f"{REDIRECT_URI}/",
        f"{REDIRECT_URI}?x=1",
        f"{REDIRECT_URI}#x",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI.replace("shop.example.com", "shop.example.com.evil.example"),
        REDIRECT_URI.replace("shop.example.com", "shop.example.com@evil.example"),
        f"{REDIRECT_URI}/../elsewhere",
        f"{REDIRECT_URI}%2f",
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered_letter_by_letter(
    host: HostPage, signed_in: Browser, uri: str
) -> None:
    for changes in ({}, {"prompt": "none"}, {"response_type": "token"}):
        answer = signed_in.get(host.address(redirect_uri=uri, **changes))
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "not one that we know" in answer.text
        assert "evil" not in answer.text


def test_nobody_is_sent_anywhere_by_two_addresses(host: HostPage, signed_in: Browser) -> None:
    answer = signed_in.get(f"{host.address()}&redirect_uri=https%3A%2F%2Fevil.example")
    assert answer.status_code == 400
    answer = signed_in.get(f"{host.address()}&client_id=another")
    assert answer.status_code == 400


def test_nobody_is_sent_to_a_client_that_nobody_has_registered(host: HostPage, signed_in: Browser) -> None:
    assert signed_in.get(host.address(client_id="another")).status_code == 400


@pytest.mark.parametrize(
    "uri",
    [
        "http://shop.example.com/back",
        "https://shop.example.com/back#x",
        "https://user@shop.example.com/back",
        "https:///back",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://shop.example.com/'onload=",
        "https://shop.example.com/\nx",
        "back",
    ],
)
def test_an_unsafe_address_cannot_be_registered(uri: str) -> None:
    with pytest.raises(UnusableClient):
        checked_redirect_uris([uri])


def test_pages_apps_and_this_machine_can_be_registered() -> None:
    uris = (REDIRECT_URI, "http://localhost:9000/back", "http://127.0.0.1/back", "com.example.app:/back")
    assert checked_redirect_uris(uris) == uris


@pytest.mark.parametrize("path", ["/oidc/back", "/oidc/go-on"])
def test_a_query_cannot_forge_a_way_back(host: HostPage, signed_in: Browser, path: str) -> None:
    answer = signed_in.get(f"{path}?redirect_uri=https://evil.example&url=//evil.example&next=//evil.example")
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "maybe"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
        ({"nonce": "n" * 3000}, "invalid_request"),
    ],
)
def test_what_is_not_as_it_must_be_goes_back_with_an_error(
    host: HostPage, signed_in: Browser, changes: dict[str, str | None], error: str
) -> None:
    said = said_to_host(signed_in.get(host.address(**changes)).headers["location"])
    assert (said["error"], said["state"], said["iss"]) == (error, "the state", ORIGIN)
    assert "code" not in said


def test_what_comes_twice_goes_back_with_an_error(host: HostPage, signed_in: Browser) -> None:
    answer = signed_in.get(f"{host.address()}&nonce=another")
    assert said_to_host(answer.headers["location"])["error"] == "invalid_request"


def test_every_answer_names_who_gives_it(host: HostPage, signed_in: Browser) -> None:
    said = said_to_host(signed_in.get(host.address(Wish.PASSKEY)).headers["location"])
    assert said["iss"] == ORIGIN == signed_in.get("/.well-known/openid-configuration").json()["issuer"]


def test_no_page_of_the_way_is_shown_in_a_frame(world: World, host: HostPage) -> None:
    browser = world.browser()
    for path in (host.address(), "/sign-in", "/oidc/back"):
        assert "frame-ancestors 'none'" in browser.get(path).headers["content-security-policy"]


def assert_refused(world: World, host: HostPage, word: str) -> None:
    """A forged, stolen or stale word of the host opens nothing: the person signs in as always."""
    browser = world.browser()
    answer = browser.get(host.address(login_hint_token=word))
    assert answer.headers["location"] == "/sign-in"
    assert browser.get("/account").headers["location"] == "/sign-in"


def test_a_word_is_good_once(world: World, host: HostPage) -> None:
    word = host.word(world.account().external_id)
    assert world.browser().get(host.address(login_hint_token=word)).headers["location"] == "/setup"
    assert_refused(world, host, word)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1},
        {"exp": 4102444800},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": [[ORIGIN]]},
        {"aud": {ORIGIN: 1}},
        {"iss": "another"},
        {"iss": None},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 7},
        {"sub": "a\0"},
        {"jti": None},
        {"nbf": 4102444800},
    ],
)
def test_a_word_that_is_not_as_it_must_be_is_nothing(
    world: World, host: HostPage, changes: dict[str, Any]
) -> None:
    assert_refused(world, host, host.word(world.account().external_id, **changes))


def test_a_word_of_another_key_is_forged(world: World, host: HostPage) -> None:
    host.key = ECKey.generate_key("P-256", {"kid": "shop"})
    assert_refused(world, host, host.word(world.account().external_id))


def test_a_word_that_nobody_has_signed_is_nothing(world: World, host: HostPage) -> None:
    head, payload, _ = host.word(world.account().external_id).split(".")
    assert_refused(world, host, f"eyJhbGciOiJub25lIn0.{payload}.")
    assert_refused(world, host, f"{head}.{payload}.")
    assert_refused(world, host, "no token at all")


def test_a_word_by_a_shared_secret_of_the_public_key_is_nothing(world: World, host: HostPage) -> None:
    payload = host.word(world.account().external_id).split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"shop"}').rstrip(b"=").decode()
    public = host.key.as_pem(private=False)
    mac = hmac.new(public, f"{head}.{payload}".encode(), "sha256").digest()
    assert_refused(world, host, f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def test_another_clients_word_is_nothing(world: World, host: HostPage) -> None:
    other = make_host(world, name="Another Shop", most_assurance=Assurance.HIGH)
    assert_refused(world, host, other.word(world.account().external_id))


def test_a_word_of_a_text_message_opens_nothing_once_text_messages_do_not(
    world: World, host: HostPage
) -> None:
    account = world.ready_account()
    world.set_sms(account, SmsState.SUSPENDED)
    assert_refused(world, host, host.word(account.external_id, amr=["sms"]))
    word = host.word(account.external_id, amr=["pwd"])
    assert "code=" in world.browser().get(host.address(login_hint_token=word)).headers["location"]


@pytest.mark.parametrize(
    "amr", [["SMS"], ["pwd", "sms_otp"], ["Tel"], [*(f"word{n}" for n in range(12)), "sms"]]
)
def test_a_text_message_is_one_however_the_host_writes_it(
    world: World, host: HostPage, amr: list[str]
) -> None:
    account = world.ready_account()
    world.set_sms(account, SmsState.SUSPENDED)
    assert_refused(world, host, host.word(account.external_id, amr=amr))


def test_a_recycled_number_opens_nothing_by_way_of_the_host_either(world: World, host: HostPage) -> None:
    account, stranger, owner = world.ready_account(), world.browser(), world.browser()
    for browser, amr in ((stranger, ["sms"]), (owner, ["pwd"])):
        browser.get(host.address(login_hint_token=host.word(account.external_id, amr=amr)))
        assert browser.get("/account").status_code == 200
    recycled = SecurityEvent(
        issuer="https://login.example.com",
        token_id="1",
        kind=SecurityEventKind.IDENTIFIER_RECYCLED,
        subject=EventSubject(channel=Channel.SMS, contact=account.phone),
        said_at=world.clock(),
        at=world.clock(),
        detail={},
    )
    with world.database.transaction() as session:
        locked = accounts.lock(session, account.account_id)
        security_effects.recycle_identifier(session, locked, recycled, now=world.clock())
    assert stranger.get("/account").headers["location"] == "/sign-in"
    assert owner.get("/account").status_code == 200
    assert_refused(world, host, host.word(account.external_id, amr=["sms"]))


def test_a_thiefs_passkey_is_no_more_by_way_of_the_host_than_it_is_here(
    world: World, phone: Authenticator
) -> None:
    host = make_host(world, most_assurance=Assurance.HIGH)
    account, owner, thief, again = world.account(), world.browser(), world.browser(), world.browser()
    owner.sign_in_by_code(account)
    owner.verify_email(account)
    owner.make_passkey(phone)
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(STANDARD.cooling_off + timedelta(minutes=1))
    thief.get(host.address(login_hint_token=host.word(account.external_id, amr=["sms"])))
    theirs = world.authenticator()
    thief.make_passkey(theirs)
    thief.post("/sign-out")
    thief.get(host.address(Wish.PASSKEY))
    thief.sign_in_by_passkey(theirs)
    amr = host.claims(thief, sent_back(thief)["code"])["amr"]
    again.get(host.address(login_hint_token=host.word(account.external_id, amr=amr)))
    assert again.post("/setup/recovery-codes").status_code == 403
    with world.database.reading() as session:
        vouched = [
            row
            for row in sessions.open_ones(session, account.account_id, now=world.clock())
            if row.vouched_at
        ]
    assert {row.root for row in vouched} == {Root.SMS}


def put_away(world: World, account: Account, how: PutAway) -> None:
    """Deactivate or delete an account, as its host asks for it."""
    with world.database.transaction() as session:
        how(session, accounts.lock(session, account.account_id), at=world.clock())


@pytest.mark.parametrize("changes", [{}, {"prompt": "none"}])
def test_a_word_about_somebody_who_is_switched_off_leads_back(
    world: World, host: HostPage, changes: dict[str, str | None]
) -> None:
    account, browser = world.account(), world.browser()
    put_away(world, account, deactivations.deactivate)
    word = host.word(account.external_id)
    said = said_to_host(browser.get(host.address(login_hint_token=word, **changes)).headers["location"])
    assert (said["error"], said["state"]) == ("access_denied", "the state")
    assert browser.get("/account").headers["location"] == "/sign-in"


@pytest.mark.parametrize("how", [deactivations.deactivate, deletions.delete])
def test_a_code_and_a_token_say_nothing_of_an_account_that_is_no_more(
    world: World, host: HostPage, how: PutAway
) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    code, former = code_of(host, browser), code_of(host, browser)
    bearer = {"authorization": f"Bearer {host.ask(browser, code=former).json()['access_token']}"}
    assert browser.get("/oidc/userinfo", **bearer).status_code == 200
    put_away(world, account, how)
    assert host.ask(browser, code=code).json()["error"] == "invalid_grant"
    assert browser.get("/oidc/userinfo", **bearer).status_code == 401


def test_after_a_word_that_does_not_hold_nobodys_earlier_session_stands_in(
    world: World, host: HostPage, signed_in: Browser
) -> None:
    world.clock.advance(timedelta(minutes=1))
    word = host.word(world.account().external_id, exp=1)
    assert signed_in.get(host.address(Wish.PASSKEY, login_hint_token=word)).headers["location"] == "/sign-in"


def test_a_word_does_not_make_somebody_else_of_whoever_is_signed_in(
    world: World, host: HostPage, signed_in: Browser
) -> None:
    before = signed_in.session_id()
    word = host.word(world.account().external_id)
    assert signed_in.get(host.address(login_hint_token=word)).headers["location"] == "/sign-in"
    assert signed_in.session_id() == before


def test_whoever_signs_in_as_somebody_else_brings_back_no_code(
    world: World, host: HostPage, signed_in: Browser
) -> None:
    signed_in.get(host.address(login_hint_token=host.word(world.account().external_id)))
    world.clock.advance(timedelta(minutes=1))
    signed_in.sign_in_by_code(world.account())
    assert signed_in.get("/oidc/go-on").headers["location"] == "/oidc/back"
    assert sent_back(signed_in)["error"] == "access_denied"


def test_a_low_word_removes_no_passkey_of_the_owner(
    world: World, host: HostPage, phone: Authenticator
) -> None:
    account, owner = world.account(), world.browser()
    owner.sign_in_by_code(account)
    owner.verify_email(account)
    owner.make_passkey(phone)
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(STANDARD.cooling_off + timedelta(minutes=1))
    thief = world.browser()
    thief.get(host.address(login_hint_token=host.word(account.external_id, amr=["hwk"])))
    with world.database.reading() as session:
        passkey_id = passkeys.kept(session, account.account_id)[0].passkey_id
    for path in ("/setup/recovery-codes", f"/account/passkeys/{passkey_id}/remove"):
        assert thief.post(path).status_code == 403, path
    assert owner.sign_in_by_passkey(phone).status_code == 200
    assert Template.SMS_SIGNED_IN not in world.templates(account)
    world.browser().get(host.address(login_hint_token=host.word(account.external_id, amr=["sms"])))
    assert Template.SMS_SIGNED_IN in world.templates(account)


@pytest.mark.parametrize(
    "field", ["state", "nonce", "login_hint", "login_hint_token", "client_id", "max_age"]
)
def test_text_that_no_database_keeps_breaks_nothing(database: Database, clock: FakeClock, field: str) -> None:
    world = make_world(database, clock)
    host, browser = make_host(world), world.browser()
    for odd in ("%00", "%ff", "%ed%a0%80", "%F0%9F%92%A9", "%0d%0aset-cookie:x=y", "%22%3E%3Cscript%3E"):
        answer = browser.get(f"{host.address(**{field: None})}&{field}={odd}")
        assert answer.status_code in (303, 400), odd
        form = {"content-type": "application/x-www-form-urlencoded"}
        body = f"grant_type=authorization_code&code={odd}&client_id={odd}&{field}x={odd}"
        assert browser.client.post("/oidc/token", content=body, headers=form).status_code in (400, 401), odd
