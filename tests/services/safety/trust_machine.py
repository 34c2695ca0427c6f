"""The machine that plays about trust at random: each rule is one step, after which nothing may be that must not be."""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.facts import Channel
from domain.objections import Outcome
from store import Database
from tests.clocks import FakeClock
from tests.services.safety.players import Player, tries
from tests.services.safety.trust_play import Beginning, TrustPlay, make_play

NUMBERS = st.integers(min_value=0, max_value=3)


class TrustMachine(RuleBasedStateMachine):
    """Plays on `database`, an account for each play; `steps` counts what was done, by all plays of this process."""

    database: ClassVar[Database]
    steps: ClassVar[Counter[str]] = Counter()

    did = "begin"

    @initialize(beginning=st.sampled_from(Beginning), has_sim=st.booleans())
    def begin(self, beginning: Beginning, has_sim: bool) -> None:
        self.clock = FakeClock()
        self.play: TrustPlay = make_play(self.database, self.clock, beginning)
        self.stage, self.owner, self.thief = self.play.stage, self.play.owner, self.play.thief
        if has_sim:
            self.thief.mailboxes.add(self.stage.account.phone or "")

    @rule(hours=st.sampled_from([1, 20, 24, 75, 24 * 9, 24 * 16]))
    def time_passes(self, hours: int) -> None:
        self.did = "time_passes"
        self.stage.let_pass(timedelta(hours=hours), daily=[self.play.daily], at_most=timedelta(days=1))

    @rule(is_mailbox=st.booleans())
    def thief_gets_the_sim_or_the_mailbox(self, is_mailbox: bool) -> None:
        self.did = "thief_gets_the_sim_or_the_mailbox"
        account = self.stage.account
        if not is_mailbox:
            self.thief.mailboxes.add(account.phone or "")
        elif account.email and self.play.guarded:
            self.thief.mailboxes.add(account.email)

    @precondition(lambda self: self.thief.mailboxes)
    @rule(number=st.integers(min_value=0, max_value=7))
    def thief_comes_in(self, number: int) -> None:
        self.did = "thief_comes_in"
        if number >= 6 and self.thief.codes:
            tries(self.thief.signs_in_by_code)
        elif number >= 3 and self.thief.credentials:
            used = self.thief.credentials[number % len(self.thief.credentials)]
            tries(lambda: self.thief.signs_in_by_passkey(used))
        elif self.stage.account.phone in self.thief.mailboxes:
            tries(self.thief.signs_in_by_text)

    @precondition(lambda self: self.thief.person)
    @rule(number=NUMBERS)
    def thief_adds(self, number: int) -> None:
        self.did = "thief_adds"
        thief = self.thief
        acts = (thief.binds, self._thief_links, thief.makes_codes, self._thief_brings_address)
        tries(acts[number])

    @precondition(lambda self: self.thief.person)
    @rule(number=NUMBERS)
    def thief_removes_a_passkey(self, number: int) -> None:
        self.did = "thief_removes_a_passkey"
        kept = [passkey for passkey in self.stage.passkeys() if passkey.removed_at is None]
        if kept:
            tries(lambda: self.thief.removes(kept[number % len(kept)].passkey_id))

    @precondition(lambda self: self.thief.person)
    @rule(number=NUMBERS, confirms=st.booleans())
    def thief_judges_what_is_new(self, number: int, confirms: bool) -> None:
        self.did = "thief_judges_what_is_new"
        new_things = self.thief.sees_provisional()
        if new_things:
            new = new_things[number % len(new_things)]
            tries(lambda: self.thief.confirms(new) if confirms else self.thief.rejects(new))

    @precondition(lambda self: self.thief.person)
    @rule(number=NUMBERS)
    def thief_switches(self, number: int) -> None:
        self.did = "thief_switches"
        thief = self.thief
        acts = (thief.restores_sms, thief.signs_others_out, self._thief_stops, self._thief_answers)
        tries(acts[number])

    @precondition(lambda self: self.thief.mailboxes)
    @rule(number=NUMBERS)
    def thief_presses(self, number: int) -> None:
        self.did = "thief_presses"
        notices = [n for address in sorted(self.thief.mailboxes) for n in self.stage.arrived(address)]
        if notices:
            self.play.press(self.thief, notices[-1 - number % len(notices)].key)

    @rule(number=NUMBERS)
    def owner_signs_in(self, number: int) -> None:
        self.did = "owner_signs_in"
        if self.owner.credentials:
            used = self.owner.credentials[number % len(self.owner.credentials)]
            tries(lambda: self.owner.signs_in_by_passkey(used))
        elif self.stage.account.phone not in self.thief.mailboxes:
            tries(self.owner.signs_in_by_text)

    @precondition(lambda self: self.owner.person)
    @rule(number=NUMBERS)
    def owner_adds(self, number: int) -> None:
        self.did = "owner_adds"
        owner = self.owner
        acts = (owner.binds, self._owner_links, owner.makes_codes, self._owner_brings_address)
        tries(acts[number])

    @precondition(lambda self: self.owner.person and len(self.owner.credentials) > 1)
    @rule()
    def owner_removes_a_passkey(self) -> None:
        self.did = "owner_removes_a_passkey"
        credential = self.owner.credentials[0]
        passkey = next(p for p in self.stage.passkeys() if p.credential_id == credential)
        if tries(lambda: self.owner.removes(passkey.passkey_id)):
            self.play.removed_by_owner.add(passkey.passkey_id)
            self.play.once_established.discard(passkey.passkey_id)

    @rule()
    def owner_looks(self) -> None:
        self.did = "owner_looks"
        self.play.owner_looks()

    @rule()
    def support_decides(self) -> None:
        self.did = "support_decides"
        self.play.settle_next()

    @rule(lost=st.sampled_from([(), (Channel.EMAIL,), (Channel.SMS,), (Channel.EMAIL, Channel.SMS)]))
    def messages_arrive_or_are_lost(self, lost: tuple[Channel, ...]) -> None:
        self.did = "messages_arrive_or_are_lost"
        # Nothing tells an owner who has no passkey yet, and whose address is dead.
        self.stage.broken = {channel for channel in lost if channel is Channel.SMS or self.play.guarded}

    @rule(is_down=st.booleans())
    def relay_crashes_or_comes_back(self, is_down: bool) -> None:
        self.did = "relay_crashes_or_comes_back"
        self.stage.is_relay_down = is_down
        self.stage.run_machinery()

    @rule(number=st.integers(min_value=0, max_value=9))
    def host_tells_a_new_number(self, number: int) -> None:
        self.did = "host_tells_a_new_number"
        if self.stage.account.sms != "removed":
            suffix = int(self.stage.account_id[-6:], 16) % 1_000_000
            self.play.host_tells_new_number(f"+49152{suffix:06d}{number}")

    @invariant()
    def nothing_is_that_must_not_be(self) -> None:
        if hasattr(self, "play"):
            self.play.check()
            self.steps[self.did] += 1
            # Each step has a moment of its own, so that what was earlier is known.
            self.clock.advance(timedelta(seconds=1))

    def _thief_links(self) -> None:
        other = Player(self.stage, f"thief {self.stage.account_id}")
        try:
            self.thief.binds_by_link(other)
        finally:
            self.thief.session_ids |= other.session_ids
            self.thief.credentials += other.credentials

    def _owner_links(self) -> None:
        other = Player(self.stage, f"owner {self.stage.account_id}")
        try:
            self.owner.binds_by_link(other)
        finally:
            self.owner.session_ids |= other.session_ids
            self.owner.credentials += other.credentials

    def _thief_brings_address(self) -> None:
        address = f"thief-{self.stage.account_id[-12:]}@example.net"
        self.thief.mailboxes.add(address)
        self.thief.takes_address(address)

    def _owner_brings_address(self) -> None:
        address = f"owner-{self.stage.account_id[-12:]}@example.net"
        self.owner.takes_address(address)
        self.owner.mailboxes.add(address)

    def _thief_stops(self) -> None:
        for change in self.thief.sees_waiting():
            self.thief.stops(change.change_id)

    def _thief_answers(self) -> None:
        for objection in self.stage.objections():
            self.thief.answers(objection, Outcome.DISMISSED)
