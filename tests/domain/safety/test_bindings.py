"""How what somebody binds becomes established: at once, by a notice, by waiting, or not by waiting at all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.facts import Channel
from domain.safety.bindings import begins_with_notice, host_binding, is_independent, new_binding
from domain.trust import Assurance, Bearer, Root, Trust, Way
from tests.clocks import START

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NOW = START + 30 * DAY
SIM_WINDOW, COOLING_OFF = timedelta(days=7), timedelta(days=3)
BY_SMS = Bearer(assurance=Assurance.LOW, root=Root.SMS, rooted_at=START)
FROM_A_PASSKEY = replace(BY_SMS, binds_as=Assurance.HIGH)


def bound(bearer: Bearer, *, guarded: bool = False, told: bool = False) -> tuple[Way, datetime | None]:
    new = new_binding(bearer, guarded=guarded, told_independently=told, sim_swap_window=SIM_WINDOW, now=NOW)
    assert (new.root, new.rooted_at, new.bound_at) == (bearer.root, bearer.rooted_at, NOW)
    return new.way, new.established_from


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_an_established_passkey_vouches_at_once(*, guarded: bool, told: bool) -> None:
    assert bound(FROM_A_PASSKEY, guarded=guarded, told=told) == (Way.VOUCHED, NOW)


@pytest.mark.parametrize("binds_as", [each for each in Assurance if each is not Assurance.HIGH])
def test_nothing_weaker_vouches(binds_as: Assurance) -> None:
    assert bound(replace(BY_SMS, binds_as=binds_as))[0] is Way.SIM_WINDOW


def test_a_disputed_passkey_does_not_vouch() -> None:
    assert bound(replace(FROM_A_PASSKEY, is_lowered=True), guarded=True) == (Way.CONFIRMATION, None)


@pytest.mark.parametrize("guarded", [True, False])
def test_where_the_owner_can_be_told_the_waiting_begins_with_the_notice(*, guarded: bool) -> None:
    assert bound(BY_SMS, guarded=guarded, told=True) == (Way.NOTICE, None)


def test_where_nobody_can_be_told_an_account_with_a_passkey_never_waits_it_out() -> None:
    assert bound(BY_SMS, guarded=True) == (Way.CONFIRMATION, None)


def test_where_nobody_can_be_told_and_nothing_is_established_the_sim_window_has_to_pass() -> None:
    assert bound(BY_SMS) == (Way.SIM_WINDOW, NOW + SIM_WINDOW)
    assert bound(replace(BY_SMS, is_disputed=True)) == (Way.SIM_WINDOW, None)


def test_what_the_host_changes_waits_where_the_owner_has_more_to_lose() -> None:
    def changed(*, guarded: bool, is_disputed: bool) -> tuple[Root, Way, datetime | None]:
        new = host_binding(guarded=guarded, is_disputed=is_disputed, cooling_off=COOLING_OFF, now=NOW)
        assert (new.rooted_at, new.bound_at) == (NOW, NOW)
        return new.root, new.way, new.established_from

    for is_disputed in (True, False):
        assert changed(guarded=False, is_disputed=is_disputed) == (Root.HOST, Way.VOUCHED, NOW)
    assert changed(guarded=True, is_disputed=False) == (Root.HOST, Way.NOTICE, NOW + COOLING_OFF)
    assert changed(guarded=True, is_disputed=True) == (Root.HOST, Way.NOTICE, None)


def test_a_contact_is_independent_of_a_session_that_neither_brought_it_along_nor_came_in_by_it() -> None:
    contact = Trust(root=Root.HOST, rooted_at=START, bound_at=START, way=Way.VOUCHED, established_from=START)

    def tells(channel: Channel, root: Root, *, rooted_at: datetime = START, is_shared: bool = False) -> bool:
        return is_independent(channel, contact, root=root, rooted_at=rooted_at, is_shared=is_shared)

    assert tells(Channel.EMAIL, Root.SMS)
    assert tells(Channel.SMS, Root.HOST)
    assert not tells(Channel.SMS, Root.SMS)
    assert not tells(Channel.EMAIL, Root.SMS, is_shared=True)
    assert not tells(Channel.EMAIL, Root.SMS, rooted_at=START - SECOND)


def test_the_first_notice_that_arrived_begins_the_waiting() -> None:
    arrivals = [None, START + DAY, START, None]
    assert begins_with_notice(arrivals, cooling_off=COOLING_OFF) == START + COOLING_OFF
    assert begins_with_notice([None, None], cooling_off=COOLING_OFF) is None
    assert begins_with_notice([], cooling_off=COOLING_OFF) is None
