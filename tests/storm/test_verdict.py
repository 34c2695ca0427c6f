"""The verdict on a storm: it fails when anything is lost or double, and when anybody is locked out or let in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from domain.journal import EventKind
from domain.messages.messages import MessageState
from tests.storm.verdict import Counts, Deeds, Delivery, StormVerdict, Window, judge

KEY = "ada:sign_in_code:1"
RESTORED = Window(begins=100, ends=160, noticed=200)


def test_a_storm_in_which_all_counts_agree_is_weathered() -> None:
    assert judge(quiet()).is_weathered


def test_a_message_that_no_provider_took_is_lost() -> None:
    verdict = judge(replace(quiet(), deliveries=[]))
    assert verdict.lost == [f"{KEY} is sent, and no provider took it"]


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING])
def test_a_message_that_still_waits_when_all_is_over_is_lost(state: MessageState) -> None:
    verdict = judge(replace(quiet(), messages={KEY: state}, deliveries=[]))
    assert verdict.lost == [f"{KEY} is still {state}"]


def test_a_message_that_was_taken_twice_is_double() -> None:
    verdict = judge(replace(quiet(), deliveries=taken(50, 90)))
    assert verdict.double == [f"{KEY} was taken 2 times"]


def test_a_message_that_was_taken_twice_is_double_even_around_a_restore() -> None:
    verdict = judge(replace(quiet(), deliveries=taken(120, 210), windows=[RESTORED]))
    assert verdict.double == [f"{KEY} was taken 2 times"]


def test_a_restore_may_say_again_what_it_announces_and_no_more_than_once() -> None:
    counts = replace(quiet(), windows=[RESTORED], sayable_again={KEY})
    assert judge(replace(counts, deliveries=taken(120, 210))).is_weathered
    assert judge(replace(counts, deliveries=taken(120, 210, 220))).double
    assert judge(replace(counts, deliveries=taken(50, 210))).double


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.SKIPPED, MessageState.QUEUED])
def test_a_message_that_was_taken_and_is_not_on_record_as_sent_is_double(state: MessageState) -> None:
    assert judge(replace(quiet(), messages={KEY: state})).double


def test_a_message_that_was_taken_and_is_nowhere_on_record_is_double() -> None:
    assert judge(replace(quiet(), messages={})).double == [f"{KEY} was taken, and is not on record"]


def test_what_was_taken_after_a_backup_may_be_gone_from_record_with_its_restore() -> None:
    verdict = judge(replace(quiet(), messages={}, deliveries=taken(120), windows=[RESTORED]))
    assert verdict.is_weathered


@pytest.mark.parametrize("times", [0, 1])
def test_nobody_needs_to_know_whether_an_unknown_message_was_taken(times: int) -> None:
    verdict = judge(replace(quiet(), messages={KEY: MessageState.UNKNOWN}, deliveries=taken(*[50] * times)))
    assert verdict.is_weathered


def test_a_deed_that_was_acknowledged_and_is_not_on_record_is_lost() -> None:
    assert lost_of(acknowledged=[50, 60], recorded=1) == [
        "ada: passkey_bound was acknowledged 2 times, and is on record 1 times"
    ]


def test_a_deed_that_was_acknowledged_between_a_backup_and_its_restore_may_be_lost() -> None:
    assert not lost_of(acknowledged=[50, 120], recorded=1, windows=[RESTORED])


def test_a_deed_that_was_acknowledged_by_a_session_of_the_lost_time_may_be_lost() -> None:
    assert not lost_of(acknowledged=[50, 190], recorded=1, windows=[RESTORED])


@pytest.mark.parametrize("at", [99, 201])
def test_a_deed_before_a_backup_or_after_its_restore_may_not_be_lost(at: float) -> None:
    assert lost_of(acknowledged=[at], recorded=0, windows=[RESTORED])


def test_a_deed_that_is_on_record_more_often_than_it_was_done_is_double() -> None:
    assert deed(acknowledged=[50], recorded=2).double == [
        "ada: passkey_bound is on record 2 times, and was done 1 times at most"
    ]


def test_a_deed_whose_answer_got_lost_may_have_been_done() -> None:
    assert deed(acknowledged=[50], unclear=1, recorded=2).is_weathered
    assert deed(acknowledged=[50], unclear=1, recorded=1).is_weathered
    assert deed(acknowledged=[50], unclear=1, recorded=3).double


def test_a_deed_that_nobody_knows_of_is_double() -> None:
    journals = {"ada": {EventKind.OBJECTED: 1}}
    assert judge(replace(quiet(), journals=journals)).double


def test_whoever_is_locked_out_breaks_the_promise() -> None:
    verdict = judge(replace(quiet(), locked_out=["ada"]))
    assert verdict.locked_out == ["ada"]
    assert not verdict.is_weathered


def test_whoever_is_let_in_breaks_the_promise() -> None:
    verdict = judge(replace(quiet(), let_in=["ada: by a stranger's passkey"]))
    assert verdict.let_in == ["ada: by a stranger's passkey"]
    assert not verdict.is_weathered


def test_a_story_that_came_to_no_end_is_lost() -> None:
    assert judge(replace(quiet(), unfinished=["ada: text-message codes are notice"])).lost


def test_a_promise_that_is_broken_is_told_with_its_count() -> None:
    verdict = judge(replace(quiet(), breaches={"handed_once": 2, "facts_journaled": 0}))
    assert verdict.broken_promises == ["handed_once: 2"]
    assert not verdict.is_weathered


def test_a_verdict_reads_as_a_line_of_counts_and_what_is_behind_them() -> None:
    verdict = judge(replace(quiet(), locked_out=["ada"], deliveries=taken(50, 90)))
    assert str(verdict).splitlines() == [
        "0 lost, 1 double, 1 locked out, 0 let in, 0 broken promises",
        f"  double: {KEY} was taken 2 times",
        "  locked out: ada",
    ]


def quiet() -> Counts:
    """One message that was sent once, and one person who has done nothing."""
    return Counts(
        messages={KEY: MessageState.SENT},
        deliveries=taken(50),
        deeds=[Deeds(external_id="ada", acknowledged={}, unclear={})],
        journals={"ada": {}},
    )


def taken(*times: float) -> list[Delivery]:
    return [Delivery(key=KEY, at=at) for at in times]


def deed(
    *, acknowledged: Sequence[float], recorded: int, unclear: int = 0, windows: Sequence[Window] = ()
) -> StormVerdict:
    event = EventKind.PASSKEY_BOUND
    journals: Mapping[str, Mapping[EventKind, int]] = {"ada": {event: recorded}}
    deeds = [Deeds(external_id="ada", acknowledged={event: acknowledged}, unclear={event: unclear})]
    return judge(replace(quiet(), deeds=deeds, journals=journals, windows=windows))


def lost_of(*, acknowledged: Sequence[float], recorded: int, windows: Sequence[Window] = ()) -> list[str]:
    return deed(acknowledged=acknowledged, recorded=recorded, windows=windows).lost
