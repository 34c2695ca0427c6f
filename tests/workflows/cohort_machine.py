"""The machine that lives the lives of cohorts at random: each rule is one step of somebody's."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from activities.rollouts import Judgement
from domain.facts import SmsState
from domain.rollouts.cohorts import Wave
from domain.rollouts.guardrails import Reaction, Verdict
from domain.rollouts.launch_windows import Freeze, LaunchWindows, Weekday
from domain.rollouts.rollout import FROZEN, Command, Stage
from store import Database
from tests.databases import SqliteDatabases
from tests.workflows.cohort_play import CohortPlay
from tests.workflows.cohort_scene import CALM, DAY, PEOPLE, SPECIAL
from tests.workflows.cohort_watch import Watch

SOMEBODY = st.integers(min_value=0, max_value=PEOPLE - 1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIMES = [MINUTE / 4, MINUTE, 7 * HOUR, DAY, 3 * DAY, 11 * DAY, 25 * DAY]
ORDERS = [command for command in Command if command is not Command.LAUNCH]
PASSES = Judgement(verdict=Verdict.PASSED)
JUDGEMENTS = {
    "passes": PASSES,
    "clears": Judgement(verdict=Verdict.PASSED, is_cleared=True),
    "doubts": Judgement(verdict=Verdict.INCONCLUSIVE),
    "pauses": Judgement(verdict=Verdict.FAILED, failed=("lock_outs",), reaction=Reaction.PAUSE),
    "suspects": Judgement(verdict=Verdict.FAILED, failed=("lock_outs",), is_suspected=True),
    "rolls back": Judgement(verdict=Verdict.FAILED, failed=("lock_outs",), reaction=Reaction.ROLLBACK),
}


class CohortMachine(RuleBasedStateMachine):
    """Lives on one of `databases`, emptied for each life."""

    databases: ClassVar[SqliteDatabases]

    @initialize()
    def launch(self) -> None:
        self.place = ExitStack()
        database: Database = self.place.enter_context(self.databases.emptied())
        self.play = CohortPlay(database)
        self.watch = Watch(self.play)
        self.place.enter_context(self.play.begun())

    @rule(time=st.sampled_from(TIMES))
    def time_passes(self, time: timedelta) -> None:
        self.play.passes(time)

    @rule(number=SOMEBODY)
    def gets_ready(self, number: int) -> None:
        self.play.gets_ready(number)

    @rule()
    def all_get_ready(self) -> None:
        for number in range(PEOPLE):
            self.play.gets_ready(number)

    @rule(number=SOMEBODY, deed=st.sampled_from(["signs_in", "restores"]))
    def person_acts(self, number: int, deed: str) -> None:
        getattr(self.play, deed)(number)

    @rule(number=SOMEBODY, tier=st.sampled_from([SPECIAL, SPECIAL, None]))
    def host_says(self, number: int, tier: str | None) -> None:
        self.play.classes(number, tier)

    @rule(command=st.sampled_from(ORDERS), sees=st.booleans())
    def operator_orders(self, command: Command, sees: bool) -> None:
        more: dict[str, Any] = {"extend_by": DAY} if command is Command.EXTEND else {}
        self.play.orders(command, sees=sees, **more)

    @rule(days=st.sampled_from([1, 4, 10, 20]), which=st.sampled_from(["notice", "notice", "probation"]))
    def operator_edits_policy(self, days: int, which: str) -> None:
        policy = self.play.described().policy
        changes: dict[str, Any] = {which: days * DAY}
        self.play.edits(policy=replace(policy, name=f"{which} {days}", **changes))

    @rule(days=st.sampled_from([1, 5]), starts_in=st.sampled_from([timedelta(), MINUTE, DAY]))
    def operator_freezes(self, days: int, starts_in: timedelta) -> None:
        begins = self.play.loop.now() + starts_in
        freeze = Freeze(begins=begins, ends=begins + days * DAY, reason="a sale")
        self.play.edits(windows=LaunchWindows(freezes=(freeze,)))

    @rule(narrow=st.booleans())
    def operator_edits_windows(self, narrow: bool) -> None:
        weekend = LaunchWindows(weekdays=(Weekday.SATURDAY, Weekday.SUNDAY))
        self.play.edits(windows=weekend if narrow else LaunchWindows())

    @rule(bake=st.sampled_from([timedelta(), DAY, 9 * DAY]), pace=st.sampled_from([1, 60]))
    def operator_edits_waves(self, bake: timedelta, pace: int) -> None:
        waves = tuple(Wave(percent=wave.percent, bake=bake) for wave in self.play.described().waves)
        self.play.edits(waves=waves, pace=pace)

    @rule(judgement=st.sampled_from(sorted(JUDGEMENTS)))
    def guardrail_says(self, judgement: str) -> None:
        self.play.judged.judgement = JUDGEMENTS[judgement]

    @rule(transactions=st.integers(min_value=0, max_value=4), after_commit=st.booleans())
    def worker_dies(self, transactions: int, after_commit: bool) -> None:
        self.play.dies(in_transactions=transactions, after_commit=after_commit)

    @rule(seconds=st.sampled_from([0, 4]))
    def worker_takes(self, seconds: int) -> None:
        self.play.temporal.latency = timedelta(seconds=seconds)

    @rule(late=st.booleans())
    def mail_is(self, late: bool) -> None:
        self.play.mail_is(late=late)

    @rule(down=st.booleans())
    def relay_is(self, down: bool) -> None:
        self.play.relay_is(down=down)

    @rule()
    def temporal_forgets_everything(self) -> None:
        self.play.forgets_everything()

    @rule()
    def all_is_well_at_last(self) -> None:
        """Nothing stands against anybody: everybody comes to an end, and so does the rollout."""
        self.play.calms_down()
        for _ in range(3):
            if self.play.standing().stage is Stage.PAUSED:
                self.play.orders(Command.RESUME)
            self.play.edits(windows=LaunchWindows(), policy=CALM)
            self.all_get_ready()
            self.play.passes(40 * DAY)
        self.watch.stepped()
        self.watch.ended()
        if self.play.standing().stage not in FROZEN:
            people = self.watch.before.values()
            left = [p.sms for p in people if p.risk_tier != SPECIAL and p.sms is not SmsState.REMOVED]
            assert not left, f"nothing stands against anybody, and yet SMS is {left}"

    @invariant()
    def nothing_is_that_must_not_be(self) -> None:
        if hasattr(self, "watch"):
            self.play.passes(timedelta(seconds=1))
            self.watch.stepped()
            assert not self.watch.breaches, self.watch.breaches
            assert not self.play.temporal.failures, self.play.temporal.failures

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.close()
