"""Sequences by which thieves got through earlier drafts of the rules; each ends here as its name says."""

from datetime import timedelta

import pytest

from domain.errors import CeremonyRejected, Unknown
from domain.facts import Channel
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.trust import Change, NotFromHere, NotTrusted, Root, Why, are_two_proofs
from services.safety import objections
from store import Database
from store.people import accounts, recovery_codes
from tests.clocks import FakeClock
from tests.services.safety.host_players import HostPlayer
from tests.services.safety.players import Player, tries
from tests.services.safety.trust_stage import POLICY, TrustStage, keep_passkey, make_stage

DAY = timedelta(days=1)

both = pytest.mark.parametrize("player", [Player, HostPlayer], indirect=True)
"""Played at Offramp's own pages, and at a host's."""


def passkey_of(player: Player, number: int = -1) -> str:
    credential = player.credentials[number]
    return next(p.passkey_id for p in player.stage.passkeys() if p.credential_id == credential)


def is_established(stage: TrustStage, passkey_id: str) -> bool:
    since = stage.passkey(passkey_id).established_from
    return since is not None and since <= stage.now


def test_a_sim_and_codes_made_with_that_sim_are_no_two_proofs_to_hold_the_owners_only_passkey(
    stage: TrustStage, thief: Player
) -> None:
    owner = Player(stage, "198.51.100.1")
    thief.signs_in_by_text()
    thief.makes_codes()
    stage.let_pass(timedelta(hours=1))
    owner.credentials.append(keep_passkey(stage))
    thief.signs_in_by_code()
    with stage.database.reading() as session:
        [code] = recovery_codes.other_sets(session, stage.account_id, "")
    assert not are_two_proofs(Root.SMS, Root(code.root))
    assert thief.may(Change.HOLD_PASSKEY) == NotFromHere(why=Why.NEEDS_TWO_PROOFS)
    assert not tries(lambda: thief.removes(passkey_of(owner)))
    assert stage.passkey(passkey_of(owner)).is_active


def test_a_thief_with_sim_and_mailbox_removes_no_passkey_of_an_owner_who_signs_in_daily(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    owner.credentials.append(keep_passkey(stage, at=stage.now - DAY))
    owner.mailboxes.clear()
    owners = [passkey_of(owner, 0), passkey_of(owner, 1)]

    def looks() -> None:
        owner.signs_in_by_passkey()
        for change in owner.sees_waiting():
            owner.stops(change.change_id)

    thief.signs_in_by_text()
    new_id = thief.binds()
    stage.let_pass(POLICY.cooling_off + DAY, daily=[looks])
    assert is_established(stage, new_id), "the owner has not looked at what is new"
    thief.signs_in_by_passkey()
    for passkey_id in owners:
        thief.removes(passkey_id)
    assert len(owner.sees_waiting()) == 2
    stage.let_pass(POLICY.cooling_off + DAY, daily=[looks])
    assert all(stage.passkey(passkey_id).is_active for passkey_id in owners)


def test_an_owner_who_signs_in_daily_rejects_what_a_thief_with_sim_and_mailbox_has_bound(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    thief.signs_in_by_text()
    new_id = thief.binds()
    stage.let_pass(DAY)
    owner.signs_in_by_passkey()
    [new] = owner.sees_provisional()
    assert new.subject_id == new_id
    owner.rejects(new)
    assert not stage.passkey(new_id).is_active


def test_a_younger_passkey_is_told_that_it_does_not_stop_what_an_older_one_has_asked_for(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    thief.signs_in_by_text()
    thief.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    other = Player(stage, "203.0.113.67")
    other.signs_in_by_text()
    other.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    thief.signs_in_by_passkey()
    thief.removes(passkey_of(owner))
    [change] = other.sees_waiting()
    other.signs_in_by_passkey()
    with pytest.raises(NotTrusted, match=Why.NEEDS_OLDER_PASSKEY):
        other.stops(change.change_id)
    assert other.sees_waiting(), "it goes on waiting"
    owner.signs_in_by_passkey()
    for _ in range(2):
        owner.stops(change.change_id)
    assert not owner.sees_waiting()


def test_nobody_is_told_that_a_change_is_stopped_which_has_been_done(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    thief.signs_in_by_text()
    thief.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    thief.signs_in_by_passkey()
    thief.removes(passkey_of(owner))
    [change] = thief.sees_waiting()
    stage.let_pass(POLICY.cooling_off + DAY)
    thief.signs_in_by_passkey()
    with pytest.raises(Unknown):
        thief.stops(change.change_id)


@pytest.mark.parametrize("by_link", [False, True])
def test_one_press_on_the_notice_of_a_set_up_twelve_days_ago_lowers_both_established_passkeys(
    stage: TrustStage, by_link: bool
) -> None:
    owner, other_device = Player(stage, "198.51.100.1"), Player(stage, "198.51.100.2")
    reader = Player(stage, "203.0.113.66", mailboxes={stage.account.email or ""})
    owner.signs_in_by_text()
    passkey_ids = [owner.binds(), owner.binds_by_link(other_device) if by_link else owner.binds()]
    for person in (owner, other_device) if by_link else (owner,):
        person.signs_in_by_passkey()
    stage.let_pass(12 * DAY)
    assert all(is_established(stage, passkey_id) for passkey_id in passkey_ids)
    assert reader.presses(Template.PASSKEY_BOUND, first=True)
    for passkey_id in passkey_ids:
        passkey = stage.passkey(passkey_id)
        assert passkey.is_active
        assert passkey.lowered_at == stage.now
    owner.signs_in_by_passkey()


def test_a_link_that_went_to_a_provisional_address_has_no_force(stage: TrustStage, thief: Player) -> None:
    _forget_address(stage)
    owner = Player(stage, "198.51.100.1", credentials=[keep_passkey(stage)])
    thief.signs_in_by_text()
    thief.takes_address("thief@example.net")
    thief.mailboxes = {"thief@example.net"}
    stage.let_pass(DAY)
    owner.signs_in_by_passkey()
    second_id = owner.binds()
    stage.let_pass(20 * DAY)
    assert stage.arrived("thief@example.net", Template.PASSKEY_BOUND)
    assert not thief.presses(Template.PASSKEY_BOUND)
    assert stage.passkey(second_id).is_active


def test_a_provisional_address_that_was_taken_away_never_becomes_established(
    database: Database, clock: FakeClock
) -> None:
    stage = make_stage(database, clock)
    thief = Player(stage, "203.0.113.66", mailboxes={"thief@example.net"})
    owner = Player(stage, "198.51.100.1", mailboxes={stage.account.email or ""})
    thief.signs_in_by_text()
    thief.takes_address("thief@example.net")
    stage.let_pass(DAY)
    assert owner.objects_to(thief)
    assert stage.settle(stage.objections()[0], Outcome.UPHELD)
    owner.signs_in_by_text()
    own_id = owner.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    owner.signs_in_by_passkey()
    second_id = owner.binds()
    stage.let_pass(DAY)
    assert stage.arrived("thief@example.net", Template.PASSKEY_BOUND)
    assert not thief.presses(Template.PASSKEY_BOUND)
    assert all(stage.passkey(passkey_id).is_active for passkey_id in (own_id, second_id))


def test_a_device_of_a_former_partner_removes_the_owners_passkey_once_and_not_again(
    stage: TrustStage, owner: Player
) -> None:
    partner = Player(stage, "203.0.113.66", credentials=[keep_passkey(stage)])
    partner.signs_in_by_passkey()
    partner.removes(passkey_of(owner))
    assert not stage.passkey(passkey_of(owner)).is_active
    stage.let_pass(DAY)
    assert owner.presses(Template.PASSKEY_REMOVED)
    assert stage.passkey(passkey_of(owner)).is_active
    partner.signs_in_by_passkey()
    with pytest.raises(NotTrusted):
        partner.removes(passkey_of(owner))
    assert stage.settle(stage.objections()[0], Outcome.UPHELD)
    with pytest.raises(CeremonyRejected):
        partner.signs_in_by_passkey()
    owner.signs_in_by_passkey()


def test_the_reader_of_a_mailbox_that_its_owner_has_left_undoes_that_once_and_not_for_thirty_days(
    stage: TrustStage, owner: Player
) -> None:
    old, new = stage.account.email or "", "owner@example.net"
    owner.credentials.append(keep_passkey(stage))
    reader = Player(stage, "203.0.113.66", mailboxes={old})
    stage.let_pass(DAY)
    owner.signs_in_by_passkey()
    owner.takes_address(new)
    stage.let_pass(DAY)
    assert reader.presses(Template.EMAIL_CHANGED)
    assert stage.account.email == old
    owner.signs_in_by_passkey(owner.credentials[0])
    owner.answers(stage.objections()[0], Outcome.DISMISSED)
    assert stage.account.email == new
    for _ in range(30):
        stage.let_pass(DAY)
        for template in Template:
            reader.presses(template)
        assert stage.account.email == new


@both
def test_an_owner_who_objects_rightly_goes_on_adding_what_counts_after_the_dispute(
    stage: TrustStage, thief: Player, player: type[Player]
) -> None:
    owner = player(stage, "198.51.100.1", mailboxes={stage.account.email or ""})
    thief.signs_in_by_text()
    thief.binds()
    stage.let_pass(DAY)
    assert owner.objects_to(thief)
    owner.signs_in_by_text()
    own_id = owner.binds()
    stage.let_pass(5 * DAY)
    assert not is_established(stage, own_id), "nothing cools off while a dispute is open"
    assert stage.settle(stage.objections()[0], Outcome.UPHELD)
    stage.let_pass(POLICY.cooling_off)
    assert is_established(stage, own_id)


@both
@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_becomes_established_while_a_dispute_is_open_and_its_clock_begins_anew_after(
    stage: TrustStage, thief: Player, player: type[Player], outcome: Outcome
) -> None:
    owner = player(stage, "198.51.100.1", mailboxes={stage.account.email or ""})
    owner.signs_in_by_text()
    own_id = owner.binds()
    stage.let_pass(DAY)
    thief.signs_in_by_text()
    new_id = thief.binds()
    stage.let_pass(DAY)
    assert owner.objects_to(thief)
    stage.let_pass(10 * DAY)
    assert not is_established(stage, own_id)
    assert stage.settle(stage.objections()[0], outcome)
    stage.report_delivered()
    left = [own_id] if outcome is Outcome.UPHELD else [own_id, new_id]
    stage.let_pass(POLICY.cooling_off - DAY)
    assert not any(is_established(stage, passkey_id) for passkey_id in left)
    stage.let_pass(DAY)
    assert all(is_established(stage, passkey_id) for passkey_id in left)


@both
def test_what_nobody_could_be_told_of_at_a_dead_address_never_counts_beside_an_established_passkey(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    stage.broken = {Channel.EMAIL}
    for _ in range(2):  # the second time the address is known to be dead
        thief.signs_in_by_text()
        new_id = thief.binds()
        stage.let_pass(60 * DAY)
        assert not is_established(stage, new_id)
    assert stage.passkey(passkey_of(owner)).is_active


@both
@pytest.mark.parametrize("is_relay_down", [False, True])
def test_what_nobody_was_told_of_during_a_dispute_does_not_count_after_it(
    stage: TrustStage, thief: Player, owner: Player, is_relay_down: bool
) -> None:
    thief.signs_in_by_text()
    thief.binds()
    stage.let_pass(DAY)
    assert owner.objects_to(thief)
    thief.signs_in_by_text()
    new_id, stage.is_relay_down = thief.binds(), is_relay_down
    stage.broken = {Channel.EMAIL}
    stage.let_pass(DAY)
    assert stage.settle(stage.objections()[0], Outcome.UPHELD)
    stage.let_pass(30 * DAY)
    assert not is_established(stage, new_id)


@both
def test_a_dead_address_strands_nobody_who_has_no_passkey_yet(
    stage: TrustStage, player: type[Player]
) -> None:
    stage.broken = {Channel.EMAIL}
    owner = player(stage, "198.51.100.1")
    owner.signs_in_by_text()
    own_id = owner.binds()
    stage.let_pass(POLICY.sim_swap_window - DAY)
    assert not is_established(stage, own_id)
    stage.let_pass(DAY)
    assert is_established(stage, own_id)


def test_a_link_of_an_established_passkey_makes_no_second_device_wait(
    stage: TrustStage, owner: Player, thief: Player
) -> None:
    owner.signs_in_by_passkey()
    assert is_established(stage, owner.binds_by_link(Player(stage, "198.51.100.2")))
    thief.signs_in_by_text()
    assert not is_established(stage, thief.binds_by_link(Player(stage, "203.0.113.67")))


def _forget_address(stage: TrustStage) -> None:
    with stage.database.transaction() as session:
        account = accounts.get(session, stage.account_id)
        account.email = account.email_verified_at = None
        session.add(account)


@both
@pytest.mark.parametrize("is_settled_first", [False, True])
def test_a_thief_who_objects_to_their_own_passkey_by_a_text_does_not_use_up_the_owners_objection(
    database: Database, clock: FakeClock, player: type[Player], is_settled_first: bool
) -> None:
    stage = make_stage(database, clock)
    owner = player(stage, "198.51.100.1", mailboxes={stage.account.email or ""})
    thief = player(stage, "203.0.113.66", mailboxes={stage.account.phone or ""})
    thief.signs_in_by_text()
    new_id = thief.binds()
    stage.let_pass(timedelta(hours=1))
    assert thief.presses(Template.PASSKEY_BOUND)
    if is_settled_first:
        assert stage.settle(stage.objections()[0], Outcome.DISMISSED)
    stage.let_pass(timedelta(hours=1))
    assert owner.presses(Template.PASSKEY_BOUND)
    [objection] = stage.objections()
    with database.reading() as session:
        assert objections.announced_outcome(session, objection) is Outcome.UPHELD
    assert objection.message_key.endswith(":email")
    assert stage.settle(objection, Outcome.UPHELD)
    assert not stage.passkey(new_id).is_active
    assert owner.presses(Template.PASSKEY_BOUND)
    assert not stage.objections(), "what was upheld is not disputed again"
