"""The proof of somebody whose app is in place of a passkey: it says so, and that it is less than phishing-resistant."""

from dataclasses import replace

import pytest

from domain.errors import NotSafeYet
from domain.policy import InsteadOfPasskey
from domain.safety.off_proof import off_proof
from tests.clocks import START
from tests.factories import make_facts, make_policy, make_ready_facts

BY_APP = make_policy(instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP)
READY = make_facts(
    version=9,
    email_verified_at=START,
    authenticator_apps=1,
    app_days=2,
    lacks_device=True,
    passkey_bound_at=START,
    recovery_codes_left=8,
    recovery_codes_proven=True,
)


def test_a_proof_by_an_app_says_that_it_is_less_than_phishing_resistant() -> None:
    proof = off_proof(READY, BY_APP, START)
    assert proof.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP
    assert not proof.phishing_resistant
    assert (proof.proven_passkeys, proof.app_days) == (0, 2)
    assert proof.second_routes == ("recovery_codes",)


def test_a_proof_by_a_passkey_says_nothing_of_an_app_that_is_there_too() -> None:
    proof = off_proof(make_ready_facts(authenticator_apps=1, app_days=5, lacks_device=True), BY_APP, START)
    assert proof.instead_of_passkey is InsteadOfPasskey.NONE
    assert proof.phishing_resistant
    assert proof.app_days == 0


def test_there_is_no_proof_by_an_app_where_the_policy_takes_none_or_it_waits_for_a_confirmation() -> None:
    with pytest.raises(NotSafeYet, match="passkey_enrolled"):
        off_proof(READY, make_policy(), START)
    with pytest.raises(NotSafeYet, match="confirmation"):
        off_proof(replace(READY, unconfirmed=True), BY_APP, START)
