"""The page that puts two cohorts beside each other."""

from store.rollouts import tallies
from store.rollouts.measurements import WaveFunnel
from tests.api.console.operators import text
from tests.api.world import Browser, World
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort


def two(world: World) -> tuple[str, str]:
    with world.database.transaction() as session:
        ids = [keep_cohort(session, make_cohort(name=name)) for name in ("autumn", "spring")]
        funnel = [WaveFunnel(wave=0, members=10, launched=10, passkey_enrolled=7)]
        tallies.record(session, ids[0], at=START, assessments=(), funnel=funnel)
    return ids[0], ids[1]


def test_the_cohorts_page_leads_to_the_choice_of_another_one(local: World, olga: Browser) -> None:
    autumn, spring = two(local)
    path = f"/console/cohorts/{autumn}/compare"
    assert f'href="{path}"' in olga.get(f"/console/cohorts/{autumn}").text
    page = olga.get(path)
    assert "autumn beside another cohort" in text(page)
    assert f'<option value="{spring}">spring</option>' in page.text
    assert f'value="{autumn}"' not in page.text


def test_both_are_shown_side_by_side(local: World, olga: Browser) -> None:
    autumn, spring = two(local)
    page = text(olga.get(f"/console/cohorts/{autumn}/compare?with={spring}"))
    assert "autumn beside spring" in page
    assert "Passkey enrolled 70.0% 7 not kept" in page
    assert "Neither has a guardrail that was assessed." in page
    assert "Alike in everything but their names." in page


def test_a_single_cohort_has_nothing_to_be_put_beside(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        only = keep_cohort(session)
    assert "There is no other cohort yet." in text(olga.get(f"/console/cohorts/{only}/compare"))


def test_a_cohort_that_is_not_there_is_said_so(local: World, olga: Browser) -> None:
    autumn, _ = two(local)
    assert olga.get(f"/console/cohorts/{autumn}/compare?with=none").status_code == 404
    assert olga.get("/console/cohorts/none/compare").status_code == 404
