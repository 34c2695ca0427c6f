"""The machine that plays a host at random: it answers, refuses, keeps silent, repeats itself and contradicts itself."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.facts import HostChange, SmsState
from domain.host.events import HostEventKind
from tests.databases import SqliteDatabases
from tests.services.host.host_stage import HostStage, make_stage

_OFF = (SmsState.SUSPENDED, SmsState.REMOVED)
_ANSWERS = {
    HostChange.SUSPEND: HostEventKind.SMS_SUSPENDED,
    HostChange.RESTORE: HostEventKind.SMS_RESTORED,
    HostChange.REMOVE: HostEventKind.SMS_REMOVED,
}
_PLACES = st.integers(min_value=0, max_value=7)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that the host has said and that may arrive at any time, or several times."""

    kind: HostEventKind
    at: datetime
    request_id: str | None


class HostMachine(RuleBasedStateMachine):
    """One account, whose host is truthful about what it does, and otherwise as bad as a host can be."""

    databases: ClassVar[SqliteDatabases]

    @initialize()
    def begin(self) -> None:
        self.place = ExitStack()
        self.stage: HostStage = make_stage(self.place.enter_context(self.databases.emptied()))
        self.is_off = self.acts_by_itself = False
        self.on_the_way: list[Said] = []

    @rule(minutes=st.sampled_from([1, 10, 90, 60 * 24, 60 * 24 * 3]))
    def time_passes(self, minutes: int) -> None:
        self.stage.let_pass(timedelta(minutes=minutes))

    @rule(back=_PLACES, names_it=st.booleans())
    def host_does_what_it_was_asked(self, back: int, names_it: bool) -> None:
        """One of the last requests, perhaps an outdated one, or one that it has done before."""
        if requests := self.stage.asked():
            request = requests[-1 - back % len(requests)]
            self._do(HostChange(request["change"]), request["request_id"] if names_it else None)

    @rule(back=_PLACES, names_it=st.booleans())
    def host_refuses(self, back: int, names_it: bool) -> None:
        if requests := self.stage.asked():
            request = requests[-1 - back % len(requests)]
            request_id = request["request_id"] if names_it else None
            self._say(HostEventKind.SMS_REFUSED, request_id)

    @rule(change=st.sampled_from(HostChange))
    def host_acts_by_itself(self, change: HostChange) -> None:
        self.acts_by_itself = True
        self._do(change, None)

    @rule(place=_PLACES, is_kept=st.booleans())
    def something_arrives(self, place: int, is_kept: bool) -> None:
        if self.on_the_way:
            place %= len(self.on_the_way)
            said = self.on_the_way[place] if is_kept else self.on_the_way.pop(place)
            self._arrives(said)

    @rule()
    def person_restores(self) -> None:
        self.stage.restore()

    @rule()
    def person_loses_passkeys(self) -> None:
        self.stage.lose_passkeys()

    @rule()
    def person_makes_passkeys(self) -> None:
        self.stage.make_passkeys()

    @invariant()
    def codes_that_are_off_have_a_proof_and_the_hosts_word(self) -> None:
        account = self.stage.account()
        if account.sms in _OFF:
            assert account.sms in self.stage.proofs()
            assert "suspend" in self.stage.changes()
            assert self.stage.facts().host_asked is not HostChange.RESTORE

    @invariant()
    def nobody_was_told_of_a_suspension_that_was_none(self) -> None:
        told = "sms_suspended" in self.stage.letters()
        assert not told or "suspended" in self.stage.proofs()

    def teardown(self) -> None:
        """In the end the host does what it is asked, at once and in order, and both sides say the same."""
        for said in self.on_the_way:
            self._arrives(said)
        answered = len(self.stage.asked())
        for _ in range(60):
            self.stage.let_pass(timedelta(hours=3))
            for request in self.stage.asked()[answered:]:
                self._do(HostChange(request["change"]), request["request_id"])
                self._arrives(self.on_the_way.pop())
            answered = len(self.stage.asked())
        self.stage.let_pass(timedelta(hours=3))
        facts = self.stage.facts()
        assert facts.sms not in _OFF or self.is_off, "codes are off here, and on at the host"
        if not self.acts_by_itself:
            assert self.is_off is (facts.sms in _OFF), "codes are off at the host, and on here"
        self.place.close()

    def _do(self, change: HostChange, request_id: str | None) -> None:
        self.is_off = change is not HostChange.RESTORE
        self._say(_ANSWERS[change], request_id)

    def _say(self, kind: HostEventKind, request_id: str | None) -> None:
        self.stage.now += timedelta(seconds=1)
        self.on_the_way.append(Said(kind=kind, at=self.stage.now, request_id=request_id))

    def _arrives(self, said: Said) -> None:
        self.stage.hear(said.kind, at=said.at, request_id=said.request_id)
        self.stage.act()
