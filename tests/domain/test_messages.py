"""Every message has a text, a queue and an end."""

from datetime import timedelta

import pytest

from domain.facts import Milestone
from domain.messages import (
    CODE_LIFETIME,
    LIFETIMES,
    SEND_TIMEOUT,
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


def test_what_somebody_waits_for_never_stands_behind_a_campaign() -> None:
    assert {purpose for purpose in Purpose if queue_for(purpose) is Queue.BULK} == {Purpose.NUDGE}


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_is_tried_for_longer_than_one_sending_takes(purpose: Purpose) -> None:
    assert LIFETIMES[purpose] > SEND_TIMEOUT


def test_a_code_is_valid_for_at_most_ten_minutes() -> None:
    assert timedelta() < CODE_LIFETIME <= timedelta(minutes=10)
