"""New cohorts, described and launched in the console."""

from pathlib import Path

from tests.api.console.operators import SMALL, text
from tests.api.world import Browser, World
from tests.factories import keep_cohort, make_cohort, make_member

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-cohort.toml"


def test_the_form_begins_with_the_sample_and_says_what_it_would_come_to(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        other = keep_cohort(session, make_cohort(name="other"))
        for _ in range(40):
            make_member(session, other, launched_at=None, wave=None)
    form = olga.get("/console/launch").text
    assert SAMPLE.read_text().splitlines()[0] in form
    answer = olga.post("/console/launch/plan", description=SMALL)
    page = text(answer)
    assert "Members 40 Journeys to start about 40 Held out about 0" in page
    assert "40 are in other (launching) too." in page
    assert "lock_outs needs 249 to pass" in page
    assert "Launch small" in page


def test_a_launch_needs_a_reason_and_leads_to_the_cohort(local: World, olga: Browser) -> None:
    assert olga.post("/console/launch", description=SMALL, reason=" ").status_code == 400
    answer = olga.post("/console/launch", description=SMALL, reason="the first percent")
    assert answer.status_code == 303
    page = text(olga.get(answer.headers["location"]))
    assert "small launching wave 1 of 1" in page
    assert "console launched the cohort the first percent" in page


def test_a_description_with_mistakes_lists_each_with_its_place_and_keeps_the_text(olga: Browser) -> None:
    wrong = 'name = "a b"\ncolour = "red"\n[[waves]]\npercent = 200\n[include]\ncountries = ["XX"]\n'
    for path in ("/console/launch/plan", "/console/launch"):
        answer = olga.post(path, description=wrong, reason="x")
        assert answer.status_code == 422
        for place in ("name", "colour", "waves[0].percent", "include.countries"):
            assert f"<code>{place}" in answer.text
        assert 'data-line="4"' in answer.text
        assert "4 mistakes" in answer.text
        assert "colour = &#34;red&#34;" in answer.text


def test_what_is_not_toml_is_told_by_its_line(olga: Browser) -> None:
    answer = olga.post("/console/launch/plan", description='name = "a"\nwaves = = 1\n')
    assert answer.status_code == 422
    assert 'data-line="2"' in answer.text


def test_a_name_that_is_launched_already_is_never_launched_again(local: World, olga: Browser) -> None:
    olga.post("/console/launch", description=SMALL, reason="first")
    answer = olga.post("/console/launch", description=SMALL, reason="second")
    assert answer.status_code == 409
    assert "there is a cohort named small already" in answer.text
    assert 'value="second"' in answer.text


def test_the_name_of_a_launched_cohort_leads_to_the_edit_of_that_one(local: World, olga: Browser) -> None:
    launched = olga.post("/console/launch", description=SMALL, reason="first").headers["location"]
    answer = olga.post("/console/launch/plan", description=f"pace = 7\n{SMALL}")
    assert f'action="{launched}/edit"' in answer.text
    assert "Pace pace 60 journeys a minute 7 journeys a minute" in text(answer)


def test_a_description_that_is_too_long_to_be_carried_to_the_next_page_is_not_lost(olga: Browser) -> None:
    long = f"{SMALL}# {'why ' * 1500}\n"
    answer = olga.post("/console/launch", description=long, reason=" ")
    assert answer.status_code == 400
    assert "why why" in answer.text
    assert "Say why" in answer.text
