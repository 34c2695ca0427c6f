"""At the desk: what is kept is asked for, approved, and fetched as a file; an erasure says what becomes of codes."""

import pytest

from domain.desk.acts import Act
from domain.facts import SmsState
from store.people import accounts
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_case_acts import act_on, request_id
from tests.api.desk.test_desk import case_of
from tests.api.staff.staff import Desk
from tests.api.world import World


@pytest.fixture
def person(world: World) -> Account:
    """Somebody on their way."""
    return world.account()


def test_what_is_kept_is_fetched_from_the_case_by_who_asked(
    world: World, person: Account, sam: Desk, sue: Desk
) -> None:
    act_on(sam, person, Act.EXPORT)
    pending = request_id(sue)
    assert "can be fetched by the colleague who asked" in text(sue.browser.get("/console/approvals"))
    assert "Fetch it as a page" not in sam.browser.get(case_of(person)).text
    sue.browser.post(f"/console/approvals/{pending}/approve")
    assert "Fetch it as a page" in sam.browser.get(case_of(person)).text
    assert "The colleague who asked can fetch it." in text(sue.browser.get(case_of(person)))
    fetched = sam.browser.post(f"/console/approvals/{pending}/export", form="html")
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert str(person.phone) in fetched.text
    refused = sue.browser.post(f"/console/approvals/{pending}/export", form="json")
    assert "It is for the member who asked for it" in refused.text
    assert str(person.phone) not in refused.text


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (SmsState.ON, "Text-message codes are on here"),
        (SmsState.SUSPENDED, "The service is told that text-message codes are restored."),
    ],
)
def test_an_erasure_says_what_becomes_of_codes_before_it_is_approved(
    world: World, person: Account, sam: Desk, sue: Desk, state: SmsState, says: str
) -> None:
    world.set_sms(person, state)
    page = sam.browser.get(f"{case_of(person)}/acts/erase").text
    # In any state: it may be another one by the approval.
    assert "What becomes of text-message codes?" in page
    act_on(sam, person, Act.ERASE, target="leave_sms" if state is SmsState.ON else "restore_sms")
    assert says in text(sue.browser.get("/console/approvals"))
    sue.browser.post(f"/console/approvals/{request_id(sue)}/approve")
    with world.database.reading() as session:
        assert accounts.get(session, person.account_id).phone is None
    shown = text(sam.browser.get(case_of(person)))
    assert "what was personal is forgotten" in shown
    assert str(person.external_id) not in shown
