"""The operators' console: who sees it, what it shows, and how it stays fresh."""

from urllib.parse import quote

import pytest
from httpx2 import Response

from domain.facts import SmsState
from domain.rollouts.rollout import Command, Stage
from store.people import accounts
from store.rollouts import cohorts
from tests.api.console.operators import (
    SITE,
    SMALL,
    changed,
    log,
    operator,
    order,
    parts,
    stage,
    text,
    text_of,
)
from tests.api.web.test_security import Page, inline_parts
from tests.api.world import Browser, World
from tests.clocks import START
from tests.console import make_rollout, set_stage
from tests.factories import keep_cohort, make_cohort, make_member, put_sms


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.7"}),
        ("127.0.0.1", {"host": "evil.example"}),
    ],
)
def test_for_other_machines_the_console_is_not_open(
    local: World, cohort_id: str, address: str, headers: dict[str, str]
) -> None:
    browser = local.browser(address=address, origin=SITE["origin"])
    for path in ("", "/live", "/launch", f"/cohorts/{cohort_id}", f"/cohorts/{cohort_id}/live"):
        assert to_the_door(browser.get(f"/console{path}", **headers))
    for path in ("/launch", "/launch/plan", "/name"):
        assert to_the_door(browser.post(f"/console{path}", headers=headers, name="x"))
    answer = browser.post(f"/console/cohorts/{cohort_id}/orders/abort", headers=headers, seen="2", reason="x")
    assert to_the_door(answer)
    assert stage(local, cohort_id) == Stage.BAKING


def test_in_production_the_console_is_never_open(world: World) -> None:
    browser = world.browser(address="127.0.0.1")
    assert to_the_door(browser.get("/console"))
    assert to_the_door(browser.post("/console/launch", description=SMALL, reason="x"))


def to_the_door(answer: Response) -> bool:
    """Whether somebody was sent to sign in."""
    return answer.status_code == 303 and answer.headers["location"].startswith("/console/sign-in")


def test_without_a_cohort_the_list_says_how_to_begin(olga: Browser) -> None:
    page = olga.get("/console").text
    assert "No cohort has been launched yet" in page
    assert 'href="/console/launch"' in page


def test_the_list_shows_each_cohort_with_its_state_in_words(local: World, olga: Browser) -> None:
    make_rollout(local.database, name="first", stage=Stage.PAUSED)
    make_rollout(local.database, name="second", stage=Stage.HOLDING)
    page = text(olga.get("/console"))
    assert page.index("second") < page.index("first")
    for words in ("paused", "holding", "2 of 3", "10 of 38", "failed", "an operator, since 2 Mar 12:00 UTC"):
        assert words in page


def test_the_console_says_in_which_room_one_is(olga: Browser) -> None:
    for room in ("/console", "/console/adoption", "/console/desk", "/console/staff"):
        assert f'<a href="{room}" aria-current="page"' in olga.get(room).text
        assert olga.get(room).text.count('aria-current="page"') == 1


def test_a_page_shows_the_funnel_the_guardrails_the_next_step_and_the_log(
    olga: Browser, cohort_id: str
) -> None:
    page = text(olga.get(f"/console/cohorts/{cohort_id}"))
    assert "baking wave 2 of 3" in page
    assert "Waits for the end of the wave's bake, 4 Mar 12:00 UTC" in page
    assert "if they pass, wave 3 (100 %) begins" in page
    assert "Wave 2, 25 % 9 9" in page
    assert "Support cases (asked support for help) is over its limit of 3.0% failed 11.9%" in page
    assert "14 of 118" in page
    assert "has measured 0 of at least 48" in page
    assert "olga extended the bake looked at every case" in page
    assert "launched: 10, passkey enrolled: 6" in page


def test_a_cohort_is_found_by_the_name_that_dashboards_know(
    local: World, olga: Browser, cohort_id: str
) -> None:
    with local.database.reading() as session:
        name = cohorts.get(session, cohort_id).name
    assert olga.get(f"/console/cohorts/named/{name}").headers["location"] == f"/console/cohorts/{cohort_id}"
    assert olga.get("/console/cohorts/named/nobodys").status_code == 404


def test_a_cohort_that_is_not_there_is_a_calm_page(olga: Browser) -> None:
    assert olga.get("/console/cohorts/nothing").status_code == 404
    assert olga.get("/console/cohorts/nothing/live").status_code == 404
    answer = olga.post("/console/cohorts/nothing/orders/pause", seen="1", reason="x")
    assert answer.status_code == 404


def test_whoever_has_said_their_name_is_in_the_log(local: World, cohort_id: str) -> None:
    browser = operator(local)
    answer = browser.post("/console/name", name=" Zoë\n<b> ", back=cohort_id)
    assert answer.headers["location"] == f"/console/cohorts/{cohort_id}"
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/console"))
    assert "Zoë &lt;b&gt;" in browser.get("/console").text
    order(browser, cohort_id, Command.PAUSE)
    assert log(local, cohort_id)[0].by == "Zoë <b>"


@pytest.mark.parametrize("cookie", [quote("a\x00b\u2028c"), "%ff%fe", "x" * 3000])
def test_a_strange_name_does_no_harm(olga: Browser, cookie: str) -> None:
    answer = olga.get("/console", cookie=f"offramp-operator={cookie}")
    assert answer.status_code == 200
    assert "x" * 61 not in answer.text


@pytest.mark.parametrize("back", ["//evil.example", "../x", "https://evil.example", "x\r\ny"])
def test_saying_a_name_leads_nowhere_else(olga: Browser, back: str) -> None:
    assert olga.post("/console/name", name="Ada", back=back).headers["location"] == "/console"


def test_the_fragment_shows_new_numbers_and_marks_what_has_changed(
    local: World, olga: Browser, cohort_id: str
) -> None:
    before = olga.get(f"/console/cohorts/{cohort_id}/live").text
    assert parts(before) == parts(olga.get(f"/console/cohorts/{cohort_id}").text)
    assert "<html" not in before
    with local.database.transaction() as session:
        account_id = make_member(session, cohort_id, wave=1, bucket=1000)
        put_sms(session, accounts.get(session, account_id), SmsState.SUSPENDED, at=START)
    after = olga.get(f"/console/cohorts/{cohort_id}/live").text
    assert changed(before, after) == {"part-funnel", "part-waves", "part-order-rollback"}
    assert "10 of 10 launched" in text_of(after)


@pytest.mark.parametrize("where", list(Stage))
def test_a_rollout_that_has_lost_waves_is_still_shown(
    local: World, olga: Browser, cohort_id: str, where: Stage
) -> None:
    with local.database.transaction() as session:
        set_stage(session, cohort_id, where)
        row = cohorts.get(session, cohort_id)
        row.body = row.body | {"waves": row.body["waves"][:1]}
        session.add(row)
    for path in ("/console", f"/console/cohorts/{cohort_id}"):
        assert olga.get(path).status_code == 200


def test_the_list_has_a_fragment_too(olga: Browser, cohort_id: str) -> None:
    assert parts(olga.get("/console/live").text) == parts(olga.get("/console").text)


def test_a_page_has_words_for_a_cohort_that_nothing_is_known_of_yet(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        bare = keep_cohort(session, make_cohort(name="bare"))
    page = text(olga.get(f"/console/cohorts/{bare}"))
    assert "This cohort has none: nothing stops it but its operators." in page
    assert "There is a curve once the cohort has been assessed twice." in page


def test_every_page_is_kept_by_the_strict_policy_and_has_labels(
    local: World, olga: Browser, cohort_id: str
) -> None:
    answers = [olga.get(path) for path in ("/console", "/console/launch", f"/console/cohorts/{cohort_id}")]
    answers.append(olga.post("/console/launch/plan", description=SMALL))
    answers.append(olga.post("/console/launch/plan", description="name = 1"))
    answers.append(order(olga, cohort_id, Command.RESUME))
    for answer in answers:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert inline_parts(answer.text) == []
        page = Page(answer.text)
        assert (page.titles - answer.text.count("<title id=")) == 1
        assert page.headings == 1
        assert page.fields <= page.labelled
