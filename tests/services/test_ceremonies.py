"""Whose answer a ceremony takes: at the door the answer names its owner; whoever is known already need not."""

import pytest

from domain.errors import CeremonyRejected
from providers.passkeys import STAFF_HANDLE, CredentialClaim
from services.ceremonies import require_owner

OWNER = "ada"
HANDLES = pytest.mark.parametrize(
    "handle", [OWNER, STAFF_HANDLE + OWNER], ids=["a person", "a member of staff"]
)


def refusal(named: str | None, *, handle: str, only: str | None) -> str | None:
    """Why an answer that names somebody is refused; None if it is taken."""
    claim = CredentialClaim(credential_id="a passkey", account_id=named)
    try:
        require_owner(claim, owner=OWNER, handle=handle, only=only)
    except CeremonyRejected as rejected:
        return rejected.reason
    return None


@HANDLES
@pytest.mark.parametrize("only", [None, OWNER])
def test_an_answer_that_names_the_owner_of_its_passkey_is_taken(handle: str, only: str | None) -> None:
    assert refusal(handle, handle=handle, only=only) is None


@HANDLES
def test_at_the_door_an_answer_has_to_name_somebody(handle: str) -> None:
    assert refusal(None, handle=handle, only=None) == "user_handle_mismatch"


@HANDLES
def test_whoever_is_known_already_need_not_be_named(handle: str) -> None:
    assert refusal(None, handle=handle, only=OWNER) is None


@HANDLES
@pytest.mark.parametrize("only", [None, OWNER], ids=["at the door", "at a step-up"])
@pytest.mark.parametrize("named", ["bob", STAFF_HANDLE + "bob", ""])
def test_an_answer_that_names_somebody_else_is_taken_nowhere(
    named: str, handle: str, only: str | None
) -> None:
    assert refusal(named, handle=handle, only=only) == "user_handle_mismatch"


@HANDLES
@pytest.mark.parametrize("names_owner", [True, False])
def test_a_passkey_of_another_account_is_refused_at_a_step_up(handle: str, *, names_owner: bool) -> None:
    named = handle if names_owner else None
    assert refusal(named, handle=handle, only="bob") == "other_account"
