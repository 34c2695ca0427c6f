"""Codes are off when the host has said so, and on at once; what comes late, twice or out of order does no harm."""

from datetime import timedelta

import pytest

from domain.asking import OTHER_REASON
from domain.desk.acts import Act
from domain.facts import HostChange, SmsState
from domain.host.events import EventOutcome, HostEventKind
from domain.journal import EventKind
from domain.journey import JourneyAct, StuckReason
from domain.messages.messages import Template
from domain.switches import Switch
from store import Database
from store.acts import doing
from store.journeys import asking
from tests.services.host.host_stage import DAY, HOST_POLICY, HostStage, make_stage
from tests.store.acts.test_refusals import order
from tests.switches import stop

SUSPENDED, RESTORED = HostEventKind.SMS_SUSPENDED, HostEventKind.SMS_RESTORED
REMOVED, REFUSED = HostEventKind.SMS_REMOVED, HostEventKind.SMS_REFUSED
MOMENT = timedelta(minutes=1)


@pytest.fixture
def stage(database: Database) -> HostStage:
    """An account that is ready."""
    return make_stage(database)


@pytest.fixture
def asked(stage: HostStage) -> HostStage:
    """The host has been asked to suspend codes."""
    stage.let_pass(HOST_POLICY.notice + timedelta(minutes=20))
    assert stage.changes() == ["suspend"]
    return stage


@pytest.fixture
def suspended(asked: HostStage) -> HostStage:
    """The host has suspended codes, and so has Offramp."""
    asked.hear(SUSPENDED, request_id=asked.asked()[0]["request_id"])
    asked.act()
    assert asked.account().sms == SmsState.SUSPENDED
    return asked


def test_codes_are_suspended_and_removed_when_the_host_has_said_so(asked: HostStage) -> None:
    assert asked.account().sms == SmsState.NOTICE
    assert Template.SMS_SUSPENDED not in asked.letters()
    asked.hear(SUSPENDED)
    assert asked.account().sms == SmsState.NOTICE
    asked.act()
    assert asked.account().sms == SmsState.SUSPENDED
    assert asked.proofs() == ["suspended"]
    assert Template.SMS_SUSPENDED in asked.letters()
    asked.let_pass(HOST_POLICY.probation)
    assert asked.changes() == ["suspend", "remove"]
    assert asked.account().sms == SmsState.SUSPENDED
    asked.hear(REMOVED, request_id=asked.asked()[-1]["request_id"])
    asked.act()
    assert asked.account().sms == SmsState.REMOVED
    assert sorted(asked.proofs()) == ["removed", "suspended"]


def test_a_request_names_itself_and_its_deadline_and_a_silent_host_is_asked_again_until_that_is_of_no_use(
    asked: HostStage,
) -> None:
    asked.let_pass(timedelta(minutes=50))
    first, second = asked.asked()
    assert first["request_id"] != second["request_id"]
    assert first["deadline"] < second["deadline"]
    asked.let_pass(10 * DAY)
    assert asked.changes() == ["suspend"] * 4
    assert asked.account().stuck_reason == StuckReason.HOST_SILENT
    assert asked.account().sms == SmsState.NOTICE


def test_an_answer_that_comes_after_all_counts_also_for_an_earlier_request(asked: HostStage) -> None:
    asked.let_pass(10 * DAY)
    asked.hear(SUSPENDED, request_id=asked.asked()[0]["request_id"])
    asked.act()
    assert asked.account().sms == SmsState.SUSPENDED
    assert asked.account().stuck_reason is None


def test_the_host_is_asked_again_when_the_person_has_done_something(asked: HostStage) -> None:
    asked.let_pass(10 * DAY)
    asked.make_passkeys()
    asked.act()
    assert asked.account().stuck_reason is None
    assert asked.changes() == ["suspend"] * 5


def test_a_refusal_takes_the_journey_back_and_the_case_has_the_reason(asked: HostStage) -> None:
    asked.hear(REFUSED, request_id=asked.asked()[0]["request_id"], reason="no_other_method")
    asked.act()
    assert asked.account().sms == SmsState.ON
    assert asked.account().stuck_reason == StuckReason.HOST_REFUSED
    assert asked.facts().host_refused_reason == "no_other_method"
    assert Template.SMS_KEPT in asked.letters()
    asked.let_pass(60 * DAY)
    assert asked.changes() == ["suspend"]
    assert asked.account().sms == SmsState.ON
    asked.make_passkeys()
    asked.let_pass(HOST_POLICY.notice + timedelta(minutes=30))
    assert asked.changes() == ["suspend"] * 2


def test_a_reason_that_could_be_about_a_person_is_not_kept(asked: HostStage) -> None:
    asked.hear(REFUSED, reason="Ada called from +49 151 2345678")
    assert asked.facts().host_refused_reason == OTHER_REASON


def test_a_refused_removal_leaves_codes_suspended(suspended: HostStage) -> None:
    suspended.let_pass(HOST_POLICY.probation)
    suspended.hear(REFUSED, request_id=suspended.asked()[-1]["request_id"], reason="under_review")
    suspended.let_pass(60 * DAY)
    assert suspended.account().sms == SmsState.SUSPENDED
    assert suspended.account().stuck_reason == StuckReason.HOST_REFUSED
    assert suspended.changes() == ["suspend", "remove"]
    suspended.restore()
    assert suspended.account().sms == SmsState.ON
    assert suspended.changes()[-1] == "restore"


def test_codes_come_back_at_once_and_the_host_is_asked_until_it_has_done_it(suspended: HostStage) -> None:
    suspended.restore()
    assert suspended.account().sms == SmsState.ON
    assert suspended.changes() == ["suspend", "restore"]
    suspended.let_pass(timedelta(minutes=6))
    assert suspended.changes() == ["suspend", *["restore"] * 3]
    suspended.let_pass(2 * DAY)
    assert suspended.account().stuck_reason == StuckReason.HOST_SILENT
    assert len(suspended.changes()) > 40
    suspended.hear(RESTORED)
    suspended.act()
    assert suspended.account().stuck_reason is None
    before = len(suspended.changes())
    suspended.let_pass(HOST_POLICY.notice - MOMENT)
    assert len(suspended.changes()) == before


def test_a_restore_that_is_refused_is_shown_and_asked_for_all_the_same(suspended: HostStage) -> None:
    suspended.restore()
    suspended.hear(REFUSED, reason="account_locked")
    suspended.let_pass(timedelta(minutes=30))
    assert suspended.account().stuck_reason == StuckReason.HOST_REFUSED
    assert suspended.changes().count("restore") > 3
    assert suspended.account().sms == SmsState.ON


def test_no_notice_is_given_while_the_host_has_not_restored(suspended: HostStage) -> None:
    suspended.restore()
    suspended.let_pass(10 * DAY)
    assert suspended.account().sms == SmsState.ON
    assert suspended.plan().act is JourneyAct.ASK_FOR_RESTORE


def test_who_takes_codes_back_while_the_host_is_asked_has_it_undo_what_it_may_have_done(
    asked: HostStage,
) -> None:
    asked.restore()
    assert asked.changes() == ["suspend", "restore"]
    asked.hear(SUSPENDED, request_id=asked.asked()[0]["request_id"], at=asked.now - MOMENT)
    asked.act()
    assert asked.account().sms == SmsState.ON
    assert asked.facts().host_asked is HostChange.RESTORE


def test_the_proof_is_made_anew_when_the_host_confirms_and_else_the_host_takes_it_back(
    asked: HostStage,
) -> None:
    asked.lose_passkeys()
    asked.hear(SUSPENDED)
    asked.act()
    assert asked.account().sms == SmsState.ON
    assert asked.changes() == ["suspend", "restore"]
    assert asked.proofs() == []


def test_a_confirmation_while_retiring_is_stopped_is_taken_back(asked: HostStage) -> None:
    stop(asked.database, Switch.RETIRING)
    asked.hear(SUSPENDED)
    asked.act()
    assert asked.account().sms == SmsState.NOTICE
    assert asked.changes() == ["suspend", "restore"]


def test_newest_by_the_hosts_own_clock_counts(suspended: HostStage) -> None:
    confirmed_at = suspended.now
    suspended.let_pass(MOMENT)
    suspended.restore()
    suspended.let_pass(MOMENT)
    assert suspended.hear(RESTORED, at=suspended.now) is EventOutcome.HEEDED
    late = suspended.hear(SUSPENDED, at=confirmed_at, request_id=suspended.asked()[0]["request_id"])
    assert late is EventOutcome.OVERTAKEN
    assert suspended.facts().host_asked is None


def test_what_was_asked_before_and_done_after_the_restore_is_taken_back_again(suspended: HostStage) -> None:
    suspended.restore()
    suspended.hear(RESTORED)
    suspended.let_pass(MOMENT)
    suspended.hear(SUSPENDED, request_id=suspended.asked()[0]["request_id"])
    assert suspended.changes() == ["suspend", "restore", "restore"]
    assert suspended.account().sms == SmsState.ON


def test_what_nobody_asked_for_is_a_difference_and_claims_no_proof(stage: HostStage) -> None:
    stage.hear(REMOVED)
    stage.act()
    assert stage.account().sms == SmsState.NOTICE  # as the journey has it, and not as the host says
    (differs,) = [entry for entry in stage.journal() if entry.kind == EventKind.HOST_DIFFERS]
    assert differs.detail == {"host": "removed", "offramp": "on"}
    assert stage.proofs() == []
    assert stage.changes() == []


def test_codes_that_the_host_has_switched_on_by_itself_are_on_here_too(suspended: HostStage) -> None:
    suspended.let_pass(MOMENT)
    suspended.hear(RESTORED)
    suspended.act()
    assert suspended.account().sms == SmsState.ON
    assert suspended.changes() == ["suspend"]
    (restored,) = [entry for entry in suspended.journal() if entry.kind == EventKind.SMS_RESTORED]
    assert restored.detail["reason"] == asking.REOPENED


def test_the_same_answer_twice_is_one_answer(asked: HostStage) -> None:
    at, request_id = asked.now, asked.asked()[0]["request_id"]
    assert asked.hear(SUSPENDED, at=at, request_id=request_id) is EventOutcome.HEEDED
    asked.act()
    version = asked.facts().version
    assert asked.hear(SUSPENDED, at=at, request_id=request_id) is EventOutcome.OVERTAKEN
    asked.act()
    assert asked.facts().version == version


def test_of_two_words_of_one_moment_the_one_about_the_open_request_counts(asked: HostStage) -> None:
    at, request_id = asked.now, asked.asked()[0]["request_id"]
    asked.hear(SUSPENDED, at=at, request_id=request_id)
    asked.act()
    assert asked.hear(RESTORED, at=at, request_id="another") is EventOutcome.OVERTAKEN
    assert asked.account().sms == SmsState.SUSPENDED


def test_a_refusal_of_something_that_is_not_asked_any_more_is_overtaken(suspended: HostStage) -> None:
    request_id = suspended.asked()[0]["request_id"]
    assert suspended.hear(REFUSED, request_id=request_id) is EventOutcome.OVERTAKEN
    assert suspended.account().sms == SmsState.SUSPENDED


def test_a_clock_that_runs_ahead_does_not_silence_what_follows(suspended: HostStage) -> None:
    suspended.let_pass(MOMENT)
    suspended.hear(SUSPENDED, at=suspended.now + 300 * DAY)
    suspended.let_pass(MOMENT)
    suspended.restore()
    assert suspended.hear(RESTORED) is EventOutcome.HEEDED
    assert suspended.facts().host_asked is None


def test_support_lets_the_host_be_asked_again(asked: HostStage) -> None:
    asked.let_pass(10 * DAY)
    with asked.database.transaction() as session:
        doing.perform(session, order(Act.ASK_HOST_AGAIN, asked.account_id), at=asked.now)
    assert asked.account().stuck_reason is None
    asked.act()
    assert asked.changes() == ["suspend"] * 5


def test_support_ends_a_refusal(asked: HostStage) -> None:
    asked.hear(REFUSED)
    asked.let_pass(10 * DAY)
    with asked.database.transaction() as session:
        doing.perform(session, order(Act.ASK_HOST_AGAIN, asked.account_id), at=asked.now)
    asked.act()
    assert asked.account().sms == SmsState.NOTICE
