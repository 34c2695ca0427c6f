"""What a host's word is to us depends on what it was asked, and on what we believe."""

import pytest

from domain.facts import HostChange, SmsState
from domain.host.host_answers import Telling, weigh

ON, NOTICE, SUSPENDED, REMOVED = SmsState
SUSPEND, RESTORE, REMOVE = HostChange


@pytest.mark.parametrize(
    ("said", "asked", "ours", "telling"),
    [
        (SUSPENDED, SUSPEND, NOTICE, Telling.CONFIRMS),
        (REMOVED, SUSPEND, NOTICE, Telling.CONFIRMS),
        (REMOVED, REMOVE, SUSPENDED, Telling.CONFIRMS),
        (ON, RESTORE, ON, Telling.CONFIRMS),
        (SUSPENDED, REMOVE, SUSPENDED, Telling.AGREES),
        (SUSPENDED, RESTORE, ON, Telling.AGREES),
        (SUSPENDED, None, SUSPENDED, Telling.AGREES),
        (SUSPENDED, None, REMOVED, Telling.AGREES),
        (ON, None, NOTICE, Telling.AGREES),
        (ON, SUSPEND, NOTICE, Telling.AGREES),
        (ON, None, SUSPENDED, Telling.DIFFERS),
        (ON, REMOVE, SUSPENDED, Telling.DIFFERS),
        (ON, None, REMOVED, Telling.DIFFERS),
        (SUSPENDED, None, ON, Telling.DIFFERS),
        (REMOVED, None, SUSPENDED, Telling.DIFFERS),
    ],
)
def test_what_the_host_says_is_weighed(
    said: SmsState, asked: HostChange | None, ours: SmsState, telling: Telling
) -> None:
    assert weigh(said, open_change=asked, ours=ours, is_confirmed=False, cites_request=False) is telling


def test_a_confirmation_that_is_taken_back_before_it_was_followed_is_a_difference() -> None:
    assert (
        weigh(ON, open_change=SUSPEND, ours=NOTICE, is_confirmed=True, cites_request=False) is Telling.DIFFERS
    )


@pytest.mark.parametrize("ours", [ON, NOTICE])
def test_what_was_asked_before_and_is_not_wanted_any_more_is_outdated(ours: SmsState) -> None:
    assert (
        weigh(SUSPENDED, open_change=None, ours=ours, is_confirmed=False, cites_request=True)
        is Telling.OUTDATED
    )
