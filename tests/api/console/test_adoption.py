"""The Adoption page: the figures in words, pictures and tables, chosen by cohort and days, and counted once."""

import re
from dataclasses import replace

import pytest

from domain.journal import EventKind
from services.figures.adoption_figures import AdoptionFigures
from store import Database
from tests.adoption import happen, make_town
from tests.api.console.operators import text
from tests.api.web.test_security import inline_parts
from tests.api.world import Browser, World
from tests.clocks import FakeClock
from tests.databases import SqliteDatabases
from tests.factories import keep_cohort, make_account, make_journey, make_member, make_passkey


@pytest.fixture
def town(local: World, sqlite: SqliteDatabases) -> World:
    sqlite.filled(settled)
    return local


def settled(database: Database) -> str:
    """A town of sixty people."""
    with database.transaction() as session:
        make_town(session)
    return ""


def test_with_nobody_on_the_way_the_page_says_so(olga: Browser) -> None:
    page = text(olga.get("/console/adoption"))
    assert "0 of 0 accounts are on the way" in page
    assert "Nobody is on the way yet." in page
    assert "Nobody has signed in by either in these days." in page


def test_the_page_tells_it_in_words_first(town: World, olga: Browser) -> None:
    page = text(olga.get("/console/adoption"))
    assert re.search(
        r"60 of 60 accounts are on the way to passkeys\. \d+ of them no longer sign in by text", page
    )
    assert re.search(r"\d+% of the sign-ins of 60 accounts were by passkey", page)
    assert re.search(r"By text-message code, signing in takes \d+\.\d times as long\.", page)


def test_the_page_says_who_takes_codes_although_they_have_a_passkey(town: World, olga: Browser) -> None:
    page = text(olga.get("/console/adoption"))
    assert re.search(r"Of the sign-ins of people who have a passkey, \d+% were by text-message code", page)
    assert re.search(r"Of \d+ sign-ins of people who had a passkey, \d+ were by text-message code", page)
    assert "the passkey did not work" in page


def test_the_page_says_what_failed_and_where(town: World, olga: Browser) -> None:
    page = text(olga.get("/console/adoption"))
    for facet in ("By place", "By system", "By browser", "By passkey provider"):
        assert facet in page
    assert re.search(r"Safari for iOS 18 (making|using) \d+ [\d.]+ %", page)
    assert "making: cancelled, timed out, or no passkey there" in page


def test_every_picture_has_a_title_and_says_its_last_numbers(town: World, olga: Browser) -> None:
    page = olga.get("/console/adoption").text
    pictures = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert len(pictures) == 2
    for picture in pictures:
        name, described = re.search(r'aria-labelledby="([\w-]+) ([\w-]+)"', picture).groups()  # type: ignore[union-attr]
        assert re.search(rf'<title id="{name}">[^<]+</title>', picture)
        assert re.search(rf'<desc id="{described}">[^<]*\d[^<]*</desc>', picture)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_on_the_first_day_no_curve_says_that_nobody_signs_in(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        account_id = make_account(session).account_id
        happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=local.clock())
    page = text(olga.get("/console/adoption"))
    assert "100% of the sign-ins of 1 accounts were by passkey." in page
    assert "There is a curve once the first day is over." in page


def test_the_numbers_behind_the_curves_are_in_a_table(town: World, olga: Browser) -> None:
    page = olga.get("/console/adoption?days=7").text
    table = page[page.index("scroll-numbers") :]
    assert re.findall(r'scope="row" class="nowrap">([\d-]+)<', table) == [
        f"2026-{day}" for day in ("02-24", "02-25", "02-26", "02-27", "02-28", "03-01", "03-02")
    ]


def test_a_passkey_that_is_gone_counts_as_ever_made_and_not_as_made_now(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        for is_gone in (False, True):
            account_id = make_account(session).account_id
            make_journey(session, account_id)
            happen(session, account_id, EventKind.PASSKEY_BOUND, at=local.clock())
            make_passkey(session, account_id, removed_at=local.clock() if is_gone else None)
    page = olga.get("/console/adoption")
    assert "Passkey enrolled 1 50.0 % 2" in text(page)
    assert "ever enrolled: 2" in page.text


def test_the_curves_begin_where_there_is_something_to_tell(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        account_id = make_account(session).account_id
        happen(session, account_id, EventKind.PASSKEY_BOUND, at=local.clock())
        make_journey(session, account_id, at=local.clock())
        happen(session, account_id, EventKind.JOURNEY_STARTED, at=local.clock())
    page = olga.get("/console/adoption?days=30")
    assert "From 2026-03-01 on: there is nothing before it." in text(page)
    table = page.text[page.text.index("scroll-numbers") :]
    assert re.findall(r'scope="row" class="nowrap">([\d-]+)<', table) == ["2026-03-01", "2026-03-02"]
    assert re.findall(r'class="tick"[^>]*>(2026-[\d-]+)<', page.text) == ["2026-03-02"]


def test_a_cohort_and_the_days_can_be_chosen(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_town(session, people=5, cohort_id=cohort_id)
        make_account(session)
    page = olga.get(f"/console/adoption?cohort={cohort_id}&days=90")
    assert "Adoption of spring" in text(page)
    assert "5 of 5 members of spring" in text(page)
    assert f'<option value="{cohort_id}" selected>' in page.text
    assert '<option value="90" selected>' in page.text
    assert "5 of 6 accounts" in text(olga.get("/console/adoption"))


def test_every_number_names_whom_it_is_about_and_the_holdout_is_named_apart(
    local: World, olga: Browser
) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_town(session, people=5, cohort_id=cohort_id)
        held_out = make_member(session, cohort_id, held_out=True)
        happen(session, held_out, EventKind.SIGNED_IN, at=local.clock(), method="sms")
        make_member(session, cohort_id, launched_at=None, wave=1)
    everybody = text(olga.get("/console/adoption"))
    assert "5 of 7 accounts are on the way" in everybody
    assert "of 7 accounts, 1 is held out to compare with" in everybody
    assert "Sign-ins of 7 accounts." in everybody
    of_cohort = text(olga.get(f"/console/adoption?cohort={cohort_id}"))
    assert "of 7 members of spring, 1 is held out to compare with" in of_cohort
    assert "Of 5 people on the way" in of_cohort
    assert "Sign-ins of 5 people launched by spring." in of_cohort


def test_what_cannot_be_chosen_is_the_usual_or_not_found(olga: Browser) -> None:
    assert '<option value="30" selected>' in olga.get("/console/adoption?days=31").text
    assert olga.get("/console/adoption?cohort=nothing").status_code == 404
    assert olga.get("/console/adoption?days=many").status_code == 400


def test_other_machines_are_asked_to_sign_in(town: World) -> None:
    answer = town.browser(address="203.0.113.7").get("/console/adoption")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/console/sign-in")


def test_the_page_has_nothing_inline(town: World, olga: Browser) -> None:
    assert inline_parts(olga.get("/console/adoption").text) == []


def test_figures_are_counted_once_for_many_readers(sqlite_database: Database, clock: FakeClock) -> None:
    figures = AdoptionFigures(database=sqlite_database, clock=clock)
    first = figures.of(None, 30)
    assert figures.of(None, 30) is first
    assert figures.of(None, 7) is not first


def test_a_browser_inside_a_container_s_own_machine_counts_as_local(town: World) -> None:
    gateway = "172.30.84.1"
    site = replace(town.services.site, local_peers=frozenset({gateway}))
    near = World(database=town.database, clock=town.clock, services=replace(town.services, site=site))
    assert near.browser(address=gateway, origin=site.origin).get("/console").status_code == 200
    assert near.browser(address="172.30.84.9", origin=site.origin).get("/console").status_code == 303
    lured = near.browser(address=gateway, origin=site.origin)
    assert lured.get("/console", host="evil.example").status_code == 303
