"""The last way in that is known to work is never taken away."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import LastRoute
from domain.facts import Facts, SmsState
from domain.safety.routes import (
    Route,
    proven_routes,
    require_route_without_app,
    require_route_without_passkey,
)
from tests.domain.strategies import facts
from tests.factories import make_facts


@given(facts(), st.booleans())
def test_removing_a_passkey_is_allowed_exactly_when_a_lasting_route_stays(
    account_facts: Facts, proven: bool
) -> None:
    after = replace(account_facts, proven_passkeys=max(account_facts.proven_passkeys - proven, 0))
    if proven_routes(after) - {Route.RECOVERY_CODE}:
        require_route_without_passkey(account_facts, proven=proven)
    else:
        with pytest.raises(LastRoute):
            require_route_without_passkey(account_facts, proven=proven)


@pytest.mark.parametrize(
    ("state", "works"),
    [(SmsState.ON, True), (SmsState.NOTICE, True), (SmsState.SUSPENDED, False), (SmsState.REMOVED, False)],
)
def test_sms_is_a_route_until_it_is_suspended(state: SmsState, works: bool) -> None:
    assert (Route.SMS in proven_routes(make_facts(sms=state))) is works


def test_a_passkey_that_never_signed_in_is_no_route() -> None:
    assert Route.PASSKEY not in proven_routes(make_facts(passkeys=2))
    assert Route.PASSKEY in proven_routes(make_facts(passkeys=2, proven_passkeys=1))


def test_recovery_codes_are_a_route_once_typed_back_and_while_some_are_left() -> None:
    assert Route.RECOVERY_CODE not in proven_routes(make_facts(recovery_codes_left=8))
    assert Route.RECOVERY_CODE not in proven_routes(make_facts(recovery_codes_proven=True))
    assert Route.RECOVERY_CODE in proven_routes(make_facts(recovery_codes_left=1, recovery_codes_proven=True))


def test_the_only_passkey_stays_while_sms_is_suspended() -> None:
    account_facts = make_facts(passkeys=1, proven_passkeys=1, sms=SmsState.SUSPENDED)
    with pytest.raises(LastRoute):
        require_route_without_passkey(account_facts, proven=True)


def test_recovery_codes_alone_do_not_let_the_last_proven_passkey_go() -> None:
    account_facts = make_facts(
        passkeys=1,
        proven_passkeys=1,
        recovery_codes_left=8,
        recovery_codes_proven=True,
        sms=SmsState.REMOVED,
    )
    with pytest.raises(LastRoute):
        require_route_without_passkey(account_facts, proven=True)


@given(facts())
def test_removing_an_app_is_allowed_exactly_when_a_lasting_route_stays(account_facts: Facts) -> None:
    account_facts = replace(account_facts, authenticator_apps=max(account_facts.authenticator_apps, 1))
    after = replace(account_facts, authenticator_apps=account_facts.authenticator_apps - 1)
    if proven_routes(after) - {Route.RECOVERY_CODE}:
        require_route_without_app(account_facts)
    else:
        with pytest.raises(LastRoute):
            require_route_without_app(account_facts)


def test_an_app_lasts_so_that_the_last_proven_passkey_may_go() -> None:
    account_facts = make_facts(passkeys=1, proven_passkeys=1, authenticator_apps=1, sms=SmsState.REMOVED)
    require_route_without_passkey(account_facts, proven=True)
