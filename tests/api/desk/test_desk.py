"""The desk: who may look at what, by URL and by forged request, and what is written down of every look."""

import csv
import html
import io

import pytest

from domain.desk.stuck import Obstacle
from domain.facts import Channel
from domain.safety.throttle import LIMITS, Throttle
from domain.staff.staff import AuditKind, Right, Role, rights_of
from domain.words.stuck_words import HELP, NAMES
from store.people import accounts
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.staff.staff import Desk, at_desk, audited, kinds
from tests.api.web.test_security import inline_parts
from tests.api.world import World
from tests.clocks import START
from tests.store.desk.test_stuck import make_stuck

EVIL = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
NOBODY = "00000000-0000-7000-8000-000000000000"
LOOKS = {
    "/console/desk": Right.SEE_CASES,
    "/console/stuck": Right.SEE_LISTS,
    "/console/stuck/export": Right.SEE_LISTS,
    "/console/desk/exempt": Right.SEE_LISTS,
    "/console/desk/exempt/export": Right.SEE_LISTS,
    "/console/cases/{account_id}": Right.SEE_CASES,
}
QUESTIONS = {
    "/console/desk": Right.SEE_CASES,
    "/console/desk/results": Right.SEE_CASES,
    "/console/cases/{account_id}/reveal": Right.REVEAL_CONTACTS,
}


@pytest.fixture
def sam(world: World) -> Desk:
    """Support, signed in."""
    return at_desk(world, Role.SUPPORT, "sam@example.com")


@pytest.fixture
def person(world: World) -> Account:
    """Somebody whose reminders are used up."""
    return stuck(world, Obstacle.NUDGES_USED_UP)


def stuck(world: World, *reasons: Obstacle) -> Account:
    with world.database.transaction() as session:
        account_id = make_stuck(session, *reasons)
    return world.reload(account_id)


def contacts_on(page: str, account: Account) -> tuple[bool, bool]:
    """Whether the address and the number stand on a page in full."""
    return str(account.email) in page, str(account.phone) in page


def case_of(account: Account) -> str:
    return f"/console/cases/{account.account_id}"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", LOOKS)
def test_pages_are_there_for_the_roles_that_may_see_them(
    world: World, person: Account, role: Role, path: str
) -> None:
    desk = at_desk(world, role)
    answer = desk.browser.get(path.format(account_id=person.account_id))
    assert answer.status_code == (200 if LOOKS[path] in rights_of(role) else 403)
    assert contacts_on(answer.text, person) == (False, False)
    assert inline_parts(answer.text) == []
    if answer.status_code == 403:
        assert kinds(world)[-1] == AuditKind.FORBIDDEN
        assert person.external_id not in answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", QUESTIONS)
def test_questions_are_answered_to_the_roles_that_may_ask_them(
    world: World, person: Account, role: Role, path: str
) -> None:
    desk = at_desk(world, role)
    path = path.format(account_id=person.account_id)
    answer = desk.browser.post(path, typed=person.external_id, reason="they are on the phone")
    may = QUESTIONS[path.replace(person.account_id, "{account_id}")] in rights_of(role)
    assert answer.status_code == (200 if may else 403)
    assert (person.external_id in answer.text) is may


@pytest.mark.parametrize("path", QUESTIONS)
def test_no_other_site_asks_in_a_members_name(sam: Desk, person: Account, path: str) -> None:
    path = path.format(account_id=person.account_id)
    forged = sam.browser.post(path, headers=EVIL, typed=person.external_id, reason="they are on the phone")
    assert forged.status_code == 403
    assert person.external_id not in forged.text
    assert kinds(sam.world) == ["invited", "joined"]


@pytest.mark.parametrize("path", [*LOOKS, *QUESTIONS])
def test_whoever_is_nobody_is_led_to_the_door(world: World, sam: Desk, person: Account, path: str) -> None:
    path = path.format(account_id=person.account_id)
    stranger = world.browser()
    stranger.sign_in_by_code(person)
    for answer in (stranger.get(path), stranger.post(path, typed=person.external_id, reason="it is me")):
        assert answer.status_code in (303, 405)
        assert person.external_id not in answer.text


def test_what_is_typed_finds_people_and_is_not_written_down(sam: Desk, person: Account) -> None:
    for typed in (person.external_id, person.email, person.phone, f"migration:{person.account_id}"):
        answer = sam.browser.post("/console/desk", typed=typed or "")
        assert f'href="{case_of(person)}"' in answer.text
        entry = audited(sam.world)[-1]
        assert entry.kind == AuditKind.SEARCHED
        assert entry.detail["found"] == 1
        assert str(typed) not in str(entry.model_dump())
    assert "p•••@e•••.org" in answer.text
    assert contacts_on(answer.text, person) == (False, False)


def test_a_number_is_found_as_the_persons_phone_shows_it(sam: Desk) -> None:
    account = sam.world.account(phone="+525512345678")
    answer = sam.browser.post("/console/desk", typed="+52 1 55 1234 5678")
    assert f'href="{case_of(account)}"' in answer.text


def test_whoever_finds_nobody_reads_what_to_ask_for(sam: Desk) -> None:
    assert "A number needs its country code" in text(sam.browser.post("/console/desk", typed="nobody"))
    assert "nothing to look for" in text(sam.browser.post("/console/desk", typed="—"))
    assert "The service's own id" in text(sam.browser.get("/console/desk"))
    assert kinds(sam.world).count(AuditKind.SEARCHED) == 1


def test_many_hits_come_on_pages(sam: Desk) -> None:
    people = {sam.world.account(external_id=f"many-{number:02}").account_id for number in range(25)}
    first = sam.browser.post("/console/desk", typed="many-").text
    after = first.split('name="after" value="')[1].split('"')[0]
    second = sam.browser.post("/console/desk", typed="many-", after=after).text
    assert [account_id in first for account_id in sorted(people)].count(True) == 20
    assert all((account_id in first) ^ (account_id in second) for account_id in people)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_a_case_says_why_somebody_is_stuck_and_what_helps(sam: Desk, obstacle: Obstacle) -> None:
    account = stuck(sam.world, obstacle)
    read = text(sam.browser.get(case_of(account)))
    assert NAMES[obstacle] in read
    assert " ".join(HELP[obstacle].split()) in read
    entry = audited(sam.world)[-1]
    assert (entry.kind, entry.account_id, entry.by) == (
        AuditKind.CASE_SEEN,
        account.account_id,
        sam.address,
    )
    assert entry.came_from


def test_a_case_that_is_none_leads_nowhere(sam: Desk) -> None:
    assert sam.browser.get(f"/console/cases/{NOBODY}").status_code == 404
    assert sam.browser.get("/console/cases/none").status_code == 404


def test_contacts_are_shown_for_a_reason_once_and_written_down(sam: Desk, person: Account) -> None:
    shown = sam.browser.post(f"{case_of(person)}/reveal", reason="they ask which address we have")
    assert contacts_on(shown.text, person) == (True, True)
    assert shown.headers["cache-control"] == "no-store"
    entry = next(record for record in audited(sam.world) if record.kind == AuditKind.CONTACT_REVEALED)
    assert (entry.account_id, entry.reason) == (person.account_id, "they ask which address we have")
    assert entry.detail == {"channels": [Channel.EMAIL, Channel.SMS]}
    assert contacts_on(sam.browser.get(case_of(person)).text, person) == (False, False)


@pytest.mark.parametrize("reason", ["", "   ", "call +49 151 2345678"])
def test_without_a_reason_nothing_is_shown(sam: Desk, person: Account, reason: str) -> None:
    answer = sam.browser.post(f"{case_of(person)}/reveal", reason=reason)
    assert answer.status_code == 400
    assert contacts_on(answer.text, person) == (False, False)
    assert AuditKind.CONTACT_REVEALED not in kinds(sam.world)


def test_nobody_carries_all_contacts_away(sam: Desk, person: Account) -> None:
    path = f"{case_of(person)}/reveal"
    for _ in range(LIMITS[Throttle.REVEALS_PER_MEMBER].most):
        assert sam.browser.post(path, reason="looking at one").status_code == 200
    assert sam.browser.post(path, reason="looking at one").status_code == 429


def test_the_list_counts_reasons_and_narrows_by_them(sam: Desk, person: Account) -> None:
    bounced = stuck(sam.world, Obstacle.EMAIL_BOUNCED)
    everybody = sam.browser.get("/console/stuck")
    assert f"{NAMES[Obstacle.EMAIL_BOUNCED]} 1" in text(everybody)
    assert NAMES[Obstacle.HELD] not in text(everybody)
    some = sam.browser.get("/console/stuck?reason=email_bounced&cohort=&milestone=&older=&sort=oldest").text
    assert (bounced.external_id in some, f">{person.external_id}<" in some) == (True, False)
    entry = audited(sam.world)[-1]
    assert (entry.kind, entry.detail) == (AuditKind.LIST_SEEN, {"filters": {"reason": "email_bounced"}})
    assert "Nobody is stuck like this" in sam.browser.get("/console/stuck?older=30").text
    assert sam.browser.get("/console/stuck?reason=nonsense&after=nonsense&older=x").status_code == 200


def test_a_viewer_sees_the_list_but_no_way_into_cases(world: World, person: Account) -> None:
    answer = at_desk(world, Role.VIEWER).browser.get("/console/stuck")
    assert person.external_id in answer.text
    assert "/console/cases/" not in answer.text


def test_the_list_comes_on_pages_by_key(sam: Desk) -> None:
    people = {stuck(sam.world, Obstacle.NUDGES_USED_UP).account_id for _ in range(53)}
    first = sam.browser.get("/console/stuck").text
    further = first.split('" rel="next"')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    second = sam.browser.get(further).text
    assert [account_id in first for account_id in people].count(True) == 50
    assert all((account_id in first) ^ (account_id in second) for account_id in people)
    assert 'rel="next"' not in second


def test_pages_of_a_milestone_keep_to_it_and_count_it(sam: Desk) -> None:
    people = [stuck(sam.world, Obstacle.NUDGES_USED_UP) for _ in range(108)]
    with sam.world.database.transaction() as session:
        for account in people[::2]:
            accounts.get(session, account.account_id).email_verified_at = START
    first = sam.browser.get("/console/stuck?milestone=passkey_enrolled&sort=newest").text
    assert first.count('<th scope="row">') == 50
    assert 'Reminders used up <span class="of">54</span>' in first
    further = html.unescape(first.split('" rel="next"')[0].rsplit('href="', 1)[1])
    assert "milestone=passkey_enrolled&sort=newest" in further
    last = sam.browser.get(further).text
    assert last.count('<th scope="row">') == 4
    assert 'rel="next"' not in last


def test_an_empty_list_says_what_to_leave_out(sam: Desk) -> None:
    stuck(sam.world, Obstacle.NUDGES_USED_UP)
    text = html.unescape(sam.browser.get("/console/stuck?reason=nudges_used_up&older=30").text)
    assert '<a href="/console/stuck?older=30">Any reason</a>' in text
    assert '<a href="/console/stuck?reason=nudges_used_up">However long</a>' in text
    assert "Whatever they wait for" not in text


def test_the_list_is_saved_without_contacts_and_that_is_written_down(sam: Desk, person: Account) -> None:
    answer = sam.browser.get("/console/stuck/export?reason=nudges_used_up")
    assert answer.headers["content-disposition"] == 'attachment; filename="stuck.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["external_id"] for row in rows] == [person.external_id]
    assert contacts_on(answer.text, person) == (False, False)
    entry = audited(sam.world)[-1]
    assert (entry.kind, entry.detail) == (AuditKind.LIST_EXPORTED, {"filters": {"reason": "nudges_used_up"}})
