"""The end date in the console: what it comes to, a preview, and a nearer day by two members."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.rollouts.cohorts import Cohort
from domain.safety.end_dates import EndDate
from domain.staff.staff import AuditKind, Role
from store.rollouts import cohorts
from tests.api.console.operators import away, log, operator, text
from tests.api.console.rollouts import FakeRollouts
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import Browser, World
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_member, make_policy

DAY = timedelta(days=1)
END = START + 60 * DAY
LATER, NEARER = "2026-06-01", "2026-04-01"


def described(world: World, cohort_id: str) -> Cohort:
    with world.database.reading() as session:
        return cohorts.description(cohorts.get(session, cohort_id))


def path(cohort_id: str) -> str:
    return f"/console/cohorts/{cohort_id}/end"


def send(browser: Browser, cohort_id: str, where: str = "", **form: str) -> Response:
    seen = re.search(r'name="seen" value="(\d+)"', browser.get(path(cohort_id)).text)
    assert seen
    said: dict[str, Any] = {"seen": seen[1], "reason": "the regulator", "day": LATER} | form
    return browser.post(path(cohort_id) + where, **said)


@pytest.fixture
def ending(local: World) -> str:
    """A launched cohort with an end date, and somebody on the way."""
    account = local.account(make_policy(end=EndDate(at=END), name="of spring"))
    with local.database.transaction() as session:
        cohort = make_cohort(policy=make_policy(end=EndDate(at=END), name="of spring"))
        ending = keep_cohort(session, cohort)
        make_member(session, ending, account.account_id)
    return ending


def test_the_page_says_whom_it_touches_and_the_cohorts_page_leads_there(
    local: World, olga: Browser, ending: str
) -> None:
    assert f'href="{path(ending)}"' in olga.get(f"/console/cohorts/{ending}").text
    page = text(olga.get(path(ending)))
    assert "1 person would be let in only to set up a passkey" in page
    assert "never seen on a device that can do it 1" in page
    assert "0 people a day got a passkey" in page.lower()
    assert "By today’s pace they never are." in page


def test_another_day_can_be_looked_at_and_a_day_that_is_none_counts_not(olga: Browser, ending: str) -> None:
    assert "1 Jul" in text(olga.get(f"{path(ending)}?on=2026-07-01"))
    assert olga.get(f"{path(ending)}?on=soon").status_code == 200


def test_a_later_day_is_previewed_and_then_moved_by_one(local: World, olga: Browser, ending: str) -> None:
    plan = send(olga, ending, "/plan")
    page = text(plan)
    assert "Move the end date" in page
    assert "colleague" not in page
    assert described(local, ending).policy.end == EndDate(at=END)
    assert send(olga, ending).headers["location"] == f"/console/cohorts/{ending}"
    moved = described(local, ending).policy.end
    assert moved
    assert moved.at.isoformat() == "2026-06-01T00:00:00+00:00"
    assert log(local, ending)[0].reason == "the regulator"


def test_an_end_date_can_be_lifted(local: World, olga: Browser, ending: str) -> None:
    assert "Lift the end date" in text(send(olga, ending, "/plan", day=""))
    send(olga, ending, day="")
    assert described(local, ending).policy.end is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"day": "2026-02-30"}, "must be a day like"),
        ({"day": LATER, "zone": "Mars"}, "no IANA time zone|is not an IANA time zone"),
        ({"day": "2026-03-03"}, "at most"),
        ({"day": "2026-01-01"}, "lies ahead"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_what_was_typed_stays(
    olga: Browser, ending: str, form: dict[str, str], why: str
) -> None:
    answer = send(olga, ending, "/plan", **form)
    assert answer.status_code == 400
    assert re.search(why, text(answer))
    assert 'value="the regulator"' in answer.text


def test_while_nobody_takes_orders_it_says_so(local: World, olga: Browser, ending: str) -> None:
    away(local)
    assert send(olga, ending).status_code == 503


def test_a_nearer_day_is_not_for_a_console_in_which_nobody_has_joined(olga: Browser, ending: str) -> None:
    answer = send(olga, ending, day=NEARER)
    assert answer.status_code == 409
    assert "takes two members" in text(answer)


@pytest.fixture
def two(world: World) -> tuple[Desk, Desk, str]:
    """Two operators with passkeys of their own, and a cohort that has an end date."""
    with world.database.transaction() as session:
        cohort = make_cohort(policy=make_policy(end=EndDate(at=END), name="of spring"))
        cohort_id = keep_cohort(session, cohort)
    admin = at_desk(world, Role.ADMIN)
    return admin, at_desk(world, Role.OPERATOR, "olga@example.org"), cohort_id


def asked(desk: Desk, cohort_id: str) -> str:
    found = re.search(r"/end/([0-9a-f-]{36})/approve", desk.browser.get(path(cohort_id)).text)
    assert found
    return found[1]


def test_a_nearer_day_waits_for_a_colleague_who_approves_it(
    world: World, two: tuple[Desk, Desk, str]
) -> None:
    ada, olga, cohort_id = two
    send(olga.browser, cohort_id, day=NEARER)
    assert described(world, cohort_id).policy.end == EndDate(at=END)
    request_id = asked(olga, cohort_id)
    first = ada.browser.post(f"{path(cohort_id)}/{request_id}/approve")
    assert first.headers["location"].startswith("/console/step-up")
    ada.step_up()
    olga.step_up()
    own = olga.browser.post(f"{path(cohort_id)}/{request_id}/approve")
    assert "Nobody approves what they asked for themselves" in text(own)
    answer = ada.browser.post(f"{path(cohort_id)}/{request_id}/approve")
    assert answer.headers["location"] == f"/console/cohorts/{cohort_id}"
    end = described(world, cohort_id).policy.end
    assert end
    assert end.at.isoformat() == "2026-04-01T00:00:00+00:00"
    kinds = [entry.kind for entry in audited(world) if entry.cohort_id == cohort_id]
    assert kinds == [AuditKind.ASKED_FOR, AuditKind.END_DATE_MOVED, AuditKind.APPROVED]


def test_a_request_that_nobody_can_carry_out_now_waits_on_and_keeps_the_notice_that_it_was_asked_with(
    world: World, two: tuple[Desk, Desk, str]
) -> None:
    ada, olga, cohort_id = two
    soonest = START + make_policy().notice
    send(olga.browser, cohort_id, day=f"{soonest:%Y-%m-%d}", time=f"{soonest:%H:%M}")
    request_id = asked(olga, cohort_id)
    world.clock.advance(timedelta(hours=2))
    ada.sign_in()
    ada.step_up()
    away(world)
    assert ada.browser.post(f"{path(cohort_id)}/{request_id}/approve").status_code == 503
    rollouts = world.services.rollouts
    assert isinstance(rollouts, FakeRollouts)
    rollouts.is_away = False
    answer = ada.browser.post(f"{path(cohort_id)}/{request_id}/approve")
    assert answer.headers["location"] == f"/console/cohorts/{cohort_id}"
    assert described(world, cohort_id).policy.end == EndDate(at=soonest)


@pytest.mark.parametrize("by_asker", [True, False])
def test_a_request_that_is_declined_or_withdrawn_moves_nothing(
    world: World, two: tuple[Desk, Desk, str], by_asker: bool
) -> None:
    ada, olga, cohort_id = two
    send(olga.browser, cohort_id, day=NEARER)
    request_id = asked(olga, cohort_id)
    (olga if by_asker else ada).browser.post(f"{path(cohort_id)}/{request_id}/decline")
    ada.step_up()
    assert ada.browser.post(f"{path(cohort_id)}/{request_id}/approve").status_code == 409
    assert described(world, cohort_id).policy.end == EndDate(at=END)


def test_whoever_only_looks_moves_nothing(world: World, two: tuple[Desk, Desk, str]) -> None:
    _, _, cohort_id = two
    viewer = at_desk(world, Role.VIEWER, "vera@example.org")
    page = viewer.browser.get(path(cohort_id))
    assert page.status_code == 200
    assert "See what it comes to" not in page.text
    assert viewer.browser.post(path(cohort_id), day=LATER, reason="r", seen="1").status_code == 403


def test_the_operator_of_this_machine_is_named(local: World, ending: str) -> None:
    send(operator(local, "Ada"), ending)
    assert log(local, ending)[0].by == "Ada"
