"""Staff: how they come in, what keeps others out, and what each role may do, by URL."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from api.console import cohorts as cohort_pages
from api.console import comparisons, evidence, launches, orders, passed_over, pause_all, switches, webhooks
from api.console import home as console_home
from api.staff import joining, members, own, provider, sign_in
from api.staff.visits import HOME
from domain.codes import new_token
from domain.rollouts.rollout import Stage
from domain.safety.throttle import LIMITS, Throttle
from domain.staff.staff import (
    IDLE_LIFETIME,
    INVITATION_LIFETIME,
    SESSION_LIFETIME,
    STEP_UP_LIFETIME,
    Right,
    Role,
    rights_of,
)
from store.messages import hand_overs
from store.rollouts import cohorts
from store.staff import staff, staff_keys
from tests.api.console.operators import SMALL, text
from tests.api.staff.staff import Desk, at_desk, audited, invited, kinds, member
from tests.api.web.test_security import inline_parts
from tests.api.world import JSON, Browser, World
from tests.console import make_rollout

EVIL = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in."""
    return at_desk(world, Role.ADMIN, "ada@example.com")


@pytest.fixture
def sam(world: World, ada: Desk) -> Desk:
    """Support, signed in."""
    return at_desk(world, Role.SUPPORT, "sam@example.com")


def is_at_the_door(answer: Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/console/sign-in")


def reason(answer: Response) -> str:
    return str(answer.json()["error"]["reason"])


def test_an_invitation_is_looked_at_joined_once_and_signs_in(world: World) -> None:
    link = invited(world, "new@example.com", Role.SUPPORT)
    desk = Desk(world=world, address="new@example.com", browser=world.browser())
    for _ in range(3):
        page = desk.browser.get(link)
        assert page.status_code == 200
        assert "new@example.com" in page.text
        assert member(world, "new@example.com").joined_at is None
    assert desk.join(link).json() == {"next": HOME}
    assert desk.browser.get("/console").status_code == 200
    assert kinds(world) == ["invited", "joined"]
    assert desk.browser.get(link).status_code == 410
    other = Desk(world=world, address="", browser=world.browser())
    assert other.browser.send(f"{link}/options").status_code == 410


def test_the_invitation_goes_out_by_mail_with_its_link_sealed(world: World) -> None:
    link = invited(world, "new@example.com", Role.SUPPORT)
    with world.database.reading() as session:
        waiting = hand_overs.waited_for(session, now=world.clock(), limit=9)
    (message,) = waiting
    assert (message.recipient, message.template, message.account_id) == (
        "new@example.com",
        "staff_invited",
        None,
    )
    assert link not in str(message.values)
    assert link in world.services.seal.open(message.sealed or b"")


def test_a_colleague_who_is_invited_in_another_spelling_stays_one_and_gets_mail_as_first_spelled(
    world: World,
) -> None:
    for spelling in ("New.Colleague@example.com", "new.colleague@EXAMPLE.com"):
        invited(world, spelling, Role.SUPPORT)
    with world.database.reading() as session:
        assert len(staff.everybody(session)) == 1
        waiting = hand_overs.waited_for(session, now=world.clock(), limit=9)
    assert {message.recipient for message in waiting} == {"New.Colleague@example.com"}
    assert member(world, "NEW.COLLEAGUE@example.com").address == "new.colleague@example.com"


def test_an_invitation_lapses(world: World) -> None:
    link = invited(world, "new@example.com", Role.SUPPORT)
    world.clock.advance(INVITATION_LIFETIME)
    assert world.browser().get(link).status_code == 410


def test_a_wrong_ceremony_leaves_the_invitation_good(world: World) -> None:
    link = invited(world, "new@example.com", Role.SUPPORT)
    desk = Desk(world=world, address="", browser=world.browser())
    desk.key.origin = "https://evil.example"
    assert desk.join(link).status_code == 400
    desk.key.origin = world.services.site.origin
    desk.key.verifies_user = False
    assert desk.join(link).status_code == 400
    desk.key.verifies_user = True
    assert desk.join(link).status_code == 200


def test_a_member_signs_out_and_in_again_and_goes_where_they_were_going(world: World, ada: Desk) -> None:
    assert is_at_the_door(ada.sign_out())
    turned_away = ada.browser.get("/console/launch")
    assert turned_away.headers["location"] == "/console/sign-in?next=/console/launch"
    assert ada.browser.get(turned_away.headers["location"]).status_code == 200
    assert ada.sign_in(next_page="/console/launch").json() == {"next": "/console/launch"}
    assert ada.browser.get("/console/launch").status_code == 200
    assert kinds(world) == ["invited", "joined", "signed_out", "signed_in"]


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/account", "/console/../x", "/console//x", "/console\\x", ""],
)
def test_signing_in_leads_nowhere_else(ada: Desk, elsewhere: str) -> None:
    assert ada.sign_in(next_page=elsewhere).json() == {"next": HOME}


def test_the_cookie_is_strict_and_for_this_host_alone(world: World, ada: Desk) -> None:
    options = ada.browser.send("/console/sign-in/options").json()
    cookie = ada.browser.send("/console/sign-in", ada.key.get(options)).headers["set-cookie"]
    for part in ("__Host-offramp-staff=", "HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie


def test_a_session_is_new_after_every_sign_in(world: World, ada: Desk) -> None:
    before = ada.browser.client.cookies["__Host-offramp-staff"]
    ada.sign_in()
    assert ada.browser.client.cookies["__Host-offramp-staff"] != before
    assert is_at_the_door(world.browser().get("/console", cookie=f"__Host-offramp-staff={before}"))


def test_a_session_ends_when_nobody_does_anything(world: World, ada: Desk) -> None:
    world.clock.advance(IDLE_LIFETIME - MINUTE)
    assert ada.browser.get("/console").status_code == 200
    world.clock.advance(IDLE_LIFETIME - MINUTE)
    assert ada.browser.get("/console/live").status_code == 200
    world.clock.advance(MINUTE)
    assert is_at_the_door(ada.browser.get("/console"))
    assert ada.browser.client.get("/console", headers=JSON).status_code == 401


def test_a_session_ends_after_a_day_of_work(world: World, ada: Desk) -> None:
    for _ in range(int(SESSION_LIFETIME / (20 * MINUTE)) - 1):
        world.clock.advance(20 * MINUTE)
        assert ada.browser.get("/console").status_code == 200
    world.clock.advance(20 * MINUTE)
    assert is_at_the_door(ada.browser.get("/console"))


def test_a_stale_or_foreign_challenge_is_refused(world: World, ada: Desk) -> None:
    stranger = world.browser()
    options = stranger.send("/console/sign-in/options").json()
    answer = ada.key.get(options)
    assert world.browser().send("/console/sign-in", answer).status_code == 400
    assert stranger.send("/console/sign-in", answer).status_code == 200
    assert reason(stranger.send("/console/sign-in", answer)) == "at_console_already"


def test_a_forged_signature_is_refused_and_written_down(world: World, ada: Desk) -> None:
    ada.sign_out()
    answer = ada.key.get(ada.browser.send("/console/sign-in/options").json())
    answer["response"]["signature"] = world.authenticator().create({"user": {"id": "eA"}, "challenge": "eA"})[
        "response"
    ]["attestationObject"]
    assert ada.browser.send("/console/sign-in", answer).status_code == 400
    assert kinds(world)[-1] == "sign_in_failed"
    assert is_at_the_door(ada.browser.get("/console"))


def test_a_frame_in_another_sites_page_opens_nothing(ada: Desk) -> None:
    ada.key.framed_by = "https://evil.example"
    assert ada.sign_in().status_code == 400


def test_a_passkey_that_may_have_been_copied_opens_nothing(world: World, ada: Desk) -> None:
    ada.key.keys[-1].sign_count = 10
    assert ada.sign_in().status_code == 200
    ada.key.keys[-1].sign_count = 5
    assert reason(ada.sign_in()) == "sign_count_went_back"
    ada.key.keys[-1].sign_count, ada.key.synced = 20, False
    assert reason(ada.sign_in()) == "backup_eligibility_lost"


def test_a_persons_passkey_and_session_open_nothing_of_the_console(world: World, ada: Desk) -> None:
    person = world.browser()
    account = world.account(email="p@example.com")
    person.sign_in_by_code(account)
    phone = world.authenticator()
    person.make_passkey(phone)
    assert is_at_the_door(person.get("/console"))
    options = person.send("/console/sign-in/options").json()
    refused = person.send("/console/sign-in", phone.get(options))
    assert (refused.status_code, reason(refused)) == (400, "not_of_staff")
    person.client.cookies.set("__Host-offramp-staff", person.cookie())
    assert is_at_the_door(person.get("/console"))


def test_a_staff_passkey_and_session_open_no_account(world: World, ada: Desk) -> None:
    account = world.account(email="ada@example.com")
    before = world.kinds(account)
    options = ada.browser.send("/sign-in/passkey/options").json()
    refused = ada.browser.send("/sign-in/passkey", ada.key.get(options))
    assert (refused.status_code, reason(refused)) == (400, "of_staff")
    ada.browser.client.cookies.set("__Host-offramp", ada.browser.client.cookies["__Host-offramp-staff"])
    assert ada.browser.get("/account").headers["location"] == "/sign-in"
    assert world.kinds(account) == before


def test_attempts_at_the_door_are_throttled(world: World) -> None:
    browser = world.browser()
    answers = [
        browser.send("/console/sign-in/options").status_code
        for _ in range(LIMITS[Throttle.STAFF_PER_ADDRESS].most + 1)
    ]
    assert answers[-2:] == [200, 429]


ROUTES = {
    ("GET", "/console/home"): Right.SEE_ROLLOUTS,
    ("GET", "/console/home/live"): Right.SEE_ROLLOUTS,
    ("GET", "/console"): Right.SEE_ROLLOUTS,
    ("GET", "/console/live"): Right.SEE_ROLLOUTS,
    ("GET", "/console/cohorts/{cohort}"): Right.SEE_ROLLOUTS,
    ("GET", "/console/cohorts/{cohort}/live"): Right.SEE_ROLLOUTS,
    ("GET", "/console/cohorts/named/{name}"): Right.SEE_ROLLOUTS,
    ("GET", "/console/cohorts/{cohort}/compare"): Right.SEE_ROLLOUTS,
    ("GET", "/console/cohorts/{cohort}/passed-over"): Right.SEE_LISTS,
    ("GET", "/console/launch"): Right.RUN_ROLLOUTS,
    ("POST", "/console/launch/plan"): Right.RUN_ROLLOUTS,
    ("POST", "/console/launch"): Right.RUN_ROLLOUTS,
    ("POST", "/console/cohorts/{cohort}/orders/pause"): Right.RUN_ROLLOUTS,
    ("POST", "/console/cohorts/{cohort}/evidence"): Right.MAKE_EVIDENCE,
    ("POST", "/console/pause-all"): Right.RUN_ROLLOUTS,
    ("GET", "/console/switches"): Right.SEE_ROLLOUTS,
    ("POST", "/console/switches/retiring/stop"): Right.STOP_RETIRING,
    ("POST", "/console/switches/retiring/resume"): Right.STOP_RETIRING,
    ("POST", "/console/switches/prompts/stop"): Right.RUN_ROLLOUTS,
    ("POST", "/console/switches/prompts/resume"): Right.RUN_ROLLOUTS,
    ("GET", "/console/webhooks"): Right.TEND_WEBHOOKS,
    ("POST", "/console/webhooks/7/again"): Right.TEND_WEBHOOKS,
    ("POST", "/console/webhooks/7/give-up"): Right.TEND_WEBHOOKS,
    ("POST", "/console/webhooks/of/nobody/again"): Right.TEND_WEBHOOKS,
    ("POST", "/console/webhooks/of/nobody/give-up"): Right.TEND_WEBHOOKS,
    ("GET", "/console/staff"): Right.MANAGE_STAFF,
    ("POST", "/console/staff/invite"): Right.MANAGE_STAFF,
    ("POST", "/console/staff/{nobody}/invite"): Right.MANAGE_STAFF,
    ("POST", "/console/staff/{nobody}/role"): Right.MANAGE_STAFF,
    ("POST", "/console/staff/{nobody}/end"): Right.MANAGE_STAFF,
    ("GET", "/console/me"): None,
    ("GET", "/console/me/signals"): None,
    ("POST", "/console/me/passkeys/options"): None,
    ("POST", "/console/me/passkeys"): None,
    ("POST", "/console/me/passkeys/{nobody}/name"): None,
    ("POST", "/console/me/passkeys/{nobody}/remove"): None,
    ("POST", "/console/me/keys/{nobody}/end"): None,
    ("POST", "/console/me/sessions/end"): None,
    ("POST", "/console/name"): None,
    ("GET", "/console/step-up"): None,
    ("POST", "/console/step-up/options"): None,
    ("POST", "/console/step-up"): None,
}
"""Every route of the console that is not its door, and the right it takes."""

DOOR = {
    ("GET", "/console/sign-in"),
    ("POST", "/console/sign-in"),
    ("POST", "/console/sign-in/options"),
    ("GET", "/console/sign-in/provider"),
    ("GET", "/console/step-up/provider"),
    ("GET", "/console/sign-in/provider/back"),
    ("POST", "/console/sign-out"),
    ("GET", "/console/join/{token}"),
    ("POST", "/console/join/{token}"),
    ("POST", "/console/join/{token}/options"),
}

NOBODY = "0190a1b2-0000-7000-8000-000000000000"
FORM: dict[str, Any] = {
    "description": SMALL,
    "reason": "x",
    "seen": "1",
    "role": "viewer",
    "address": "x@example.com",
}


def sent(browser: Browser, method: str, path: str, **headers: str) -> Response:
    if method == "GET":
        return browser.get(path, **headers)
    if path.endswith(("/options", "/passkeys", "/step-up")):
        body = {"id": "x", "response": {}}
        return browser.client.post(path, json=body, headers=headers)
    return browser.post(path, headers, **FORM)


@pytest.fixture
def rollout(world: World) -> str:
    return make_rollout(world.database)


def where(path: str, cohort_id: str) -> str:
    return path.replace("{cohort}", cohort_id).replace("{nobody}", NOBODY)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_its_rights_say_and_nothing_else(
    world: World, ada: Desk, rollout: str, role: Role
) -> None:
    desk = ada if role is Role.ADMIN else at_desk(world, role)
    for (method, path), right in ROUTES.items():
        before = len(audited(world))
        answer = sent(desk.browser, method, where(path, rollout))
        allowed = right is None or right in rights_of(role)
        assert (answer.status_code == 403) == (not allowed), (path, answer.status_code)
        assert not is_at_the_door(answer), path
        if not allowed:
            assert "one has to be" in text(answer)
            assert [entry.kind for entry in audited(world)[before:]] == ["forbidden"]
            assert reason(sent(desk.browser, method, where(path, rollout), **JSON)) == "forbidden"


def test_nobody_may_do_anything_without_a_session(world: World, ada: Desk, rollout: str) -> None:
    for method, path in ROUTES:
        assert is_at_the_door(sent(world.browser(), method, where(path, rollout))), path
        answer = sent(world.browser(), method, where(path, rollout), **JSON)
        assert (answer.status_code, reason(answer)) == (401, "signed_out"), path


def test_forged_forms_do_nothing_even_for_an_admin(world: World, ada: Desk, rollout: str) -> None:
    ada.step_up()
    before = kinds(world)
    for method, path in ROUTES:
        if method == "POST":
            assert sent(ada.browser, method, where(path, rollout), **EVIL).status_code == 403, path
            ada.browser.client.headers.pop("origin")
            assert sent(ada.browser, method, where(path, rollout)).status_code == 403, path
            ada.browser.client.headers["origin"] = world.services.site.origin
    assert kinds(world) == before
    with world.database.reading() as session:
        assert cohorts.get(session, rollout).stage == Stage.BAKING


def test_no_route_of_the_console_is_forgotten_here() -> None:
    def paths(routes: list[object]) -> set[tuple[str, str]]:
        return {
            (method, path)
            for route in routes
            if (path := getattr(route, "path", "")).startswith("/console")
            for method in getattr(route, "methods", ())
        }

    routes_there = paths(list(every_route()))
    listed_routes = {(method, path) for method, path in ROUTES} | DOOR
    renamed = {
        (
            method,
            path.replace("{cohort_id}", "{cohort}")
            .replace("orders/{command}", "orders/pause")
            .replace("{what}", "prompts")
            .replace("{staff_id}", "{nobody}")
            .replace("{passkey_id}", "{nobody}")
            .replace("{key_id}", "{nobody}")
            .replace("{delivery_id}", "7")
            .replace("{subscription_id}", "nobody"),
        )
        for method, path in routes_there
    }
    assert renamed == listed_routes


def every_route() -> list[object]:
    rooms = (
        console_home,
        cohort_pages,
        comparisons,
        evidence,
        launches,
        orders,
        passed_over,
        pause_all,
        switches,
        webhooks,
        joining,
        members,
        provider,
        own,
        sign_in,
    )
    return [route for room in rooms for route in room.router.routes]


def test_what_operators_do_is_in_the_cohorts_log_and_the_audit_by_their_address(
    world: World, ada: Desk, rollout: str
) -> None:
    olga = at_desk(world, Role.OPERATOR, "olga@example.com")
    path = f"/console/cohorts/{rollout}/orders/pause"
    with world.database.reading() as session:
        version = cohorts.standing(cohorts.get(session, rollout)).version
    assert olga.browser.post(path, seen=str(version), reason="the desk is full").status_code == 303
    entry = audited(world)[-1]
    assert (entry.kind, entry.by, entry.role, entry.cohort_id, entry.reason) == (
        "rollout_ordered",
        "olga@example.com",
        "operator",
        rollout,
        "the desk is full",
    )
    assert entry.came_from == "203.0.113.7"
    with world.database.reading() as session:
        assert cohorts.entries(session, rollout)[0].by == "olga@example.com"


def test_what_cannot_be_undone_asks_for_a_fresh_ceremony(world: World, ada: Desk, rollout: str) -> None:
    path = f"/console/cohorts/{rollout}/orders/abort"
    referer = {"referer": f"{world.services.site.origin}/console/cohorts/{rollout}"}
    with world.database.reading() as session:
        version = str(cohorts.standing(cohorts.get(session, rollout)).version)
    answer = ada.browser.post(path, headers=referer, seen=version, reason="x")
    assert answer.headers["location"].startswith(
        f"/console/step-up?next=/console/cohorts/{rollout}%3Fdraft%3D"
    )
    assert ada.browser.get(answer.headers["location"]).status_code == 200
    as_json = ada.browser.client.post(path, data={"seen": version, "reason": "x"}, headers=JSON)
    assert (as_json.status_code, reason(as_json)) == (403, "step_up")
    assert ada.step_up().json() == {"next": "/console/staff"}
    done = ada.browser.post(path, seen=version, reason="x")
    assert done.headers["location"] == f"/console/cohorts/{rollout}"


def test_a_step_up_lasts_five_minutes_and_is_the_members_own(world: World, ada: Desk, sam: Desk) -> None:
    assert reason(ada.step_up(key=sam.key)) == "other_account"
    assert (
        ada.browser.post("/console/staff/invite", address="a@b.example", role="viewer")
        .headers["location"]
        .startswith("/console/step-up")
    )
    ada.step_up()
    assert (
        ada.browser.post("/console/staff/invite", address="a@example.com", role="viewer").headers["location"]
        == "/console/staff"
    )
    world.clock.advance(STEP_UP_LIFETIME)
    assert (
        ada.browser.post("/console/staff/invite", address="b@example.com", role="viewer")
        .headers["location"]
        .startswith("/console/step-up")
    )


def test_an_admin_invites_changes_roles_and_ends_access(world: World, ada: Desk, sam: Desk) -> None:
    ada.step_up()
    sams = member(world, "sam@example.com").staff_id
    ada.browser.post(f"/console/staff/{sams}/role", role="operator")
    assert is_at_the_door(sam.browser.get("/console"))
    assert sam.sign_in().status_code == 200
    assert sam.browser.get("/console/launch").status_code == 200
    ada.browser.post(f"/console/staff/{sams}/end")
    assert is_at_the_door(sam.browser.get("/console"))
    assert reason(sam.sign_in()) == "access_ended"
    page = text(ada.browser.get("/console/staff"))
    assert "changed the role of sam@example.com from support to operator" in page
    assert "ended the access of sam@example.com" in page


def test_the_last_admin_cannot_leave(world: World, ada: Desk, sam: Desk) -> None:
    ada.step_up()
    own = member(world, "ada@example.com").staff_id
    for what in ("end", "role"):
        answer = ada.browser.post(f"/console/staff/{own}/{what}", role="viewer")
        assert answer.status_code == 409
        assert "last admin" in text(answer)
    assert member(world, "ada@example.com").role == Role.ADMIN


def test_whoever_lost_their_passkeys_joins_again_by_a_new_link(world: World, ada: Desk) -> None:
    link = invited(world, "ada@example.com", Role.VIEWER)
    assert member(world, "ada@example.com").role == Role.ADMIN
    again = Desk(world=world, address="ada@example.com", browser=world.browser())
    assert again.join(link).status_code == 200
    assert again.browser.get("/console/staff").status_code == 200


def test_a_bad_address_is_told(ada: Desk) -> None:
    ada.step_up()
    answer = ada.browser.post("/console/staff/invite", address="nonsense", role="viewer", name="N")
    assert answer.status_code == 400
    assert 'value="nonsense"' in answer.text


def test_a_member_adds_renames_and_removes_passkeys_but_not_the_last(world: World, ada: Desk) -> None:
    assert reason(ada.browser.send("/console/me/passkeys/options")) == "step_up"
    ada.step_up()
    laptop = world.authenticator()
    options = ada.browser.send("/console/me/passkeys/options").json()
    assert options["excludeCredentials"]
    assert ada.browser.send("/console/me/passkeys", laptop.create(options)).status_code == 200
    first, second = passkey_ids(ada)
    ada.browser.post(f"/console/me/passkeys/{second}/name", name="Laptop <b>")
    assert "Laptop &lt;b&gt;" in ada.browser.get("/console/me").text
    assert ada.browser.post(f"/console/me/passkeys/{first}/remove").status_code == 303
    assert ada.browser.post(f"/console/me/passkeys/{second}/remove").status_code == 409
    ada.sign_out()
    assert reason(ada.sign_in()) == "credential_removed"
    assert ada.sign_in(key=laptop).status_code == 200
    assert kinds(world)[2:6] == ["stepped_up", "passkey_added", "passkey_renamed", "passkey_removed"]


def test_a_members_passkeys_are_their_own(world: World, ada: Desk, sam: Desk) -> None:
    ada.step_up()
    (sams,) = passkey_ids(sam)
    for what in ("name", "remove"):
        assert ada.browser.post(f"/console/me/passkeys/{sams}/{what}", name="x").status_code == 404


def test_a_member_sees_and_ends_their_own_keys_and_nobody_elses(world: World, ada: Desk, sam: Desk) -> None:
    assert "Your keys" not in sam.browser.get("/console/me").text
    token = keyed(sam, "zendesk <b>")
    bearer = {"authorization": f"Bearer {token}"}
    assert world.browser().get("/v1/support/stuck", **bearer).status_code == 200
    page = sam.browser.get("/console/me").text
    assert "zendesk &lt;b&gt;" in page
    assert token not in page
    (key,) = re.findall(r"/console/me/keys/([0-9a-f-]{36})/end", page)
    assert ada.browser.post(f"/console/me/keys/{key}/end").status_code == 404
    assert sam.browser.post(f"/console/me/keys/{key}/end").status_code == 303
    assert sam.browser.post(f"/console/me/keys/{key}/end").status_code == 404
    assert "Your keys" not in sam.browser.get("/console/me").text
    assert world.browser().get("/v1/support/stuck", **bearer).status_code == 401
    assert (audited(world)[-1].kind, audited(world)[-1].detail) == ("key_ended", {"key_id": key})


def test_a_key_ends_with_its_members_access_and_does_not_come_back_with_them(
    world: World, ada: Desk, sam: Desk
) -> None:
    bearer = {"authorization": f"Bearer {keyed(sam, 'zendesk')}"}
    ada.step_up()
    ada.browser.post(f"/console/staff/{member(world, sam.address).staff_id}/end")
    assert world.browser().get("/v1/support/stuck", **bearer).status_code == 401
    at_desk(world, Role.SUPPORT, sam.address)
    assert world.browser().get("/v1/support/stuck", **bearer).status_code == 401


def keyed(desk: Desk, name: str) -> str:
    """A new key of a member."""
    token, now = new_token(), desk.world.clock()
    staff_id = member(desk.world, desk.address).staff_id
    with desk.world.database.transaction() as session:
        staff_keys.make(session, staff_id, token, name=name, at=now)
    return token


def test_a_member_signs_out_everywhere_else(world: World, ada: Desk) -> None:
    elsewhere = Desk(world=world, address="", browser=world.browser())
    elsewhere.sign_in(key=ada.key)
    ada.browser.post("/console/me/sessions/end")
    assert is_at_the_door(elsewhere.browser.get("/console"))
    assert ada.browser.get("/console").status_code == 200


def passkey_ids(desk: Desk) -> list[str]:
    page = desk.browser.get("/console/me").text
    return re.findall(r"/console/me/passkeys/([0-9a-f-]{36})/name", page)


def test_in_development_the_first_member_is_invited_at_the_machine_and_closes_the_console(
    local: World, olga: Browser
) -> None:
    assert "Nobody has been invited yet" in olga.get("/console/staff").text
    refused = olga.post("/console/staff/invite", address="ada@example.com", role="viewer")
    assert "first member has to be an admin" in refused.text
    answer = olga.post("/console/staff/invite", address="ada@example.com", role="admin")
    assert answer.headers["location"].startswith("/console/join/")
    assert is_at_the_door(olga.get("/console"))
    assert olga.get(answer.headers["location"]).status_code == 200


def test_pages_have_no_inline_parts_and_a_name_for_every_field(world: World, ada: Desk) -> None:
    for path in ("/console/staff", "/console/me", "/console/step-up"):
        assert inline_parts(ada.browser.get(path).text) == []
    assert inline_parts(world.browser().get("/console/sign-in").text) == []
