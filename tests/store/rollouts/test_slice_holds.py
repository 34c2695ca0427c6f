"""The prompt is kept from those alone who are in a held slice of the cohort that has launched them."""

import pytest

from domain.attempts import AttemptEnd, AttemptKind, Occasion, Scene
from domain.errors import Refused, Unknown
from domain.facts import Method
from domain.journal import EventKind as K
from domain.rollouts.guardrails import Metric, Reaction
from domain.rollouts.slices import Dimension, Slice
from domain.software import UNKNOWN_SOFTWARE, Software
from store import Database, Session
from store.people import attempts
from store.rollouts import slice_holds
from tests.attempts import CHROME, EDGE, SAFARI, sign_in
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_guardrail, make_member
from tests.store.rollouts.test_judging import judged, person


def hold(session: Session, cohort_id: str, by: Dimension, value: str) -> str:
    held = Slice(by=by, value=value)
    slice_holds.begin(session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=START)
    return slice_holds.of_cohort(session, cohort_id)[0].hold_id


def spared(session: Session, account_id: str, software: Software = UNKNOWN_SOFTWARE) -> bool:
    return slice_holds.spares(session, account_id, Scene(software=software))


@pytest.mark.parametrize(
    ("by", "value", "is_chrome_held", "is_safari_held"),
    [
        (Dimension.BROWSER, "Chrome for Android 131", True, False),
        (Dimension.BROWSER, "Chrome for Android 130", False, False),
        (Dimension.PLATFORM, "ios", False, True),
        (Dimension.COUNTRY, "BR", True, True),
        (Dimension.WAVE, "1", True, True),
        (Dimension.WAVE, "2", False, False),
        (Dimension.PROVIDER, "Windows Hello", True, True),
    ],
)
def test_only_people_of_the_slice_are_spared(
    database: Database, by: Dimension, value: str, is_chrome_held: bool, is_safari_held: bool
) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        account_id = make_account(session, country="BR").account_id
        make_member(session, cohort_id, account_id)
        sign_in(session, account_id, EDGE, Method.PASSKEY, at=START)
        hold(session, cohort_id, by, value)
        assert spared(session, account_id, CHROME) is is_chrome_held
        assert spared(session, account_id, SAFARI) is is_safari_held


def test_people_of_other_cohorts_and_of_unknown_software_are_asked(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        hold(session, cohort_id, Dimension.BROWSER, CHROME.browser_name)
        member, other = make_member(session, cohort_id), make_account(session).account_id
        assert not spared(session, other, CHROME)
        assert not spared(session, member)
        assert spared(session, member, CHROME)


def test_a_lifted_hold_keeps_the_prompt_from_nobody_and_ends_once(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        account_id = make_member(session, cohort_id)
        hold_id = hold(session, cohort_id, Dimension.BROWSER, CHROME.browser_name)
        assert slice_holds.end(session, cohort_id, hold_id, by="olga", at=START).ended_by == "olga"
        assert not spared(session, account_id, CHROME)
        with pytest.raises(Refused):
            slice_holds.end(session, cohort_id, hold_id, by="olga", at=START)
        with pytest.raises(Unknown):
            slice_holds.end(session, "another", hold_id, by="olga", at=START)


def test_a_browser_that_breaks_passkeys_fails_alone(database: Database) -> None:
    guardrail = make_guardrail(
        Metric.PROMPT_FAILURES, limit=0.2, reaction=Reaction.HOLD_SLICE, by=(Dimension.BROWSER,)
    )
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for number in range(160):
            software, kinds = (CHROME, (K.CEREMONY_FAILED,)) if number % 4 == 0 else (SAFARI, ())
            account_id = person(session, cohort_id, K.PROMPT_SEEN, *kinds)
            scene = Scene(occasion=Occasion.SET_UP, software=software)
            kind, end = AttemptKind.PROMPT, AttemptEnd.SHOWN
            attempts.add(session, scene, kind, end, at=START, account_id=account_id)
        assessment = judged(session, cohort_id, guardrail)
    (failed,) = assessment.slices
    assert failed.slice == Slice(by=Dimension.BROWSER, value="Chrome for Android 131")
    assert (failed.sample.hits, failed.sample.size) == (40, 40)
    assert assessment.failed_waves == ()
