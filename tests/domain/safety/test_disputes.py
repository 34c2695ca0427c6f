"""An objection stops what hangs together with the disputed session, and locks nobody out."""

import pytest

from domain.safety.disputes import Did, DisputeSubject, Effect, outcome_at_deadline, stop_passkey
from domain.safety.objections import Outcome


@pytest.mark.parametrize(
    ("is_established", "guards_alone", "may_hold", "expected"),
    [
        (True, True, True, Did.LOWERED),
        (True, False, True, Did.HELD),
        (False, True, True, Did.HELD),
        (False, False, True, Did.HELD),
        (True, True, False, Did.LOWERED),
        (True, False, False, Did.LOWERED),
        (False, True, False, Did.LOWERED),
        (False, False, False, Did.LOWERED),
    ],
)
def test_a_passkey_is_held_unless_that_would_lock_its_owner_out(
    is_established: bool, guards_alone: bool, may_hold: bool, expected: Did
) -> None:
    did = stop_passkey(is_established=is_established, guards_alone=guards_alone, may_hold=may_hold)
    assert did is expected


@pytest.mark.parametrize(
    ("is_independent", "is_answered", "expected"),
    [
        (True, True, Outcome.UPHELD),
        (True, False, Outcome.UPHELD),
        (False, False, Outcome.UPHELD),
        (False, True, Outcome.DISMISSED),
    ],
)
def test_what_nobody_decides_is_upheld_unless_a_passkey_answered_a_contact_that_may_be_a_thiefs(
    is_independent: bool, is_answered: bool, expected: Outcome
) -> None:
    assert outcome_at_deadline(is_independent=is_independent, is_answered=is_answered) is expected


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("was_on_hold", [True, False])
@pytest.mark.parametrize("taken_in", ["", "a session"])
def test_an_effect_is_read_as_it_was_kept(opened: bool, was_on_hold: bool, taken_in: str) -> None:
    effect = Effect(
        subject=DisputeSubject.PASSKEY,
        subject_id="a passkey",
        did=Did.HELD,
        opened=opened,
        was_on_hold=was_on_hold,
        taken_in=taken_in,
    )
    assert Effect.read(effect.stored()) == effect


@pytest.mark.parametrize("subject", DisputeSubject)
def test_addresses_and_numbers_are_contacts(subject: DisputeSubject) -> None:
    assert subject.is_contact == (subject.value in ("email", "phone"))


def test_an_effect_is_that_of_a_session_which_opened_nothing_unless_it_says_so() -> None:
    effect = Effect(subject=DisputeSubject.CODES, subject_id="codes", did=Did.WITHDRAWN)
    assert (effect.opened, effect.was_on_hold, effect.taken_in) == (False, False, "")
