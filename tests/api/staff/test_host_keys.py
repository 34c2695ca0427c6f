"""The page of the host's keys: an admin makes, rotates and ends them after a fresh ceremony, and sees each key once."""

import html
import re
from datetime import timedelta

import pytest

from domain.host.keys import KEY_LIFETIME, OVERLAP, KeyScope
from domain.staff.staff import STEP_UP_LIFETIME, Role
from store.host import keys
from store.host.keys import HostKey
from tests.api.host.keys import call, key_for
from tests.api.staff.staff import Desk, at_desk, audited, kinds
from tests.api.world import Browser, World

PAGE = "/console/host-keys"


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin who has just shown who she is."""
    desk = at_desk(world, Role.ADMIN, "ada@example.com")
    desk.step_up()
    return desk


def make(desk: Desk, *, name: str = "login", scope: str = KeyScope.PROMPTS_WRITE, **form: str) -> str:
    """Make a key; returns the page that follows."""
    return desk.browser.post(PAGE, None, name=name, scope=scope, **form).text


def token_on(page: str) -> str:
    [token] = re.findall(r"<code>(ofr_[\w-]{30,})</code>", page)
    return str(token)


def every(world: World) -> list[HostKey]:
    with world.database.reading() as session:
        return list(keys.every(session))


def test_a_key_is_shown_once_and_works(world: World, ada: Desk) -> None:
    page = make(ada, name="  login <b>  ")
    token = token_on(page)
    assert "login &lt;b&gt;" in page
    assert call(world, token, "GET", "/key").json()["scopes"] == ["prompts:write"]
    again = ada.browser.get(PAGE)
    assert token not in again.text
    assert token[:10] in again.text
    [key] = every(world)
    assert (key.made_by, key.works_until) == ("ada@example.com", world.clock() + KEY_LIFETIME)
    assert (audited(world)[-1].kind, audited(world)[-1].detail) == (
        "host_key_made",
        {"host_key_id": key.key_id},
    )


def test_a_key_has_all_that_was_asked_for(world: World, ada: Desk) -> None:
    answer = ada.browser.client.post(
        PAGE,
        data={"name": "feed", "scope": ["events:write", "accounts:read"], "days": "30", "calls": "5"},
    )
    assert answer.status_code == 303
    [key] = every(world)
    assert (set(key.scopes), key.calls_per_second) == ({"events:write", "accounts:read"}, 5)
    assert key.works_until == world.clock() + timedelta(days=30)


def test_when_and_from_where_a_key_was_used_is_on_the_page(world: World, ada: Desk) -> None:
    token = token_on(make(ada))
    assert "not yet" in ada.browser.get(PAGE).text
    call(world, token, "GET", "/key")
    page = ada.browser.get(PAGE).text
    assert "not yet" not in page
    assert "from 203.0.113.7" in page


def test_after_a_rotation_both_keys_work_for_the_overlap(world: World, ada: Desk) -> None:
    former = token_on(make(ada))
    [key] = every(world)
    latter = token_on(ada.browser.post(f"{PAGE}/{key.key_id}/rotate").text)
    assert "another one takes its place" in ada.browser.get(PAGE).text
    for token in (former, latter):
        assert call(world, token, "GET", "/key").status_code == 200
    world.clock.advance(OVERLAP)
    assert call(world, former, "GET", "/key").status_code == 401
    assert call(world, latter, "GET", "/key").status_code == 200


def test_a_rotation_without_overlap_ends_the_former_key_at_once(world: World, ada: Desk) -> None:
    former = token_on(make(ada))
    [key] = every(world)
    ada.browser.post(f"{PAGE}/{key.key_id}/rotate", overlap_days="0")
    assert call(world, former, "GET", "/key").status_code == 401


def test_an_ended_key_opens_nothing_and_stays_on_the_list_below_the_others(world: World, ada: Desk) -> None:
    make(ada, name="first program")
    token = token_on(make(ada, name="second program"))
    [key, _] = every(world)
    assert ada.browser.post(f"{PAGE}/{key.key_id}/end").status_code == 303
    assert call(world, token, "GET", "/key").status_code == 401
    page = ada.browser.get(PAGE).text
    assert page.index("first program") < page.index("second program")
    assert f"{key.key_id}/end" not in page
    assert kinds(world)[-1] == "host_key_ended"


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"name": " "}, "A key needs a name"),
        ({"scope": "all"}, "is no scope; there are accounts:read"),
        ({"days": "0"}, "A key works for more than no time"),
        ({"days": "2000"}, "for 1095 days at the longest"),
        ({"calls": "0"}, "one call a second at least"),
    ],
)
def test_what_no_key_can_be_is_said_and_what_was_typed_stays(
    world: World, ada: Desk, form: dict[str, str], problem: str
) -> None:
    page = make(ada, **{"name": "typed", "days": "77"} | form)
    assert problem in html.unescape(page)
    assert every(world) == []
    assert ('value="77"' in page) is ("days" not in form)


def test_a_key_without_any_scope_is_refused(world: World, ada: Desk) -> None:
    assert "A key needs a scope" in ada.browser.post(PAGE, name="login").text
    assert every(world) == []


def test_what_cannot_be_done_to_a_key_any_more_is_said(world: World, ada: Desk) -> None:
    make(ada)
    [key] = every(world)
    ada.browser.post(f"{PAGE}/{key.key_id}/rotate")
    assert "was rotated before" in ada.browser.post(f"{PAGE}/{key.key_id}/rotate").text
    ada.browser.post(f"{PAGE}/{key.key_id}/end")
    for deed in ("rotate", "end"):
        assert "works no more" in ada.browser.post(f"{PAGE}/{key.key_id}/{deed}").text
    nobody = "0198c0de-7000-7000-8000-000000000000"
    assert ada.browser.post(f"{PAGE}/{nobody}/end").status_code == 404


def test_every_change_takes_a_fresh_ceremony_and_looking_does_not(world: World, ada: Desk) -> None:
    make(ada)
    [key] = every(world)
    world.clock.advance(STEP_UP_LIFETIME)
    assert ada.browser.get(PAGE).status_code == 200
    for path in (PAGE, f"{PAGE}/{key.key_id}/rotate", f"{PAGE}/{key.key_id}/end"):
        answer = ada.browser.post(path, name="login", scope="prompts:write")
        assert answer.headers["location"].startswith("/console/step-up")
    assert [kept.key_id for kept in every(world)] == [key.key_id]
    assert every(world)[0].ended_at is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_see_or_change_keys(world: World, role: Role) -> None:
    desk = at_desk(world, role)
    desk.step_up()
    assert desk.browser.get(PAGE).status_code == 403
    assert desk.browser.post(PAGE, name="login", scope="prompts:write").status_code == 403
    assert every(world) == []


def test_a_hosts_key_opens_no_page_of_the_console(world: World, ada: Desk) -> None:
    bearer = {"authorization": f"Bearer {key_for(world)}"}
    assert world.browser().get(PAGE, **bearer).status_code == 303


def test_at_the_machine_in_development_a_key_can_be_made_at_once(local: World, olga: Browser) -> None:
    assert "There is no key yet" in olga.get(PAGE).text
    page = olga.post(PAGE, name="login", scope="prompts:write").text
    assert call(local, token_on(page), "GET", "/key").status_code == 200


def test_the_staff_page_leads_there(ada: Desk) -> None:
    assert f'href="{PAGE}"' in ada.browser.get("/console/staff").text
