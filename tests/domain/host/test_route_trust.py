"""How far a session at the host is trusted, by what the host says of it and by what is on record."""

from datetime import datetime, timedelta

import pytest

from domain.host.ceremonies import ROUTE_EVENTS, Ceremonies, concerns
from domain.host.events import HostEventKind
from domain.host.route_trust import HostSession, Opener, RootedIn, host_session, read_rooted_in
from domain.trust import Assurance, Root, Trust, Way
from tests.clocks import START

LATER = START + timedelta(days=3)


def opener(passkey_id: str, *, root: Root = Root.HOST, from_: datetime | None = START) -> Opener:
    trust = Trust(root=root, rooted_at=START, bound_at=START, way=Way.NOTICE, established_from=from_)
    return Opener(passkey_id=passkey_id, trust=trust)


def session(rooted_in: RootedIn, *passkeys: Opener, opened_by: str | None = None) -> HostSession:
    return host_session(
        rooted_in, passkeys, opened_by=opened_by, session_id="a session", is_disputed=False, at=LATER
    )


def test_what_a_host_does_not_say_counts_as_the_weakest() -> None:
    assert [read_rooted_in(text) for text in ("high", "highest", None, 3)] == [
        RootedIn.HIGH,
        RootedIn.SMS,
        RootedIn.SMS,
        RootedIn.SMS,
    ]


@pytest.mark.parametrize("rooted_in", [RootedIn.SMS, RootedIn.RECOVERY_CODE])
def test_a_session_by_a_code_is_low_whatever_else_the_account_has(rooted_in: RootedIn) -> None:
    bearer = session(rooted_in, opener("first")).bearer
    assert (bearer.assurance, bearer.root, bearer.rooted_at) == (Assurance.LOW, Root.SMS, LATER)


def test_the_host_itself_vouches_beside_any_passkey() -> None:
    bearer = session(RootedIn.HOST, opener("thief", root=Root.SMS, from_=None)).bearer
    assert (bearer.assurance, bearer.root, bearer.rooted_at) == (Assurance.HIGH, Root.HOST, LATER)


def test_a_high_session_goes_back_to_the_first_passkey_where_all_are_established() -> None:
    found = session(RootedIn.HIGH, opener("old", root=Root.SMS), opener("new"))
    assert found.opener
    assert found.opener.passkey_id == "old"
    assert (found.bearer.assurance, found.bearer.root, found.bearer.rooted_at) == (
        Assurance.HIGH,
        Root.SMS,
        START,
    )


def test_a_high_session_of_an_account_with_provisional_passkeys_alone_is_provisional() -> None:
    found = session(RootedIn.HIGH, opener("thief", root=Root.SMS, from_=None))
    assert (found.bearer.assurance, found.bearer.root) == (Assurance.PROVISIONAL, Root.SMS)


@pytest.mark.parametrize(
    ("opened_by", "opener_id", "assurance"),
    [
        (None, "thief", Assurance.PROVISIONAL),
        ("another", "thief", Assurance.PROVISIONAL),
        ("thief", "thief", Assurance.PROVISIONAL),
        ("owner", "owner", Assurance.HIGH),
    ],
)
def test_a_high_session_beside_a_passkey_that_waits_is_high_only_if_the_host_names_an_established_one(
    opened_by: str | None, opener_id: str, assurance: Assurance
) -> None:
    on_record = (opener("owner"), opener("thief", root=Root.SMS, from_=None))
    found = session(RootedIn.HIGH, *on_record, opened_by=opened_by)
    assert found.opener
    assert (found.opener.passkey_id, found.bearer.assurance) == (opener_id, assurance)


def test_where_no_passkey_is_known_the_hosts_word_stands_alone() -> None:
    found = session(RootedIn.HIGH)
    assert (found.bearer.assurance, found.bearer.root, found.opener) == (Assurance.HIGH, Root.HOST, None)


def test_an_instance_that_runs_the_ceremonies_ignores_other_passkeys_and_codes_alone() -> None:
    ignored = {kind for kind in HostEventKind if not concerns(kind, Ceremonies.HOSTED)}
    assert ignored == ROUTE_EVENTS
    assert all(concerns(kind, Ceremonies.ORCHESTRATED) for kind in HostEventKind)
