"""Who may do what about an account, and when: every act, every role, and the words in which it is refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.act_rules import Allowed, Doer, NotAllowed, allowed, require_allowed, takes_two
from domain.desk.acts import (
    AT_CONSOLE_ONLY,
    AT_THE_HOST,
    SENT_AGAIN_AFTER,
    STEPPED_UP,
    UNDONE_BY,
    Act,
    ActRefused,
    ConsoleOnly,
    Rest,
    Subject,
)
from domain.facts import Channel, SmsState
from domain.safety.end_dates import EndDate
from domain.staff.staff import Right, Role, rights_of
from tests.clocks import START
from tests.domain.strategies import facts, instants, policies, some
from tests.factories import make_facts, make_policy, make_ready_facts

NOW = START + timedelta(hours=1)
DAY = timedelta(days=1)
POLICY = make_policy()
SAM = Doer(role=Role.SUPPORT)
BY_KEY = Doer(role=Role.ADMIN, is_by_key=True)
EVERY_CHANNEL = frozenset(Channel)


def make_subject(**changes: Any) -> Subject:
    """Somebody on their way, with both contacts and two passkeys, of which the first has signed in."""
    plain = Subject(
        facts=make_facts(passkeys=2, proven_passkeys=1),
        policy=POLICY,
        is_under_way=True,
        contacts=EVERY_CHANNEL,
        devices={"phone": True, "laptop": False},
    )
    return replace(plain, **changes)


def make_resting(rest: Rest, until: datetime = NOW + DAY) -> Subject:
    """Somebody whom support leaves alone."""
    return make_subject(rest=rest, facts=make_facts(rests_until=until))


def refusal(act: Act, subject: Subject, target: str = "", *, now: datetime = NOW) -> str:
    """Why Sam may not do it; nothing when he may."""
    answer = allowed(act, subject, SAM, now, target=target)
    return answer.reason if isinstance(answer, NotAllowed) else ""


channels = st.frozensets(st.sampled_from(Channel))
subjects = st.builds(
    Subject,
    facts=st.builds(replace, facts(), rests_until=some(instants), extended_until=some(instants)),
    policy=policies(),
    is_under_way=st.booleans(),
    is_frozen=st.booleans(),
    rest=some(st.sampled_from(Rest)),
    contacts=channels,
    marked_wrong=channels,
    unused=channels,
    capped=channels,
    devices=st.dictionaries(st.sampled_from(["phone", "laptop"]), st.booleans()),
    suspects=st.frozensets(st.sampled_from(["phone", "laptop"])),
    last_message_at=some(instants),
    is_rescue_open=st.booleans(),
    is_at_host=st.booleans(),
)
any_act = st.sampled_from(Act)
targets = st.sampled_from(["", "email", "sms", "phone", "made up"])


@given(any_act, subjects, st.sampled_from(Role), st.booleans(), instants, targets)
def test_whatever_is_true_only_those_who_act_on_cases_may_and_a_refusal_says_why(
    act: Act, subject: Subject, role: Role, is_by_key: bool, now: datetime, target: str
) -> None:
    answer = allowed(act, subject, Doer(role=role, is_by_key=is_by_key), now, target=target)
    if isinstance(answer, NotAllowed):
        assert not answer
        assert answer.reason.endswith(".")
    else:
        assert answer
        assert Right.ACT_ON_CASES in rights_of(role)
        assert not (is_by_key and (act in AT_CONSOLE_ONLY or takes_two(act, subject)))
        assert answer.takes_two is takes_two(act, subject)
        assert answer.needs_step_up is (act in STEPPED_UP)
        assert answer.undone_by is UNDONE_BY.get(act)


@given(any_act, subjects, st.sampled_from(Role), instants, targets)
def test_a_key_may_nothing_that_its_member_may_not(
    act: Act, subject: Subject, role: Role, now: datetime, target: str
) -> None:
    by_key = allowed(act, subject, Doer(role=role, is_by_key=True), now, target=target)
    assert not by_key or allowed(act, subject, Doer(role=role), now, target=target)


@given(any_act, subjects, instants, targets)
def test_checking_and_showing_are_one_rule(act: Act, subject: Subject, now: datetime, target: str) -> None:
    answer = allowed(act, subject, SAM, now, target=target)
    if isinstance(answer, Allowed):
        require_allowed(act, subject, SAM, now, target=target)
        return
    with pytest.raises(ActRefused) as refused:
        require_allowed(act, subject, SAM, now, target=target)
    assert refused.value.reason == answer.reason


@given(st.sampled_from([Act.PAUSE, Act.EXEMPT]), subjects, instants)
def test_leaving_alone_and_ending_it_are_never_offered_together(
    act: Act, subject: Subject, now: datetime
) -> None:
    assert not (allowed(act, subject, SAM, now) and allowed(UNDONE_BY[act], subject, SAM, now))


@pytest.mark.parametrize("act", Act)
def test_a_role_that_only_looks_reads_so(act: Act) -> None:
    for role in (Role.VIEWER, Role.OPERATOR):
        answer = allowed(act, make_subject(), Doer(role=role), NOW)
        assert isinstance(answer, NotAllowed)
        assert f"the role {role}" in answer.reason


def test_what_takes_a_ceremony_or_two_people_is_for_no_key() -> None:
    about_ways_in = {Act.RESTORE_SMS, Act.REMOVE_DEVICE, Act.LIFT_HOLD, Act.ASK_FOR_RESCUE}
    assert about_ways_in | {Act.EXPORT, Act.ERASE} == AT_CONSOLE_ONLY
    facts = make_ready_facts(sms=SmsState.NOTICE)
    noticed = replace(make_subject(), facts=facts, suspects=frozenset({"phone"}))
    for act in AT_CONSOLE_ONLY:
        assert allowed(act, noticed, SAM, NOW)
        assert not allowed(act, noticed, BY_KEY, NOW)
        with pytest.raises(ConsoleOnly):
            require_allowed(act, noticed, BY_KEY, NOW)


@pytest.mark.parametrize("sms", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_an_exemption_takes_two_if_it_switches_text_message_codes_on(sms: SmsState) -> None:
    plain, without = make_subject(), make_subject(facts=make_ready_facts(sms=sms))
    assert not takes_two(Act.EXEMPT, plain)
    assert allowed(Act.EXEMPT, plain, BY_KEY, NOW)
    assert takes_two(Act.EXEMPT, without)
    assert not allowed(Act.EXEMPT, without, BY_KEY, NOW)
    answer = allowed(Act.EXEMPT, without, SAM, NOW)
    assert isinstance(answer, Allowed)
    assert answer.takes_two


@pytest.mark.parametrize("act", Act)
def test_for_a_deactivated_account_nothing_is_done_but_noted_written_out_and_erased(act: Act) -> None:
    answer = refusal(act, make_subject(facts=make_facts(deactivated_at=START)))
    assert ("The service has deactivated this account." in answer) is (
        act not in {Act.NOTE, Act.EXPORT, Act.ERASE}
    )


@pytest.mark.parametrize("act", [Act.SEND_AGAIN, Act.PAUSE, Act.EXTEND, Act.EXEMPT])
def test_who_is_not_on_the_way_is_not_steered(act: Act) -> None:
    assert "not on its way" in refusal(act, make_subject(is_under_way=False))
    assert refusal(act, make_subject()) == ""


@pytest.mark.parametrize(
    "act", [Act.SEND_AGAIN, Act.PAUSE, Act.EXTEND, Act.EXEMPT, Act.ASK_FOR_RESCUE, Act.REMOVE_DEVICE]
)
def test_nothing_is_steered_and_no_way_in_changed_while_an_objection_is_open(act: Act) -> None:
    disputed = make_subject(facts=make_facts(disputed_since=START))
    assert refusal(act, disputed) == "An objection is open. Settle it first."


def test_text_message_codes_are_not_restored_while_an_objection_is_open() -> None:
    disputed = make_ready_facts(sms=SmsState.SUSPENDED, disputed_since=START)
    assert refusal(Act.RESTORE_SMS, make_subject(facts=disputed)) == "An objection is open. Settle it first."


@pytest.mark.parametrize("act", [Act.NOTE, Act.MARK_CONTACT_WRONG])
def test_who_has_objected_is_helped_all_the_same(act: Act) -> None:
    assert refusal(act, make_subject(facts=make_facts(passkeys=2, disputed_since=START))) == ""


def test_what_support_has_put_off_is_taken_back_while_an_objection_is_open() -> None:
    account_facts = make_facts(disputed_since=START, rests_until=NOW + DAY, extended_until=NOW + DAY)
    assert refusal(Act.RESUME, make_subject(facts=account_facts, rest=Rest.PAUSED)) == ""
    assert refusal(Act.END_EXEMPTION, make_subject(facts=account_facts, rest=Rest.OTHER)) == ""
    assert refusal(Act.END_EXTENSION, make_subject(facts=account_facts)) == ""


def test_nothing_is_sent_again_that_the_cohort_holds_back() -> None:
    frozen = make_subject(is_frozen=True)
    assert "paused or given up" in refusal(Act.SEND_AGAIN, frozen)
    assert refusal(Act.EXTEND, frozen) == ""


@pytest.mark.parametrize("act", [Act.NOTE, Act.MARK_CONTACT_WRONG, Act.REMOVE_DEVICE, Act.ASK_FOR_RESCUE])
def test_who_is_not_on_the_way_is_helped_all_the_same(act: Act) -> None:
    assert refusal(act, make_subject(is_under_way=False)) == ""


@pytest.mark.parametrize("rest", Rest)
def test_a_rest_is_ended_by_its_own_act_while_it_lasts(rest: Rest) -> None:
    ending, other = (Act.END_EXEMPTION, Act.RESUME) if rest.is_exemption else (Act.RESUME, Act.END_EXEMPTION)
    resting = make_resting(rest)
    assert refusal(ending, resting) == ""
    assert refusal(other, resting)
    assert refusal(ending, resting, now=NOW + DAY)
    assert "exempt" in refusal(Act.PAUSE, resting) or "paused" in refusal(Act.PAUSE, resting)
    assert refusal(Act.SEND_AGAIN, resting)


def test_who_is_paused_can_be_exempted_and_who_is_exempt_is_so_once() -> None:
    assert refusal(Act.EXEMPT, make_resting(Rest.PAUSED)) == ""
    assert "already" in refusal(Act.EXEMPT, make_resting(Rest.OTHER))


def test_a_message_is_sent_again_after_four_hours() -> None:
    said = make_subject(last_message_at=NOW)
    assert "four hours" in refusal(Act.SEND_AGAIN, said)
    assert timedelta(hours=4) == SENT_AGAIN_AFTER
    assert refusal(Act.SEND_AGAIN, said, now=NOW + SENT_AGAIN_AFTER) == ""


@pytest.mark.parametrize(
    ("sms", "words"),
    [
        (SmsState.ON, "no reminder and no notice"),
        (SmsState.NOTICE, ""),
        (SmsState.SUSPENDED, "no reminder and no notice"),
    ],
)
def test_a_message_is_sent_again_while_one_is_current(sms: SmsState, words: str) -> None:
    ready = make_subject(facts=make_ready_facts(sms=sms, sms_since=START))
    assert words in refusal(Act.SEND_AGAIN, ready)
    assert bool(words) is bool(refusal(Act.SEND_AGAIN, ready))


def test_a_message_is_sent_again_to_whom_it_reaches_and_as_often_as_the_policy_allows() -> None:
    assert "No contact" in refusal(Act.SEND_AGAIN, make_subject(facts=make_facts(channels=())))
    assert "as many reminders" in refusal(Act.SEND_AGAIN, make_subject(capped=EVERY_CHANNEL))
    assert refusal(Act.SEND_AGAIN, make_subject(capped=frozenset({Channel.EMAIL}))) == ""
    noticed = make_ready_facts(sms=SmsState.NOTICE, sms_since=START)
    assert refusal(Act.SEND_AGAIN, make_subject(facts=noticed, capped=EVERY_CHANNEL)) == ""


def test_a_contact_is_marked_that_is_used_and_unmarked_if_support_marked_it() -> None:
    marked = make_subject(marked_wrong=frozenset({Channel.EMAIL}), unused=frozenset({Channel.EMAIL}))
    assert "do not go there" in refusal(Act.MARK_CONTACT_WRONG, marked, Channel.EMAIL)
    assert refusal(Act.MARK_CONTACT_WRONG, marked, Channel.SMS) == ""
    assert refusal(Act.MARK_CONTACT_WRONG, marked) == ""
    assert "do not go there" in refusal(Act.MARK_CONTACT_WRONG, make_subject(unused=EVERY_CHANNEL))
    assert "no such contact" in refusal(Act.MARK_CONTACT_WRONG, make_subject(), "fax")
    assert refusal(Act.UNMARK_CONTACT, marked, Channel.EMAIL) == refusal(Act.UNMARK_CONTACT, marked) == ""
    assert "marked no contact" in refusal(Act.UNMARK_CONTACT, marked, Channel.SMS)
    assert "marked no contact" in refusal(Act.UNMARK_CONTACT, make_subject())


@pytest.mark.parametrize(
    ("sms", "words"),
    [
        (SmsState.ON, "are on"),
        (SmsState.NOTICE, ""),
        (SmsState.SUSPENDED, ""),
        (SmsState.REMOVED, "gone for good"),
    ],
)
def test_text_message_codes_come_back_until_they_are_gone(sms: SmsState, words: str) -> None:
    answer = refusal(Act.RESTORE_SMS, make_subject(facts=make_ready_facts(sms=sms)))
    assert (words in answer, bool(answer)) == (True, bool(words))


def test_the_last_proven_way_in_is_never_removed() -> None:
    last = make_subject(facts=make_ready_facts(sms=SmsState.REMOVED, proven_passkeys=1))
    assert "last way" in refusal(Act.REMOVE_DEVICE, last, "phone")
    assert "no such passkey" in refusal(Act.REMOVE_DEVICE, last, "somebody else's")
    second = make_subject(facts=make_ready_facts(sms=SmsState.REMOVED, proven_passkeys=2))
    assert refusal(Act.REMOVE_DEVICE, second, "phone") == ""
    assert refusal(Act.REMOVE_DEVICE, make_subject(), "phone") == ""
    assert "no passkey" in refusal(Act.REMOVE_DEVICE, make_subject(devices={}))


def test_without_a_target_it_is_whether_any_device_may_go() -> None:
    proven = make_ready_facts(sms=SmsState.REMOVED, proven_passkeys=1)
    assert "last way" in refusal(Act.REMOVE_DEVICE, make_subject(facts=proven, devices={"phone": True}))
    both = make_subject(facts=replace(proven, proven_passkeys=2))
    assert refusal(Act.REMOVE_DEVICE, both) == ""


def test_a_rescue_is_asked_for_once() -> None:
    assert refusal(Act.ASK_FOR_RESCUE, make_subject()) == ""
    assert "under way" in refusal(Act.ASK_FOR_RESCUE, make_subject(is_rescue_open=True))


def test_an_extension_is_taken_back_while_it_lasts() -> None:
    extended = make_subject(facts=make_facts(extended_until=NOW + DAY))
    assert refusal(Act.END_EXTENSION, extended) == ""
    assert "Nothing was extended" in refusal(Act.END_EXTENSION, extended, now=NOW + DAY)
    assert "Nothing was extended" in refusal(Act.END_EXTENSION, make_subject())


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_an_extension_that_the_persons_page_names_is_not_taken_back(state: SmsState) -> None:
    extended = make_subject(facts=make_facts(extended_until=NOW + DAY, sms=state))
    assert "names the later day" in refusal(Act.END_EXTENSION, extended)


def test_what_lives_with_the_host_is_done_there() -> None:
    subject = make_subject(is_at_host=True, suspects=frozenset({"phone"}))
    refused = {act for act in Act if "do it there" in refusal(act, subject)}
    assert refused == AT_THE_HOST


def test_nobody_is_sent_for_a_rescue_pass_that_opens_nothing() -> None:
    gone = make_subject(is_at_host=True, facts=make_facts(sms=SmsState.REMOVED))
    assert "the service lets the person in" in refusal(Act.RESTORE_SMS, gone)


def test_only_what_no_key_can_do_is_refused_as_a_matter_of_the_console() -> None:
    act = min(AT_CONSOLE_ONLY)
    for doer, act_of_doer in ((BY_KEY, act), (Doer(role=Role.SUPPORT), Act.RESUME)):
        answer = allowed(act_of_doer, make_subject(), doer, NOW)
        assert isinstance(answer, NotAllowed)
        assert answer.console_only is doer.is_by_key
    with pytest.raises(ActRefused) as refused:
        require_allowed(Act.RESUME, make_subject(), SAM, NOW)
    assert not isinstance(refused.value, ConsoleOnly)


def test_an_exemption_from_an_end_date_takes_two() -> None:
    ending = make_subject(policy=make_policy(end=EndDate(at=NOW)))
    assert takes_two(Act.EXEMPT, ending)
    assert not allowed(Act.EXEMPT, ending, BY_KEY, NOW)
