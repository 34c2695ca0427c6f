"""Who may change what: every change from every kind of session, at the moments at which the answer turns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import Method
from domain.trust import (
    Answer,
    Assurance,
    Bearer,
    Change,
    Granted,
    NotFromHere,
    NotTrusted,
    Root,
    Trust,
    Waits,
    Way,
    Why,
    answer,
    are_two_proofs,
    assurance_of,
    require,
)
from tests.clocks import START

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
COOLING_OFF = timedelta(days=3)
NOW = START + 30 * DAY

BY_SMS = Bearer(assurance=Assurance.LOW, root=Root.SMS, rooted_at=START)
BY_NEW_PASSKEY = replace(BY_SMS, assurance=Assurance.PROVISIONAL)
BY_PASSKEY = replace(BY_SMS, assurance=Assurance.HIGH)
RESCUED = replace(BY_SMS, assurance=Assurance.ENROLS_ONLY)

YES = Granted()
STEP_UP = NotFromHere(why=Why.NEEDS_STEP_UP)


def trust(
    *, bound_at: timedelta = timedelta(), rooted_at: timedelta = timedelta(), is_new: bool = True
) -> Trust:
    """A target, bound and rooted so long after the session's root; provisional unless it is not new."""
    return Trust(
        root=Root.SMS,
        rooted_at=START + rooted_at,
        bound_at=START + bound_at,
        way=Way.NOTICE,
        established_from=None if is_new else NOW,
    )


def asked(change: Change, bearer: Bearer, *, guarded: bool = True, target: Trust | None = None) -> Answer:
    return answer(change, bearer, guarded=guarded, target=target, cooling_off=COOLING_OFF, now=NOW)


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (Assurance.ENROLS_ONLY, Assurance.LOW),
        (Assurance.LOW, Assurance.PROVISIONAL),
        (Assurance.PROVISIONAL, Assurance.HIGH),
    ],
)
def test_assurances_cover_themselves_and_what_is_weaker(weaker: Assurance, stronger: Assurance) -> None:
    assert stronger.covers(weaker)
    assert stronger.covers(stronger)
    assert not weaker.covers(stronger)


def test_trust_is_established_from_its_moment_on() -> None:
    new = replace(trust(), established_from=NOW)
    assert not new.is_established(NOW - SECOND)
    assert new.is_established(NOW)
    assert not trust().is_established(NOW + 1000 * DAY)


@pytest.mark.parametrize("change", Change)
@pytest.mark.parametrize("bearer", [BY_SMS, BY_NEW_PASSKEY, BY_PASSKEY, RESCUED])
def test_a_session_whose_route_is_disputed_changes_nothing(change: Change, bearer: Bearer) -> None:
    assert asked(change, replace(bearer, is_lowered=True)) == NotFromHere(why=Why.DISPUTED_ROUTE)


@pytest.mark.parametrize("change", Change)
def test_while_a_dispute_is_open_others_than_an_established_passkey_only_add(change: Change) -> None:
    adds = change in (
        Change.BIND_PASSKEY,
        Change.BIND_AUTHENTICATOR_APP,
        Change.CONFIRM_EMAIL,
        Change.LINK_DEVICE,
    )
    for bearer in (BY_SMS, BY_NEW_PASSKEY):
        given = asked(change, replace(bearer, is_disputed=True))
        assert given == (YES if adds else NotFromHere(why=Why.DISPUTED_ACCOUNT))
    assert asked(change, replace(BY_PASSKEY, is_disputed=True)) == YES


@pytest.mark.parametrize("change", Change)
def test_a_rescued_session_makes_one_passkey_and_does_nothing_else(change: Change) -> None:
    enrols = change is Change.BIND_PASSKEY
    assert asked(change, RESCUED) == (YES if enrols else NotFromHere(why=Why.ENROLS_ONLY))
    spent = asked(change, replace(RESCUED, has_bound=True))
    assert spent == NotFromHere(why=Why.LINK_USED_UP if enrols else Why.ENROLS_ONLY)


@pytest.mark.parametrize("bearer", [BY_SMS, BY_NEW_PASSKEY])
@pytest.mark.parametrize("change", Change)
def test_everybody_begins_with_a_session_that_sets_up(change: Change, bearer: Bearer) -> None:
    expected: dict[Change, Answer] = {
        Change.HOLD_PASSKEY: NotFromHere(why=Why.NOTHING_ESTABLISHED),
        Change.CHANGE_EMAIL: NotFromHere(why=Why.NOTHING_ESTABLISHED),
        Change.CONFIRM: NotFromHere(why=Why.NOTHING_ESTABLISHED),
        Change.REJECT: NotFromHere(why=Why.NOTHING_ESTABLISHED),
        Change.RELEASE_PASSKEY: NotFromHere(why=Why.NEEDS_DEVICE),
    }
    assert asked(change, bearer, guarded=False) == expected.get(change, YES)


@pytest.mark.parametrize("change", Change)
def test_a_text_message_changes_little_once_there_is_an_established_passkey(change: Change) -> None:
    expected: dict[Change, Answer] = {
        Change.BIND_PASSKEY: YES,
        Change.BIND_AUTHENTICATOR_APP: YES,
        Change.CONFIRM_EMAIL: YES,
        Change.LINK_DEVICE: YES,
        Change.SIGN_OUT_OTHERS: YES,
        Change.HOLD_PASSKEY: NotFromHere(why=Why.NEEDS_TWO_PROOFS),
        Change.RELEASE_PASSKEY: NotFromHere(why=Why.NEEDS_DEVICE),
    }
    assert asked(change, BY_SMS) == expected.get(change, STEP_UP)


@pytest.mark.parametrize("change", Change)
def test_a_new_passkey_changes_what_is_trusted_no_more_than_itself(change: Change) -> None:
    expected: dict[Change, Answer] = {
        Change.BIND_PASSKEY: YES,
        Change.BIND_AUTHENTICATOR_APP: YES,
        Change.CONFIRM_EMAIL: YES,
        Change.LINK_DEVICE: YES,
        Change.SIGN_OUT_OTHERS: YES,
        Change.RENAME_PASSKEY: YES,
        Change.REMOVE_PASSKEY: YES,
        Change.REMOVE_AUTHENTICATOR_APP: YES,
        Change.HOLD_PASSKEY: NotFromHere(why=Why.NEEDS_TWO_PROOFS),
    }
    assert asked(change, BY_NEW_PASSKEY, target=trust()) == expected.get(change, STEP_UP)


@pytest.mark.parametrize(
    ("is_new", "rooted_at", "given"),
    [
        (True, timedelta(), YES),
        (True, -SECOND, Waits(until=NOW + COOLING_OFF)),
        (False, timedelta(), Waits(until=NOW + COOLING_OFF)),
        (False, -SECOND, Waits(until=NOW + COOLING_OFF)),
    ],
)
def test_where_nobody_can_step_up_an_app_that_is_trusted_more_is_removed_after_a_wait(
    is_new: bool, rooted_at: timedelta, given: Answer
) -> None:
    for bearer in (BY_SMS, BY_NEW_PASSKEY):
        target = trust(is_new=is_new, rooted_at=rooted_at)
        assert asked(Change.REMOVE_AUTHENTICATOR_APP, bearer, guarded=False, target=target) == given


@pytest.mark.parametrize(
    "change",
    [
        Change.RENAME_PASSKEY,
        Change.REMOVE_PASSKEY,
        Change.REMOVE_AUTHENTICATOR_APP,
        Change.SIGN_OUT_OTHERS,
    ],
)
def test_what_is_established_or_has_an_older_root_is_above_a_new_passkey(change: Change) -> None:
    assert asked(change, BY_NEW_PASSKEY, target=trust(is_new=False)) == STEP_UP
    assert asked(change, BY_NEW_PASSKEY, target=trust(rooted_at=-SECOND)) == STEP_UP
    assert asked(change, BY_NEW_PASSKEY, target=trust(rooted_at=SECOND)) == YES


@pytest.mark.parametrize("change", [Change.REMOVE_PASSKEY, Change.HOLD_PASSKEY, Change.CHANGE_EMAIL])
def test_what_is_older_than_the_root_of_an_established_passkey_is_changed_after_a_cooling_off(
    change: Change,
) -> None:
    assert asked(change, BY_PASSKEY, target=trust(bound_at=-SECOND)) == Waits(until=NOW + COOLING_OFF)
    assert asked(change, BY_PASSKEY, target=trust()) == YES
    assert asked(change, BY_PASSKEY) == YES
    vouched_for = replace(BY_PASSKEY, root=Root.HOST)
    assert asked(change, vouched_for, target=trust(bound_at=-SECOND)) == YES


def test_a_refusal_is_raised_with_its_reason_and_a_wait_is_told() -> None:
    def required(bearer: Bearer, target: Trust | None = None) -> Waits | None:
        change = Change.REMOVE_PASSKEY
        return require(change, asked(change, bearer, target=target))

    with pytest.raises(NotTrusted) as refused:
        required(BY_SMS)
    assert (refused.value.change, refused.value.why) == (Change.REMOVE_PASSKEY, Why.NEEDS_STEP_UP)
    assert required(BY_PASSKEY) is None
    assert required(BY_PASSKEY, trust(bound_at=-SECOND)) == Waits(until=NOW + COOLING_OFF)


@pytest.mark.parametrize(
    "method", [method for method in Method if method not in (Method.PASSKEY, Method.HOST)]
)
@pytest.mark.parametrize("is_established", [True, False])
def test_what_is_no_passkey_opens_a_session_that_may_do_little(
    method: Method, *, is_established: bool
) -> None:
    opened = assurance_of(method, is_established=is_established, is_lowered=False, vouched=Assurance.HIGH)
    assert opened is (Assurance.ENROLS_ONLY if method.only_enrols else Assurance.LOW)


@pytest.mark.parametrize(
    ("is_established", "is_lowered", "expected"),
    [
        (True, False, Assurance.HIGH),
        (True, True, Assurance.PROVISIONAL),
        (False, False, Assurance.PROVISIONAL),
        (False, True, Assurance.PROVISIONAL),
    ],
)
def test_a_passkey_opens_all_doors_when_it_is_established_and_nobody_disputes_it(
    is_established: bool, is_lowered: bool, expected: Assurance
) -> None:
    opened = assurance_of(Method.PASSKEY, is_established=is_established, is_lowered=is_lowered)
    assert opened is expected


@pytest.mark.parametrize("vouched", Assurance)
def test_the_hosts_word_goes_as_far_as_it_was_vouched_for(vouched: Assurance) -> None:
    assert assurance_of(Method.HOST, is_established=False, is_lowered=False, vouched=vouched) is vouched
    assert assurance_of(Method.HOST, is_established=True, is_lowered=False) is Assurance.LOW


@pytest.mark.parametrize("first", Root)
@pytest.mark.parametrize("second", Root)
def test_two_proofs_of_one_root_are_one(first: Root, second: Root) -> None:
    assert are_two_proofs(first, second) == (first != second)
