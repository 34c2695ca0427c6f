"""What may be objected to, for how long, and what it may stop without locking anybody out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.messages.messages import Template
from domain.safety.objections import (
    WINDOW,
    as_disputed,
    can_be_objected_to,
    is_open,
    may_hold,
    may_object_from_within,
    may_void_codes,
)
from domain.trust import Assurance, Bearer, Root
from tests.clocks import START
from tests.factories import make_facts, make_ready_facts


@pytest.mark.parametrize(
    ("template", "can_be"),
    [
        (Template.PASSKEY_BOUND, True),
        (Template.EMAIL_CHANGED, True),
        (Template.SMS_NOTICE, True),
        (Template.OBJECTION_NOTED, False),
        (Template.SIGN_IN_CODE, False),
        (Template.NUDGE_EMAIL_VERIFIED, False),
    ],
)
def test_changes_can_be_objected_to_and_nothing_else(template: Template, can_be: bool) -> None:
    assert can_be_objected_to(template) is can_be


def test_a_month_is_time_enough() -> None:
    assert is_open(START, START + WINDOW - timedelta(seconds=1))
    assert not is_open(START, START + WINDOW)


@pytest.mark.parametrize(
    ("sms", "passkeys", "codes", "proven", "may"),
    [
        (SmsState.ON, 1, 0, True, True),
        (SmsState.NOTICE, 1, 0, True, True),
        (SmsState.SUSPENDED, 2, 0, True, True),
        (SmsState.REMOVED, 1, 3, True, True),
        (SmsState.SUSPENDED, 1, 0, True, False),
        (SmsState.REMOVED, 1, 0, True, False),
        (SmsState.REMOVED, 1, 0, False, True),
    ],
)
def test_a_passkey_is_put_on_hold_unless_it_is_the_last_proven_way_in(
    sms: SmsState, passkeys: int, codes: int, proven: bool, may: bool
) -> None:
    facts = make_ready_facts(sms=sms, proven_passkeys=passkeys, recovery_codes_left=codes)
    assert may_hold(facts, proven=proven) is may


@pytest.mark.parametrize(
    ("sms", "passkeys", "may"),
    [(SmsState.ON, 0, True), (SmsState.REMOVED, 1, True), (SmsState.REMOVED, 0, False)],
)
def test_proven_recovery_codes_are_voided_only_beside_another_way_in(
    sms: SmsState, passkeys: int, may: bool
) -> None:
    assert may_void_codes(make_ready_facts(sms=sms, proven_passkeys=passkeys)) is may


def test_stop_shields_no_passkey_from_an_objection() -> None:
    closed = make_facts(proven_passkeys=1, texts_stopped=True)
    assert not may_hold(closed, proven=True)
    assert may_hold(as_disputed(closed), proven=True)
    assert not may_hold(as_disputed(replace(closed, sms=SmsState.REMOVED)), proven=True)


@pytest.mark.parametrize(
    ("own", "by", "minutes_later", "may"),
    [
        (Assurance.HIGH, Assurance.HIGH, 1, True),
        (Assurance.HIGH, Assurance.LOW, 1, True),
        (Assurance.HIGH, Assurance.LOW, 0, False),
        (Assurance.HIGH, Assurance.LOW, -1, False),
        (Assurance.LOW, Assurance.LOW, 1, True),
        (Assurance.LOW, Assurance.PROVISIONAL, 1, False),
        (Assurance.LOW, Assurance.HIGH, 1, False),
        (Assurance.ENROLS_ONLY, Assurance.ENROLS_ONLY, 1, False),
    ],
)
def test_from_within_one_objects_to_what_is_younger_and_was_done_with_no_more_trust(
    own: Assurance, by: Assurance, minutes_later: int, may: bool
) -> None:
    bearer = Bearer(assurance=own, root=Root.SMS, rooted_at=START)
    began_at = START + timedelta(minutes=minutes_later)
    assert may_object_from_within(bearer, by=by, began_at=began_at) is may
    assert not may_object_from_within(replace(bearer, is_lowered=True), by=by, began_at=began_at)
