"""A tiny model of one account and of the person behind it, driven by nothing but the plan."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.errors import LastRoute
from domain.facts import Channel, Facts, Nudged, SmsState
from domain.journey import JourneyAct, Plan, due, plan, suspension_due_at
from domain.milestones import reached
from domain.notices import notice_runs_from, told_until
from domain.policy import Policy
from domain.promises import promises
from domain.safety.end_of_codes import Halt, end_of_codes
from domain.safety.off_proof import off_proof
from domain.safety.routes import proven_routes, require_route_without_app, require_route_without_passkey
from tests.clocks import START
from tests.domain.nights import is_quiet

ACCOUNT = "an account"
MORE_ACTS_THAN_ANY_WAIT_NEEDS = 100


@dataclass(kw_only=True)
class Device:
    """One passkey, or one authenticator app."""

    bound_at: datetime
    rooted_in_sms_at: datetime | None
    days: set[date] = field(default_factory=set)


@dataclass
class Life:
    """What one person does over the months, and what their journey makes of it; it checks the promise at every act."""

    policy: Policy
    facts: Facts = Facts(version=1, channels=(Channel.EMAIL, Channel.SMS), progress_at=START)  # noqa: RUF009
    now: datetime = START
    devices: list[Device] = field(default_factory=list)
    app: Device | None = None
    deeds: list[JourneyAct] = field(default_factory=list)
    told: list[datetime] = field(default_factory=list)
    """The moments before which nothing may end, as letters and pages have said since the last change of SMS."""

    def wait(self, duration: timedelta) -> None:
        """Let time pass, and the journey do what it plans to do meanwhile."""
        until = self.now + duration
        for _ in range(MORE_ACTS_THAN_ANY_WAIT_NEEDS):
            planned = plan(ACCOUNT, self.facts, self.policy)
            moment = due(ACCOUNT, planned, self.facts, self.policy, self.now)
            if planned.act is None or moment is None or moment > until:
                self.now = until
                return
            self._look_at_the_page(planned)
            self.now = max(self.now, moment)
            self._act(planned, planned.act)
        raise AssertionError(f"the journey never comes to rest: {self.deeds[-5:]}")

    def verify_email(self) -> None:
        self._progress(email_verified_at=self.facts.email_verified_at or self.now)

    def bind_passkey(self) -> None:
        """A passkey bound while signed in by SMS is rooted in it; otherwise by a passkey, whose root it inherits."""
        by_sms = self.facts.sms in (SmsState.ON, SmsState.NOTICE)
        inherited = self.devices[0].rooted_in_sms_at if self.devices else None
        self.devices.append(Device(bound_at=self.now, rooted_in_sms_at=self.now if by_sms else inherited))
        self._progress()

    def sign_in_with_passkey(self) -> None:
        """A sign-in is progress when it says something new; the hundredth one is none."""
        if not self.devices:
            return
        today, before = self.now.date(), {day for device in self.devices for day in device.days}
        says_something_new = not self.devices[-1].days or (
            today not in before and len(before) < self.policy.proving_days
        )
        self.devices[-1].days.add(today)
        if says_something_new:
            self._progress()
        else:
            self._change()

    def remove_passkey(self) -> None:
        """Remove the oldest passkey, unless that is refused."""
        if not self.devices:
            return
        try:
            require_route_without_passkey(self.facts, proven=bool(self.devices[0].days))
        except LastRoute:
            return
        del self.devices[0]
        self._progress()

    def say_that_no_device_can_do_it(self) -> None:
        self._change(lacks_device=True)

    def set_up_an_app(self) -> None:
        """The first code that it shows counts as a use; a new app takes the place of the old."""
        by_sms = self.facts.sms in (SmsState.ON, SmsState.NOTICE)
        rooted_at = self.now if by_sms else self.devices[0].rooted_in_sms_at if self.devices else self.now
        self.app = Device(bound_at=self.now, rooted_in_sms_at=rooted_at, days={self.now.date()})
        self._progress()

    def use_the_app(self) -> None:
        """A code on another day is progress while the policy asks for more days."""
        if self.app is None or self.now.date() in self.app.days:
            return
        is_news = len(self.app.days) < self.policy.proving_days
        self.app.days.add(self.now.date())
        if is_news:
            self._progress()
        else:
            self._change()

    def remove_the_app(self) -> None:
        """Remove the app, unless that is refused."""
        if self.app is None:
            return
        try:
            require_route_without_app(self.facts)
        except LastRoute:
            return
        self.app = None
        self._progress()

    def make_recovery_codes(self) -> None:
        """Make new ones; proven old ones go on working until one of the new is typed back."""
        if not self.facts.recovery_codes_proven:
            self._change(recovery_codes_left=8)

    def type_a_recovery_code_back(self) -> None:
        if self.facts.recovery_codes_left:
            self._progress(recovery_codes_proven=True)

    def use_up_recovery_codes(self) -> None:
        """Sign in with all but one of them."""
        if self.facts.recovery_codes_proven:
            self._change(recovery_codes_left=min(self.facts.recovery_codes_left, 1))

    def see_the_prompt(self) -> None:
        self._change(exposed_at=self.facts.exposed_at or self.now)

    def snooze(self) -> None:
        self._change(snoozed_until=self.now + self.policy.snooze)

    def move_house(self) -> None:
        to = "Asia/Kathmandu" if self.facts.time_zone != "Asia/Kathmandu" else "America/New_York"
        self._change(time_zone=to)

    def lose_the_phone_number(self) -> None:
        self._change(channels=tuple(channel for channel in self.facts.channels if channel is not Channel.SMS))

    def lose_the_mailbox(self) -> None:
        self._change(
            channels=tuple(channel for channel in self.facts.channels if channel is not Channel.EMAIL)
        )

    def be_reachable_again(self) -> None:
        self._change(channels=(Channel.EMAIL, Channel.SMS))

    def miss_the_last_reminder(self) -> None:
        """The provider says that it bounced; three of a milestone are made up for."""
        if self.facts.nudges and self.facts.nudges[-1].missed < min(3, self.facts.nudges[-1].times):
            *others, last = self.facts.nudges
            missed = last.missed + 1
            last_at = last.last_at if missed < last.times else None
            self._change(nudges=(*others, replace(last, missed=missed, last_at=last_at)))

    def hear_much_from_another_cohort(self) -> None:
        """The contact has had as many reminders as it may."""
        self._change(capped_until=self.now + timedelta(days=2))

    def miss_the_notice(self) -> None:
        """The provider says that it bounced, by every channel."""
        if self.facts.sms is SmsState.NOTICE:
            self._change(noticed_at=None, notice_missed=True)

    def get_the_notice_late(self) -> None:
        """It says how many days are left from then on."""
        if self.facts.noticed_at and self.facts.sms_since:
            until = told_until(
                written_at=self.facts.sms_since, went_out_at=self.now, length=self.policy.notice
            )
            self._tell(until)
            self._change(noticed_at=self.now)

    def hear_of_another_policy(self, policy: Policy) -> None:
        """The cohort's operators have edited it. What the earlier policy promised is kept."""
        kept = promises(self.facts, self.policy, self.now)
        self.policy = policy
        self._change(removal_not_before=kept.removal_not_before, cools_off_until=kept.cools_off_until)

    def object_(self) -> None:
        """Say of a notice that it was not them."""
        self._change(disputed_since=self.facts.disputed_since or self.now)

    def hear_from_support(self) -> None:
        """The objection is settled."""
        self._change(disputed_since=None)

    def swap_the_sim(self) -> None:
        self._change(sim_checked_at=self.now, sim_changed_at=self.now)

    def restore_sms(self) -> None:
        if self.facts.sms in (SmsState.NOTICE, SmsState.SUSPENDED):
            self._progress(
                sms=SmsState.ON,
                sms_since=self.now,
                restored_at=self.now,
                noticed_at=None,
                notice_missed=False,
                notice_until=None,
                removal_not_before=None,
            )
            self.told = []

    def do_everything(self) -> None:
        """Reach every milestone, whatever was there before."""
        self.be_reachable_again()
        self.hear_from_support()
        self.verify_email()
        self.bind_passkey()
        self.bind_passkey()
        self.make_recovery_codes()
        self.type_a_recovery_code_back()
        self.set_up_an_app()
        for _ in range(self.policy.proving_days):
            self.sign_in_with_passkey()
            self.wait(timedelta(days=1))

    def _act(self, planned: Plan, act: JourneyAct) -> None:
        if act is not JourneyAct.CHECK_SIM:  # a question, which does nothing to the person
            self.deeds.append(act)
        match act:
            case JourneyAct.NUDGE:
                self._hear_of(planned)
            case JourneyAct.REPORT_STUCK:
                assert self.facts.stuck_since is None
                self._change(stuck_since=self.now)
            case JourneyAct.GIVE_NOTICE:
                self._hear_the_notice()
            case JourneyAct.RESTORE_SMS:
                self.restore_sms()
            case JourneyAct.SUSPEND_SMS:
                assert self.facts.sms is SmsState.NOTICE
                noticed = notice_runs_from(self.facts)
                assert noticed
                assert noticed + self.policy.notice <= self.now
                assert self.facts.cools_off_until is None or self.facts.cools_off_until <= self.now
                self._switch_off(SmsState.SUSPENDED)
                self.told = [self.now + self.policy.probation]
                self._change(removal_not_before=self.told[0])
            case JourneyAct.CHECK_SIM:
                rooted_at = self.facts.passkey_rooted_in_sms_at
                assert rooted_at
                assert self.now >= rooted_at + self.policy.cooling_off
                assert self.facts.sim_asked_at is None or self.facts.sim_asked_at < rooted_at
                self._change(sim_asked_at=self.now, sim_checked_at=self.now)
            case JourneyAct.REMOVE_SMS:
                assert self.facts.sms is SmsState.SUSPENDED
                self._switch_off(SmsState.REMOVED)

    def _hear_of(self, planned: Plan) -> None:
        nudge = planned.nudge
        assert nudge is not None
        assert not reached(nudge.milestone, self.facts, self.policy)
        assert not is_quiet(self.now, self.facts.time_zone or self.policy.quiet_zone, self.policy)
        assert self.facts.snoozed_until is None or self.now >= self.facts.snoozed_until
        last = self.facts.last_nudged_at
        assert last is None or self.now - last >= self.policy.least_gap
        assert self.facts.capped_until is None or self.now >= self.facts.capped_until
        before = self.facts.nudged(nudge.milestone)
        missed = before.missed if before else 0
        said = Nudged(milestone=nudge.milestone, times=nudge.ordinal, missed=missed, last_at=self.now)
        others = tuple(other for other in self.facts.nudges if other.milestone is not nudge.milestone)
        self._change(nudges=(*others, said))

    def _look_at_the_page(self, planned: Plan) -> None:
        """The page names the day on which the plan acts, and no earlier one than it has named before."""
        end = end_of_codes(planned, self.facts, self.policy, Halt(), self.now)
        is_end = planned.act in (JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS)
        assert end.is_certain == is_end
        if end.at and self.facts.sms is not SmsState.ON:
            assert not is_end or end.at == planned.at
            assert all(end.at >= moment.replace(microsecond=0) for moment in self.told)
            self.told += [end.at] if is_end else []

    def _tell(self, until: datetime) -> None:
        self.told.append(until)
        self._change(notice_until=max(until, self.facts.notice_until or until))

    def _hear_the_notice(self) -> None:
        if self.facts.sms is SmsState.NOTICE and not self.facts.notice_missed:
            ends_at = suspension_due_at(self.facts, self.policy)
            assert ends_at
            assert all(ends_at > moment for moment in self.told)
            self._tell(ends_at if ends_at > self.now else self.now + self.policy.notice)
            return
        heard = bool(self.facts.channels)
        self.told = [self.now + self.policy.notice]
        self._change(
            notice_until=self.told[0],
            sms=SmsState.NOTICE,
            sms_since=self.now,
            stuck_since=None,
            noticed_at=self.now if heard else None,
            notice_missed=not heard,
        )

    def _switch_off(self, state: SmsState) -> None:
        assert self.facts.disputed_since is None
        assert off_proof(self.facts, self.policy, self.now)
        assert all(moment <= self.now for moment in self.told)
        self._change(sms=state, sms_since=self.now, noticed_at=None, notice_until=None)

    def _progress(self, **changes: object) -> None:
        self._change(progress_at=self.now, stuck_since=None, **changes)

    def _change(self, **changes: object) -> None:
        proven = [device for device in self.devices if device.days]
        lacks_device = changes.get("lacks_device", self.facts.lacks_device)
        stand_ins = [self.app] if self.app and lacks_device and not proven else []
        standing = min(proven + stand_ins, key=_standing, default=None)
        self.facts = replace(
            self.facts,
            version=self.facts.version + 1,
            passkeys=len(self.devices),
            proven_passkeys=len(proven),
            passkey_days=len({day for device in proven for day in device.days}),
            authenticator_apps=1 if self.app else 0,
            app_days=len(self.app.days) if self.app else 0,
            passkey_bound_at=standing.bound_at if standing else None,
            passkey_rooted_in_sms_at=standing.rooted_in_sms_at if standing else None,
            **changes,  # type: ignore[arg-type]
        )
        assert proven_routes(self.facts)


def _standing(device: Device) -> tuple[bool, datetime]:
    return (device.rooted_in_sms_at is not None, device.rooted_in_sms_at or device.bound_at)
