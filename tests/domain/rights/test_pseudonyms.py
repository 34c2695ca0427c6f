"""What an entry still says of somebody who was erased: what is counted, and never what somebody has typed."""

from dataclasses import fields

import pytest

from domain import journal_details
from domain.journal import Actor, EventKind
from domain.journal_details import Detail
from domain.rights.pseudonyms import STAYING, without_person
from domain.rollouts.rollout import Stage

DETAILS = [
    kind for kind in vars(journal_details).values() if isinstance(kind, type) and issubclass(kind, Detail)
]


@pytest.mark.parametrize("kind", DETAILS)
def test_every_field_that_is_counted_or_timed_stays(kind: type[Detail]) -> None:
    assert {field.name for field in fields(kind)} <= STAYING | {"reason"}


@pytest.mark.parametrize("kind", [EventKind.NOTED, EventKind.PAUSED, EventKind.SMS_RESTORED])
def test_what_staff_have_typed_goes_and_who_they_were_stays(kind: EventKind) -> None:
    detail = {"by": "sam", "together_with": "sue", "reason": "Ada called", "days": 7}
    assert without_person(kind, Actor.STAFF, detail) == {"by": "sam", "together_with": "sue", "days": 7}


@pytest.mark.parametrize("kind", [EventKind.SUPPORT_CASE, EventKind.TICKET_OPENED])
def test_what_the_hosts_support_has_typed_goes(kind: EventKind) -> None:
    assert without_person(kind, Actor.HOST, {"reason": "Ada called", "ticket_id": "ada-1"}) == {}


def test_a_reason_of_a_list_stays_because_it_is_counted() -> None:
    failed = {"method": "sms", "reason": "sms_removed"}
    assert without_person(EventKind.SIGN_IN_FAILED, Actor.PERSON, failed) == failed
    taken_back = {"reason": Stage.ROLLED_BACK.value, "by": "olga"}
    assert without_person(EventKind.SMS_RESTORED, Actor.STAFF, taken_back) == taken_back


def test_a_field_that_nobody_knows_goes() -> None:
    assert without_person(EventKind.PASSKEY_BOUND, Actor.PERSON, {"passkey_id": "1", "nickname": "Ada"}) == {
        "passkey_id": "1"
    }
