"""Forms that are sent before a step up: the page to return to fills them in, and says that nothing is done yet."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from httpx2 import Response

from domain.desk.acts import Act
from domain.staff.staff import Role
from tests.api.console.operators import log, stage, text
from tests.api.desk.test_case_acts import act_on
from tests.api.staff.staff import Desk, at_desk, invited, member
from tests.api.world import World
from tests.console import make_rollout
from tests.factories import make_passkey

Sends = Callable[[Desk], tuple[str, Response]]
"""Sends a form from its page; returns the page's path and the answer."""


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in, who has not stepped up lately."""
    desk = at_desk(world, Role.ADMIN, "ada@example.com")
    world.clock.advance(timedelta(minutes=6))
    return desk


def sent(desk: Desk, page: str, action: str, **form: str) -> Response:
    return desk.browser.post(action, headers={"referer": f"{desk.world.services.site.origin}{page}"}, **form)


def way_back(answer: Response) -> str:
    """The page that a step up leads back to."""
    match = re.fullmatch(r"/console/step-up\?next=(\S+)", answer.headers["location"])
    assert match
    return unquote(match[1])


def abort(desk: Desk) -> tuple[str, Response]:
    page = f"/console/cohorts/{make_rollout(desk.world.database)}"
    return page, sent(desk, page, f"{page}/orders/abort", seen="2", reason="lock-outs in Brazil")


def roll_back(desk: Desk) -> tuple[str, Response]:
    page = f"/console/cohorts/{make_rollout(desk.world.database)}"
    return page, sent(desk, page, f"{page}/orders/rollback", seen="2", reason="lock-outs in Brazil")


def stop_retiring(desk: Desk) -> tuple[str, Response]:
    page = "/console/switches"
    return page, sent(desk, page, f"{page}/retiring/stop", reason="lock-outs in Brazil")


def invite(desk: Desk) -> tuple[str, Response]:
    page = "/console/staff"
    return page, sent(desk, page, f"{page}/invite", address="lock-outs in Brazil", role="viewer")


def end_access(desk: Desk) -> tuple[str, Response]:
    page = "/console/staff"
    invited(desk.world, "ben@example.com", Role.VIEWER)
    staff_id = member(desk.world, "ben@example.com").staff_id
    return page, sent(desk, page, f"{page}/{staff_id}/end")


def make_key(desk: Desk) -> tuple[str, Response]:
    page = "/console/host-keys"
    return page, sent(desk, page, page, name="lock-outs in Brazil", scope="events:write", days="7", calls="3")


def remove_device(desk: Desk) -> tuple[str, Response]:
    account = desk.world.account()
    with desk.world.database.transaction() as session:
        passkey_id = make_passkey(session, account.account_id).passkey_id
    page = f"/console/cases/{account.account_id}/acts/remove_device"
    return page, act_on(desk, account, Act.REMOVE_DEVICE, target=passkey_id, reason="lock-outs in Brazil")


@pytest.mark.parametrize(
    ("send", "button"),
    [
        (abort, "Abort"),
        (roll_back, "Roll back"),
        (stop_retiring, "Stop"),
        (invite, "Send the invitation"),
        (end_access, "End access"),
        (make_key, "Make the key"),
        (remove_device, "Ask a colleague"),
    ],
)
def test_after_a_step_up_the_form_is_filled_in_and_its_page_says_which_button_to_press(
    ada: Desk, send: Sends, button: str
) -> None:
    page, answer = send(ada)
    back = way_back(answer)
    assert back.startswith(f"{page}?draft=")
    assert "lock-outs" not in back
    assert f"Nothing is done yet: press {button}." in text(ada.browser.get(back))
    ada.step_up()
    shown = ada.browser.get(back)
    assert f"Confirmed. Nothing is done yet: press {button}." in text(shown)
    assert send is end_access or "lock-outs in Brazil" in shown.text
    marked = re.search(r'data-kept-form="([^"]+)"', shown.text)
    assert marked
    form = shown.text[shown.text.index(f'action="{marked[1]}"') :]
    assert button in form[: form.index("</form>")]
    assert "Nothing is done yet" not in text(ada.browser.get(page))


def test_an_order_that_waits_for_its_button_has_changed_nothing(ada: Desk) -> None:
    page, answer = roll_back(ada)
    cohort_id = page.rpartition("/")[2]
    ada.step_up()
    ada.browser.get(way_back(answer))
    assert (stage(ada.world, cohort_id), log(ada.world, cohort_id)[0].kind) == ("baking", "extend")


def test_an_order_that_is_no_longer_possible_is_not_asked_for_again(ada: Desk) -> None:
    page, answer = roll_back(ada)
    ada.step_up()
    sent(ada, page, f"{page}/orders/abort", seen="2", reason="all is lost")
    shown = text(ada.browser.get(way_back(answer)))
    assert "Roll back is not possible any more, so nothing is done." in shown
    assert "Your reason was: “lock-outs in Brazil”" in shown


def test_the_choices_of_a_form_are_kept_too(ada: Desk) -> None:
    _, answer = make_key(ada)
    form = ada.browser.get(way_back(answer)).text
    assert 'value="events:write" checked' in form
    assert re.search(r'name="days"[^>]* value="7"', form)
    assert re.search(r'name="calls"[^>]* value="3"', form)


def test_a_form_is_kept_for_five_minutes_in_its_own_session_and_for_its_own_page(ada: Desk) -> None:
    _, answer = stop_retiring(ada)
    back = way_back(answer)
    eve = at_desk(ada.world, Role.ADMIN, "eve@example.com")
    assert "lock-outs" not in eve.browser.get(back).text
    assert "press Stop." not in text(ada.browser.get(back.replace("switches", "staff")))
    ada.world.clock.advance(timedelta(minutes=6))
    assert "lock-outs" not in ada.browser.get(back).text


def test_a_form_that_is_too_long_for_an_address_comes_back_empty_and_says_so_all_the_same(ada: Desk) -> None:
    answer = sent(ada, "/console/staff", "/console/staff/invite", address="ü" * 9_000, role="viewer")
    back = way_back(answer)
    assert len(back) < 4_000
    assert "Nothing is done yet: press Send the invitation." in text(ada.browser.get(back))
