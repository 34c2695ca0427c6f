"""Exemptions at the desk: on which ground, with which evidence, by whom; the case keeps every one that there was."""

from dataclasses import replace
from datetime import timedelta

from domain.desk.acts import Act
from domain.desk.exemptions import Bases, Basis
from domain.staff.staff import Role
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_case_acts import act_on, request_id
from tests.api.desk.test_desk import case_of
from tests.api.staff.staff import Desk, at_desk
from tests.api.world import World

CAREFUL = Basis(
    code="careful", words="A careful ground", longest=timedelta(days=30), needs_evidence=True, takes_two=True
)
TICKET = "https://crm.example.com/tickets/4711"


def shown(desk: Desk, person: Account) -> str:
    return text(desk.browser.get(case_of(person)))


def test_what_is_granted_reviewed_and_renewed_is_on_the_case_and_at_another_desk(
    sam: Desk, world: World
) -> None:
    person = world.account()
    act_on(sam, person, Act.EXEMPT, days="100", rest="machine_account", evidence=TICKET)
    assert f'href="{TICKET}" rel="noreferrer"' in sam.browser.get(case_of(person)).text
    assert "A machine's account, no person; reviewed next" in shown(sam, person)
    world.clock.advance(timedelta(days=87))
    sam = at_desk(world, Role.SUPPORT, "olga@example.com")
    assert "due for review" in shown(sam, person)
    act_on(sam, person, Act.REVIEW_EXEMPTION)
    assert "due for review" not in shown(sam, person)
    renewing = sam.browser.get(f"{case_of(person)}/acts/{Act.RENEW_EXEMPTION}")
    assert "Now they are exempt until" in text(renewing)
    act_on(sam, person, Act.RENEW_EXEMPTION, days="30", rest="other", evidence="CRM-1234")
    assert all(word in shown(sam, person) for word in ("Another reason", "CRM-1234", "renewed", "lasts"))
    path = f"/v1/support/cases/{person.account_id}/exemptions"
    newest, former = sam.browser.client.get(path).json()["exemptions"]
    assert (newest["basis"], newest["renews"]) == ("other", former["exemption_id"])
    assert (former["evidence"], former["ended_because"]) == (TICKET, "superseded")


def test_a_ground_that_takes_two_is_approved_by_whoever_has_seen_the_evidence(world: World) -> None:
    world.services = replace(world.services, bases=Bases((CAREFUL,)))
    sam, sue = (at_desk(world, Role.SUPPORT, f"{name}@example.com") for name in ("sam", "sue"))
    person = world.account()
    page = text(sam.browser.get(f"{case_of(person)}/acts/{Act.EXEMPT}"))
    assert "A careful ground 30 days at most, with evidence, and a colleague approves it" in page
    assert "needs evidence" in text(act_on(sam, person, Act.EXEMPT, days="9", rest="careful"))
    assert world.reload(person.account_id).rests_until is None
    act_on(sam, person, Act.EXEMPT, days="9", rest="careful", evidence=TICKET)
    waits = sue.browser.get("/console/approvals")
    assert "left alone for 9 days: “A careful ground”." in text(waits)
    assert f'href="{TICKET}"' in waits.text
    sue.step_up()
    sue.browser.post(f"/console/approvals/{request_id(sue)}/approve")
    assert world.reload(person.account_id).rests_until
    assert "sam@example.com with sue@example.com" in shown(sue, person)
