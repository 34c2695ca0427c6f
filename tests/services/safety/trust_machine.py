"""The machine that plays about trust at random: each rule is one step, after which nothing may be that must not be."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.facts import Channel, SmsState
from domain.host.ceremonies import Ceremonies
from domain.safety.objections import Outcome
from tests.ceremonies import run_by
from tests.clocks import FakeClock
from tests.databases import SqliteDatabases
from tests.services.safety.host_players import HostPlayer
from tests.services.safety.players import Player, tries
from tests.services.safety.trust_play import Beginning, TrustPlay, make_play

Picked = TypeVar("Picked")
NUMBERS = st.integers(min_value=0, max_value=3)
ADDS = ["binds", "links", "makes_codes", "brings_address", "sets_up_app"]
CHANGES = ["removes", "removes", "removes_app", "confirms", "rejects", "switches", "stops", "answers"]
DEEDS = st.sampled_from([*ADDS, *CHANGES])


EVENTS = (
    "sim_is_stolen",
    "mailbox_is_read",
    "mail_bounces",
    "texts_are_lost",
    "messages_arrive",
    "relay_crashes",
    "relay_comes_back",
    "owner_looks",
    "support_decides",
    "host_tells_a_new_number",
)


class TrustMachine(RuleBasedStateMachine):
    """Plays on one of `databases`, emptied for each play; `steps` counts what all plays of this process did.

    What one play leaves would make the next ones slower, and a play that fails could not be repeated alone.
    """

    databases: ClassVar[SqliteDatabases]
    steps: ClassVar[Counter[str]] = Counter()
    ceremonies: ClassVar[Ceremonies] = Ceremonies.HOSTED

    did = "begin"

    @initialize(beginning=st.sampled_from(Beginning), has_sim=st.booleans())
    def begin(self, beginning: Beginning, has_sim: bool) -> None:
        self.clock = FakeClock()
        self.place = ExitStack()
        database = self.place.enter_context(self.databases.emptied())
        self.place.enter_context(run_by(database, self.ceremonies))
        player = HostPlayer if self.ceremonies is Ceremonies.ORCHESTRATED else Player
        self.play: TrustPlay = make_play(database, self.clock, beginning, player)
        self.stage, self.owner, self.thief = self.play.stage, self.play.owner, self.play.thief
        if has_sim:
            self.thief.mailboxes.add(self.stage.account.phone or "")

    @rule(hours=st.sampled_from([1, 20, 24, 75, 24 * 9]))
    def time_passes(self, hours: int) -> None:
        self.did = "time_passes"
        self.stage.let_pass(timedelta(hours=hours), daily=[self.play.daily], at_most=timedelta(days=1))

    @rule(
        way=st.sampled_from(["text", "text", "passkey", "code", "app", "stays"]), deed=DEEDS, number=NUMBERS
    )
    def thief_acts(self, way: str, deed: str, number: int) -> None:
        thief = self.thief
        self.did = f"thief: {deed}"
        if way == "text" and self.stage.account.phone in thief.mailboxes:
            tries(thief.signs_in_by_text)
        elif way == "passkey" and thief.credentials:
            tries(partial(thief.signs_in_by_passkey, thief.credentials[number % len(thief.credentials)]))
        elif way == "code" and thief.codes:
            tries(thief.signs_in_by_code)
        elif way == "app" and thief.app:
            tries(thief.signs_in_by_app)
        if thief.is_in and tries(partial(self._does, thief, deed, number)):
            self.steps[f"{self.did}, and was let"] += 1

    @precondition(lambda self: self.thief.mailboxes)
    @rule(number=NUMBERS)
    def thief_presses(self, number: int) -> None:
        self.did = "thief_presses"
        notices = [n for address in sorted(self.thief.mailboxes) for n in self.stage.arrived(address)]
        if notices:
            self.play.press(self.thief, notices[-1 - number % len(notices)].key)

    @rule(
        stays=st.booleans(),
        deed=st.sampled_from(["binds", "links", "makes_codes", "brings_address", "sets_up_app", "gives_up"]),
        number=NUMBERS,
    )
    def owner_acts(self, stays: bool, deed: str, number: int) -> None:
        owner = self.owner
        self.did = f"owner: {deed}"
        if stays and owner.is_in:
            pass
        elif owner.credentials:
            tries(partial(owner.signs_in_by_passkey, owner.credentials[number % len(owner.credentials)]))
        elif self.stage.account.phone not in self.thief.mailboxes:
            tries(owner.signs_in_by_text)
        if owner.is_in:
            tries(partial(self._does, owner, deed, number))

    @rule(event=st.sampled_from(EVENTS))
    def world_turns(self, event: str) -> None:
        self.did = f"world: {event}"
        stage, play = self.stage, self.play
        match event:
            case "sim_is_stolen":
                self.thief.mailboxes.add(stage.account.phone or "")
            case "mailbox_is_read" if play.guarded and stage.account.email:
                self.thief.mailboxes.add(stage.account.email)
            # Nothing tells an owner who has no passkey yet, and whose address is dead.
            case "mail_bounces" if play.guarded:
                stage.broken = {Channel.EMAIL}
            case "texts_are_lost":
                stage.broken |= {Channel.SMS}
            case "messages_arrive":
                stage.broken = set()
            case "relay_crashes" | "relay_comes_back":
                stage.is_relay_down = event == "relay_crashes"
                stage.run_machinery()
            case "owner_looks":
                play.owner_looks()
            case "support_decides":
                play.settle_next()
            case "host_tells_a_new_number" if stage.account.sms != SmsState.REMOVED:
                play.host_tells_new_number()

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.close()

    @invariant()
    def nothing_is_that_must_not_be(self) -> None:
        if hasattr(self, "play"):
            self.play.check()
            self.steps[self.did] += 1
            # Each step has a moment of its own, so that what was earlier is known.
            self.clock.advance(timedelta(seconds=1))

    def _does(self, player: Player, deed: str, number: int) -> None:
        deeds: dict[str, Callable[[], object]] = {
            "binds": player.binds,
            "links": partial(self._links, player),
            "makes_codes": player.makes_codes,
            "brings_address": partial(self._brings_address, player),
            "sets_up_app": player.sets_up_app,
            "removes_app": player.removes_app,
            "removes": partial(self._removes, player, number),
            "gives_up": partial(self._gives_up, player),
            "confirms": lambda: player.confirms(_pick(player.sees_provisional(), number)),
            "rejects": lambda: player.rejects(_pick(player.sees_provisional(), number)),
            "switches": player.restores_sms if number % 2 else player.signs_others_out,
            "stops": lambda: player.stops(_pick(player.sees_waiting(), number).change_id),
            "answers": lambda: player.answers(_pick(self.stage.objections(), number), Outcome.DISMISSED),
        }
        deeds[deed]()

    def _removes(self, player: Player, number: int) -> None:
        kept = [passkey for passkey in self.stage.passkeys() if passkey.removed_at is None]
        player.removes(_pick(kept, number).passkey_id)

    def _links(self, player: Player) -> None:
        device = Player(self.stage, player.address)
        try:
            player.binds_by_link(device)
        finally:
            player.session_ids |= device.session_ids
            player.credentials += device.credentials

    def _brings_address(self, player: Player) -> None:
        address = f"{player.address.replace(' ', '-')}@example.net"
        player.takes_address(address)
        player.mailboxes.add(address)

    def _gives_up(self, player: Player) -> None:
        """The owner removes the oldest passkey, now or when it has waited.

        Not the only one, if nobody can be told by e-mail: then whoever has the number is as good as they are.
        """
        credential = player.credentials[0]
        oldest = next(p for p in self.stage.passkeys() if p.credential_id == credential)
        if not self.play.may_do_without(oldest):
            return
        player.removes(oldest.passkey_id)
        self.play.removed_by_owner.add(oldest.passkey_id)
        self.play.once_established.discard(oldest.passkey_id)


class HostTrustMachine(TrustMachine):
    """The same plays where the host runs the ceremonies; what needs a page of Offramp's is refused there."""

    steps: ClassVar[Counter[str]] = Counter()
    ceremonies = Ceremonies.ORCHESTRATED


def _pick(choices: Sequence[Picked], number: int) -> Picked:
    return choices[number % len(choices)]
