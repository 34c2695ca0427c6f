"""Acts at the desk: who may do them, by URL and by forged request, what is asked for, and what takes two."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.desk.acts import Act
from domain.desk.stuck import Obstacle
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.staff.staff import AuditKind, Right, Role, rights_of
from domain.words.spelling import spelled
from store.people import accounts, journal
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_desk import EVIL, NOBODY, case_of
from tests.api.staff.staff import Desk, at_desk, audited, kinds
from tests.api.web.test_security import inline_parts
from tests.api.world import World
from tests.factories import make_passkey
from tests.store.desk.test_stuck import make_stuck

WHY = "they asked for it on the phone"


@pytest.fixture
def sam(world: World) -> Desk:
    """Support, signed in."""
    return at_desk(world, Role.SUPPORT, "sam@example.com")


@pytest.fixture
def sue(world: World) -> Desk:
    """Another member of support, signed in."""
    return at_desk(world, Role.SUPPORT, "sue@example.com")


@pytest.fixture
def person(world: World) -> Account:
    """Somebody on their way."""
    return world.account()


def form_of(desk: Desk, account: Account, act: Act) -> str:
    """The mark of a fresh form."""
    match = re.search(
        r'name="once" value="([\w-]+)"', desk.browser.get(f"{case_of(account)}/acts/{act}").text
    )
    assert match
    return match[1]


def act_on(desk: Desk, account: Account, act: Act, **form: str) -> Response:
    said: dict[str, Any] = {"reason": WHY, "once": form_of(desk, account, act)} | form
    return desk.browser.post(f"{case_of(account)}/acts/{act}", **said)


def request_id(desk: Desk) -> str:
    match = re.search(r"/console/approvals/([\w-]+)/", desk.browser.get("/console/approvals").text)
    assert match
    return match[1]


@pytest.mark.parametrize("role", Role)
def test_only_those_who_act_find_and_send_the_forms(world: World, person: Account, role: Role) -> None:
    desk = at_desk(world, role)
    may = Right.ACT_ON_CASES in rights_of(role)
    path = f"{case_of(person)}/acts/{Act.PAUSE}"
    assert desk.browser.get(path).status_code == (200 if may else 403)
    answer = desk.browser.post(path, reason=WHY, days="7", once=NOBODY)
    assert answer.status_code == (303 if may else 403)
    assert (world.reload(person.account_id).rests_until is not None) is may
    assert desk.browser.get("/console/approvals").status_code == (200 if may else 403)


def test_no_other_site_and_no_stranger_acts(world: World, sam: Desk, person: Account) -> None:
    path = f"{case_of(person)}/acts/{Act.PAUSE}"
    forged = sam.browser.post(path, headers=EVIL, reason=WHY, days="7", once=NOBODY)
    assert forged.status_code == 403
    stranger = world.browser().post(path, reason=WHY, days="7", once=NOBODY)
    assert stranger.headers["location"].startswith("/console/sign-in")
    assert world.reload(person.account_id).rests_until is None


@pytest.mark.parametrize("act", Act)
def test_every_act_has_a_page_that_says_what_will_happen(sam: Desk, person: Account, act: Act) -> None:
    answer = sam.browser.get(f"{case_of(person)}/acts/{act}")
    assert answer.status_code in (200, 409)
    assert ('name="reason"' in answer.text) is (answer.status_code == 200)
    assert inline_parts(answer.text) == []


def test_an_act_is_done_told_and_can_be_undone(sam: Desk, person: Account) -> None:
    done = act_on(sam, person, Act.PAUSE, days="7")
    shown = sam.browser.get(done.headers["location"])
    assert "The journey is paused." in text(shown)
    assert f"/acts/{Act.RESUME}" in shown.text
    entry = next(record for record in audited(sam.world) if record.kind == AuditKind.CASE_ACTED_ON)
    assert (entry.by, entry.reason, entry.detail["act"]) == (sam.address, WHY, Act.PAUSE)
    act_on(sam, person, Act.RESUME)
    assert sam.world.reload(person.account_id).rests_until is None


def test_an_address_alone_does_not_say_that_something_was_done(sam: Desk, person: Account) -> None:
    assert "Done." not in text(sam.browser.get(f"{case_of(person)}?done={Act.PAUSE}"))


def test_a_form_that_is_sent_twice_acts_once(sam: Desk, person: Account) -> None:
    once = form_of(sam, person, Act.NOTE)
    answers = [act_on(sam, person, Act.NOTE, once=once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert sam.world.kinds(person).count("noted") == 1


@pytest.mark.parametrize("reason", ["", "she is at +49 151 2345678"])
def test_a_refusal_keeps_what_was_typed(sam: Desk, person: Account, reason: str) -> None:
    answer = act_on(sam, person, Act.EXTEND, days="9", reason=reason)
    assert answer.status_code == 409
    assert 'value="9"' in answer.text
    assert "Not done." in text(answer)
    assert AuditKind.CASE_ACTED_ON not in kinds(sam.world)


def test_what_is_not_possible_is_greyed_out_with_the_reason(sam: Desk, person: Account) -> None:
    page = sam.browser.get(case_of(person)).text
    assert f'<button disabled aria-describedby="act-{Act.RESTORE_SMS}">' in page
    assert "Text-message codes are on." in page
    assert sam.browser.get(f"{case_of(person)}/acts/{Act.RESTORE_SMS}").status_code == 409


@pytest.mark.parametrize("act", [Act.SEND_AGAIN, Act.EXTEND, Act.PAUSE, Act.EXEMPT])
def test_while_an_objection_is_open_nothing_is_offered_that_would_move_nothing(
    sam: Desk, person: Account, act: Act
) -> None:
    with sam.world.database.transaction() as session:
        accounts.get(session, person.account_id).disputed_since = sam.world.clock()
    case = sam.browser.get(case_of(person))
    assert f'<button disabled aria-describedby="act-{act}">' in case.text
    assert "An objection is open. Settle it first." in text(case)
    answer = sam.browser.post(
        f"{case_of(person)}/acts/{act}", reason=WHY, days="7", rest="other", once=NOBODY
    )
    assert answer.status_code == 409
    assert audited(sam.world)[-2].detail == {"act": act, "refusal": "An objection is open. Settle it first."}


def test_removing_a_device_asks_who_it_is_and_forgets_nothing_typed(sam: Desk) -> None:
    account = sam.world.account()
    with sam.world.database.transaction() as session:
        passkey_id = make_passkey(session, account.account_id).passkey_id
    path = f"{case_of(account)}/acts/{Act.REMOVE_DEVICE}"
    stopped = act_on(sam, account, Act.REMOVE_DEVICE, target=passkey_id, reason="lost on the train")
    assert stopped.headers["location"].startswith("/console/step-up?next=")
    back = re.search(r'href="(/console/cases/[^"]+)"', sam.browser.get(stopped.headers["location"]).text)
    assert back
    assert "lost on the train" not in back[1]
    sam.step_up()
    assert "lost on the train" in sam.browser.get(back[1]).text
    assert "lost on the train" not in sam.browser.get(f"{path}?draft=nonsense").text
    asked = act_on(sam, account, Act.REMOVE_DEVICE, target=passkey_id)
    assert "waits for a colleague" in text(sam.browser.get(asked.headers["location"]))
    assert "passkey_removed" not in sam.world.kinds(account)


def test_nobody_reads_the_draft_of_another(sam: Desk, sue: Desk) -> None:
    account = sam.world.account()
    with sam.world.database.transaction() as session:
        passkey_id = make_passkey(session, account.account_id).passkey_id
    stopped = act_on(sam, account, Act.REMOVE_DEVICE, target=passkey_id, reason="lost on the train")
    back = re.search(r'href="(/console/cases/[^"]+)"', sam.browser.get(stopped.headers["location"]).text)
    assert back
    assert "lost on the train" not in sue.browser.get(back[1]).text


def test_a_long_extension_waits_for_a_colleague(sam: Desk, sue: Desk, person: Account) -> None:
    act_on(sam, person, Act.EXTEND, days="200")
    assert sam.world.reload(person.account_id).extended_until is None
    assert "1 waiting" in text_of_navigation(sue)
    pending_id = request_id(sam)
    sam.step_up()
    own = sam.browser.post(f"/console/approvals/{pending_id}/approve")
    assert (own.status_code, "Nobody approves what they asked for" in text(own)) == (409, True)
    sue.step_up()
    assert sue.browser.post(f"/console/approvals/{pending_id}/approve").status_code == 303
    assert sam.world.reload(person.account_id).extended_until is not None
    assert sue.browser.post(f"/console/approvals/{pending_id}/approve").status_code == 409


def test_a_rescue_pass_goes_from_one_to_another_waits_and_shows_its_code_once(
    sam: Desk, sue: Desk, person: Account
) -> None:
    sam.world.set_sms(person, SmsState.REMOVED)
    act_on(sam, person, Act.ASK_FOR_RESCUE)
    pending_id = request_id(sam)
    assert (
        sue.browser.post(f"/console/approvals/{pending_id}/approve")
        .headers["location"]
        .startswith("/console/step-up")
    )
    sue.step_up()
    assert sue.browser.post(f"/console/approvals/{pending_id}/approve").status_code == 303
    assert "can still say that it was not them: 1 day left" in text(sam.browser.get(case_of(person)))
    sam.step_up()
    assert sam.browser.post(f"/console/approvals/{pending_id}/code").status_code == 409
    sam.world.clock.advance(sam.world.services.rescue_delay + timedelta(minutes=1))
    for desk in (sam, sue):
        desk.sign_in()
        desk.step_up()
    assert sue.browser.post(f"/console/approvals/{pending_id}/code").status_code == 409
    shown = sam.browser.post(f"/console/approvals/{pending_id}/code")
    code = re.search(r'class="code-once read-out"><code>([0-9a-z-]+)</code>', shown.text)
    assert code
    assert sam.browser.post(f"/console/approvals/{pending_id}/code").status_code == 409
    phone = sam.world.browser()
    entered = phone.post("/rescue", identifier=person.email or "", code=code[1])
    assert entered.headers["location"] == "/device/passkey"
    pages = [text(phone.get("/device/passkey"))]
    phone.make_passkey(sam.world.authenticator())
    assert "passkey_bound" in sam.world.kinds(person)
    pages.append(text(phone.get("/device/prove")))
    assert phone.prove_passkey().json()["next"] == "/rescue/done"
    pages.append(text(phone.get("/rescue/done")))
    for page in pages:  # the other device is lost, and the code is used up
        assert "our other device" not in page
        assert "close this page" not in page
    for page in pages[:2]:
        assert "Call our support again" in page or "call our support again" in page
        assert "another code" in page
    assert "cannot change your other ways to sign in" in pages[2]
    assert "Put a lost device on hold" in pages[2]


def test_the_code_of_a_rescue_pass_is_spelled_for_the_telephone(
    sam: Desk, sue: Desk, person: Account
) -> None:
    sam.world.set_sms(person, SmsState.REMOVED)
    act_on(sam, person, Act.ASK_FOR_RESCUE)
    pending_id = request_id(sam)
    sue.step_up()
    sue.browser.post(f"/console/approvals/{pending_id}/approve")
    sam.world.clock.advance(sam.world.services.rescue_delay + timedelta(minutes=1))
    sam.sign_in()
    sam.step_up()
    shown = sam.browser.post(f"/console/approvals/{pending_id}/code").text
    code = re.search(r'class="code-once read-out"><code>([0-9a-z-]+)</code>', shown)
    groups = re.search(r'<ol class="spelling".*?</ol>', shown, re.DOTALL)
    assert code
    assert groups
    assert re.findall("<li>(.*?)</li>", groups[0]) == spelled(code[1])


def test_a_pass_can_be_declined_withdrawn_and_stopped(sam: Desk, sue: Desk, person: Account) -> None:
    for who in (sue, sam):
        act_on(sam, person, Act.ASK_FOR_RESCUE)
        assert who.browser.post(f"/console/approvals/{request_id(sam)}/decline").status_code == 303
    act_on(sam, person, Act.ASK_FOR_RESCUE)
    pending_id = request_id(sam)
    sue.step_up()
    sue.browser.post(f"/console/approvals/{pending_id}/approve")
    assert sue.browser.post(f"/console/approvals/{pending_id}/stop", reason="").status_code == 409
    assert sue.browser.post(f"/console/approvals/{pending_id}/stop", reason="a hoax").status_code == 303
    assert "Stopped" in text(sam.browser.get(case_of(person)))
    assert kinds(sam.world)[-2] == AuditKind.RESCUE_STOPPED


def text_of_navigation(desk: Desk) -> str:
    """What is read above the page."""
    page = desk.browser.get("/console/stuck").text
    return re.sub(r"<[^>]+>", "", page[: page.index("<main")])


def test_the_acts_that_help_stand_first_and_the_others_are_behind_more(sam: Desk) -> None:
    with sam.world.database.transaction() as session:
        account_id = make_stuck(session, Obstacle.CANNOT_NOW)
    page = sam.browser.get(f"/console/cases/{account_id}").text
    first, more = page.split('<details class="more-acts">')
    assert [f"/acts/{act}" in first for act in (Act.EXTEND, Act.EXEMPT)] == [True, True]
    assert first.count(f"/console/cases/{account_id}/acts/") == 2
    assert 'class="button" href="/console/cases/' in first
    for act in (Act.PAUSE, Act.NOTE, Act.ERASE, Act.RESTORE_SMS):
        assert f'id="act-{act}"' in more


@pytest.mark.parametrize("template", ["", "https://desk.example.com/t/{ticket}"])
def test_a_ticket_of_the_service_stands_on_the_case_and_leads_there(
    world: World, person: Account, template: str
) -> None:
    world.services = replace(world.services, ticket_url=template)
    sam = at_desk(world, Role.SUPPORT, "sam@example.com")
    with sam.world.database.transaction() as session:
        kind, at = EventKind.TICKET_OPENED, sam.world.clock()
        journal.append(session, person.account_id, kind, at=at, actor=Actor.HOST, ticket_id="T/1")
    page = sam.browser.get(case_of(person))
    assert "Ticket T/1 open since" in text(page)
    assert "The service’s support opened a ticket: T/1." in text(page)
    assert ('href="https://desk.example.com/t/T%2F1"' in page.text) is bool(template)
    answer = sam.browser.get(f"/v1/support/cases/{person.account_id}").json()["tickets"]
    assert [(ticket["ticket_id"], bool(ticket["url"])) for ticket in answer] == [("T/1", bool(template))]


def test_many_tickets_do_not_push_what_is_in_the_way_off_the_screen(sam: Desk, person: Account) -> None:
    with sam.world.database.transaction() as session:
        for number in range(5):
            kind, at, ticket_id = EventKind.TICKET_OPENED, sam.world.clock(), f"T-{number}"
            journal.append(session, person.account_id, kind, at=at, actor=Actor.HOST, ticket_id=ticket_id)
    shown, folded = sam.browser.get(case_of(person)).text.split("Further tickets: 2")
    assert [f"<strong>T-{number}</strong>" in shown for number in range(5)] == [True] * 3 + [False] * 2
    assert "<strong>T-4</strong>" in folded
