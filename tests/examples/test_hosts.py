"""What Offramp adds to the shop's login, in either way, and that its absence breaks no sign-in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from examples.hosted.host import HostedWay
from examples.hosted.there_and_back import RelyingParty
from examples.orchestrated.host import OrchestratedWay
from examples.orchestrated.ways_in import WaysIn
from examples.shop.customers import ShopDatabase
from offramp_client import LoginHints, Offramp
from offramp_client.login_hints import new_key
from providers.software_authenticator import Authenticator
from tests.clients.scripted_server import Reply, ScriptedServer
from tests.examples.conftest import PASSWORD, SHOP, Serve, sign_in

WORDS = {"title": "Sign in <faster>", "body": "Why", "action": "Set up", "later": "Later", "cannot": "Cannot"}
STEP = {
    "prompt_id": "p-1",
    "show": "step",
    "step": "passkey_enrolled",
    "skippable": True,
    "skips_left": 2,
    "until": None,
    "words": WORDS,
    "go_to": "https://offramp.test/oidc/authorize?acr_values=urn:offramp:setup",
    "sms": "on",
}


@pytest.fixture
def hosted(shop: ShopDatabase, offramp: Offramp, serve: Serve) -> TestClient:
    issuer = "https://offramp.test"
    party = RelyingParty(issuer=issuer, client_id="shop", client_secret="secret", redirect_uri=f"{SHOP}/back")
    hints = LoginHints(client_id="shop", issuer=issuer, key=new_key())
    return serve(HostedWay(shop, offramp=offramp, origin=issuer, party=party, hints=hints).router)


@pytest.fixture
def orchestrated(shop: ShopDatabase, offramp: Offramp, serve: Serve) -> TestClient:
    ways_in = WaysIn(shop, origin=SHOP, rp_id="shop.test")
    return serve(OrchestratedWay(shop, offramp=offramp, ways_in=ways_in).router)


@pytest.fixture(params=["hosted", "orchestrated"])
def browser(request: pytest.FixtureRequest) -> TestClient:
    made: TestClient = request.getfixturevalue(request.param)
    return made


def told(shop: ShopDatabase) -> list[str]:
    with shop.transaction() as rows:
        return [row["type"] for row in rows.execute("SELECT type FROM told ORDER BY rowid")]


def switch_codes_off(shop: ShopDatabase) -> None:
    with shop.transaction() as rows:
        rows.execute("UPDATE customer SET sms_enabled = 0")


def test_without_offramp_a_sign_in_leads_on_as_ever(browser: TestClient, shop: ShopDatabase) -> None:
    assert sign_in(browser, shop) == "/"
    assert "Hello, Ada" in browser.get("/").text
    assert told(shop) == ["user.signed_in"]


def test_a_wrong_password_a_wrong_code_and_a_used_code_let_nobody_in(
    browser: TestClient, shop: ShopDatabase
) -> None:
    wrong = {"email": "ada@shop.example", "password": "guess"}
    assert browser.post("/sign-in", data=wrong).status_code == 403
    browser.post("/sign-in", data={**wrong, "password": PASSWORD})
    right = shop.texts()[0][1][:6]
    assert browser.post("/sign-in/code", data={"code": "no"}).status_code == 403
    assert browser.post("/sign-in/code", data={"code": right}).status_code == 403
    assert browser.get("/").headers["location"] == "/sign-in"


def test_where_codes_are_off_none_is_sent(browser: TestClient, shop: ShopDatabase) -> None:
    switch_codes_off(shop)
    browser.post("/sign-in", data={"email": "ada@shop.example", "password": PASSWORD})
    assert shop.texts() == []


def test_the_offer_is_shown_as_offramp_words_it(
    hosted: TestClient, shop: ShopDatabase, server: ScriptedServer
) -> None:
    server.says(Reply(200, STEP))
    assert sign_in(hosted, shop) == "/offer"
    shown = hosted.get("/offer").text
    assert "Sign in &lt;faster&gt;" in shown
    assert all(f"<button>{WORDS[name]}</button>" in shown for name in ("action", "later", "cannot"))


@pytest.mark.parametrize("answer", ["skipped", "cannot"])
def test_whoever_does_not_go_is_in_the_shop_and_offramp_is_told(
    hosted: TestClient, shop: ShopDatabase, server: ScriptedServer, answer: str
) -> None:
    server.says(Reply(200, STEP), Reply(204))
    sign_in(hosted, shop)
    assert hosted.post(f"/offer?answer={answer}").headers["location"] == "/"
    assert server.requests[-1].json["answer"] == answer
    assert hosted.get("/offer").headers["location"] == "/"


def test_whoever_goes_takes_the_shops_word_along_and_comes_back_to_this_browser_alone(
    hosted: TestClient, shop: ShopDatabase, server: ScriptedServer
) -> None:
    server.says(Reply(200, STEP), Reply(503))
    sign_in(hosted, shop)
    there = hosted.post("/offer?answer=went").headers["location"]
    assert there.startswith("https://offramp.test/oidc/authorize?")
    for part in ("acr_values=urn%3Aofframp%3Asetup", "code_challenge=", "nonce=", "login_hint_token=ey"):
        assert part in there
    state = parse_qs(urlsplit(there).query)["state"][0]
    for said in (
        "code=x&state=wrong&iss=https://offramp.test",
        f"code=x&state={state}&iss=https://else.test",
        f"code=x&state={state}",
        f"error=access_denied&state={state}&iss=https://offramp.test",
    ):
        assert hosted.get(f"/back?{said}").status_code == 400
    assert "Hello, Ada" in hosted.get("/").text


def test_a_passkey_of_the_shops_own_is_made_used_and_told_of(
    orchestrated: TestClient, shop: ShopDatabase, server: ScriptedServer
) -> None:
    server.says(Reply(200, STEP), Reply(204), Reply(503))
    assert sign_in(orchestrated, shop) == "/secure?step=passkey_enrolled"
    assert "Sign in &lt;faster&gt;" in orchestrated.get("/secure?step=passkey_enrolled").text
    phone = Authenticator(origin=SHOP, rp_id="shop.test")
    options = orchestrated.post("/passkeys/new/options").json()
    assert orchestrated.post("/passkeys/new", json=phone.create(options)).status_code == 204
    orchestrated.post("/sign-out")
    options = orchestrated.post("/passkeys/use/options").json()
    answer = orchestrated.post("/passkeys/use", json=phone.get(options))
    assert (answer.status_code, answer.headers["location"]) == (201, "/")
    assert "Hello, Ada" in orchestrated.get("/").text
    assert told(shop) == ["user.signed_in", "passkey.bound", "passkey.used", "user.signed_in"]


def test_a_challenge_is_answered_once(orchestrated: TestClient, shop: ShopDatabase) -> None:
    sign_in(orchestrated, shop)
    phone = Authenticator(origin=SHOP, rp_id="shop.test")
    credential = phone.create(orchestrated.post("/passkeys/new/options").json())
    assert orchestrated.post("/passkeys/new", json=credential).status_code == 204
    assert orchestrated.post("/passkeys/new", json=credential).status_code == 403
    assert told(shop).count("passkey.bound") == 1


def test_an_answer_that_nobody_asked_for_makes_nothing(orchestrated: TestClient, shop: ShopDatabase) -> None:
    sign_in(orchestrated, shop)
    options = orchestrated.post("/passkeys/new/options").json()
    phone = Authenticator(origin=SHOP, rp_id="shop.test")
    assert orchestrated.post("/passkeys/new", json=phone.create(options)).status_code == 204
    empty = phone.create({**options, "challenge": ""})
    assert orchestrated.post("/passkeys/new", json=empty).status_code == 403
    assert told(shop).count("passkey.bound") == 1


def test_recovery_codes_count_once_one_is_typed_back(orchestrated: TestClient, shop: ShopDatabase) -> None:
    sign_in(orchestrated, shop)
    page = orchestrated.post("/codes/new").text
    code = page.partition("<code>")[2].partition("</code>")[0]
    assert orchestrated.post("/codes", data={"code": "0"}).status_code == 403
    assert told(shop)[-1] == "recovery_codes.made"
    assert orchestrated.post("/codes", data={"code": code}).status_code == 200
    assert told(shop)[-1] == "recovery_codes.proven"


@pytest.mark.parametrize("path", ["/passkeys/new/options", "/codes/new"])
def test_nobody_makes_ways_in_without_having_signed_in(orchestrated: TestClient, path: str) -> None:
    assert orchestrated.post(path).status_code == 403


def test_a_page_for_development_tells_everybodys_codes(browser: TestClient, shop: ShopDatabase) -> None:
    switch_codes_off(shop)
    customers = browser.get("/dev/customers").json()
    assert [customer["customer_id"] for customer in customers] == ["c-1", "c-2", "c-3", "c-4"]
    assert not any(customer["sms_enabled"] for customer in customers)
