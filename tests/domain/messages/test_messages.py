"""Every message has a text, a queue and an end."""

import itertools
from datetime import timedelta

import pytest

from domain.facts import Channel, Milestone
from domain.messages.messages import (
    CODE_LIFETIME,
    CONTACT_FAULTS,
    LIFETIMES,
    NOT_ARRIVED,
    OPT_OUTS,
    SEND_TIMEOUT,
    Fate,
    Purpose,
    Queue,
    Template,
    nudge_template,
    queue_for,
)


@pytest.mark.parametrize("milestone", Milestone)
def test_every_milestone_has_a_text_of_its_own(milestone: Milestone) -> None:
    assert nudge_template(milestone) in Template
    assert len({nudge_template(each) for each in Milestone}) == len(Milestone)


@pytest.mark.parametrize("channel", Channel)
def test_what_somebody_waits_for_never_stands_behind_a_campaign(channel: Channel) -> None:
    at_once = {purpose for purpose in Purpose if queue_for(purpose, channel) is Queue.NOW}
    assert at_once == {Purpose.CODE, Purpose.NOTICE}


def test_each_channels_reminders_have_a_queue_of_their_own_as_each_provider_has_its_own_limit() -> None:
    assert queue_for(Purpose.NUDGE, Channel.EMAIL) is Queue.BULK_EMAIL
    assert queue_for(Purpose.NUDGE, Channel.SMS) is Queue.BULK_SMS


@pytest.mark.parametrize("fate", Fate)
def test_a_fate_told_again_is_no_news_and_told_first_it_is(fate: Fate) -> None:
    assert fate.outranks(None)
    assert not fate.outranks(fate)


@pytest.mark.parametrize(("later", "earlier"), [*itertools.combinations(reversed(Fate), 2)])
def test_of_two_fates_one_has_the_last_word_whichever_is_told_first(later: Fate, earlier: Fate) -> None:
    assert later.outranks(earlier)
    assert not earlier.outranks(later)


def test_a_contact_is_broken_or_its_owner_wants_no_reminders_or_it_works() -> None:
    assert {*Fate} - CONTACT_FAULTS - OPT_OUTS == {Fate.DELIVERED, Fate.WITHHELD}
    assert CONTACT_FAULTS.isdisjoint(OPT_OUTS)


def test_what_nobody_carries_has_not_arrived_and_no_contact_is_to_blame() -> None:
    assert {Fate.WITHHELD} == NOT_ARRIVED - CONTACT_FAULTS
    assert all(fault.outranks(Fate.WITHHELD) for fault in CONTACT_FAULTS)


def test_whoever_ends_reminders_has_read_one_whatever_its_server_said_before() -> None:
    faults_of_servers = CONTACT_FAULTS - {Fate.STOPPED}
    assert all(opt_out.outranks(fault) for opt_out in OPT_OUTS for fault in faults_of_servers)


def test_whoever_answers_stop_gets_nothing_whatever_they_had_said_before() -> None:
    assert all(Fate.STOPPED.outranks(fate) for fate in Fate if fate is not Fate.STOPPED)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_is_tried_for_longer_than_one_sending_takes(purpose: Purpose) -> None:
    assert LIFETIMES[purpose] > SEND_TIMEOUT


def test_a_code_is_valid_for_at_most_ten_minutes() -> None:
    assert timedelta() < CODE_LIFETIME <= timedelta(minutes=10)
