"""The policies that come with Offramp: three for people, and `fast` for watching a journey in two minutes."""

from dataclasses import replace
from datetime import time, timedelta

from domain.facts import Channel
from domain.policy import NudgeStep, Policy, SecondRoute, UnknownSim
from domain.recovery_rules import rules


def _mail(after: timedelta) -> NudgeStep:
    return NudgeStep(after=after, channel=Channel.EMAIL)


def _text(after: timedelta) -> NudgeStep:
    return NudgeStep(after=after, channel=Channel.SMS)


def _days(days: int) -> timedelta:
    return timedelta(days=days)


STANDARD = Policy(
    name="standard",
    invitation=_mail(timedelta()),
    cadence=(_mail(_days(3)), _text(_days(7)), _mail(_days(14)), _mail(_days(28))),
    quiet_from=time(20),
    quiet_until=time(9),
    quiet_zone="UTC",
    least_gap=timedelta(hours=20),
    jitter=timedelta(minutes=30),
    patience=_days(42),
    skips_allowed=5,
    snooze=_days(3),
    mandatory_after=None,
    proving_days=2,
    second_routes=(SecondRoute.ANOTHER_PASSKEY, SecondRoute.RECOVERY_CODES, SecondRoute.AUTHENTICATOR_APP),
    cooling_off=_days(3),
    sim_swap_window=_days(7),
    unknown_sim=UnknownSim.HOLD,
    notice=_days(7),
    probation=_days(30),
    rest_after_restore=_days(30),
    forget_phone=False,
    cap=3,
)

GENTLE = replace(
    STANDARD,
    name="gentle",
    cadence=(_mail(_days(7)), _mail(_days(21))),
    patience=_days(60),
    skips_allowed=20,
    cap=2,
    snooze=_days(7),
    second_routes=(*STANDARD.second_routes, SecondRoute.SYNCED_PASSKEY),
    notice=_days(14),
    probation=_days(60),
)

FIRM = replace(
    STANDARD,
    name="firm",
    cadence=(_mail(_days(2)), _text(_days(5)), _mail(_days(9)), _text(_days(14))),
    patience=_days(28),
    skips_allowed=3,
    snooze=_days(1),
    mandatory_after=_days(21),
    proving_days=1,
    probation=_days(21),
    forget_phone=True,
)

FAST = replace(
    STANDARD,
    name="fast",
    cadence=(_mail(timedelta(seconds=20)), _text(timedelta(seconds=45)), _mail(timedelta(seconds=75))),
    quiet_from=time(0),
    quiet_until=time(0),
    least_gap=timedelta(seconds=5),
    jitter=timedelta(),
    patience=timedelta(seconds=120),
    skips_allowed=3,
    snooze=timedelta(seconds=30),
    proving_days=1,
    cooling_off=timedelta(seconds=5),
    sim_swap_window=timedelta(seconds=10),
    notice=timedelta(seconds=15),
    probation=timedelta(seconds=30),
    rest_after_restore=timedelta(seconds=60),
    recovery=rules(
        strong=timedelta(),
        with_email=timedelta(seconds=10),
        with_sms=timedelta(seconds=15),
        email_and_sms=timedelta(seconds=20),
    ),
    cap=30,
    cap_window=timedelta(minutes=10),
)

PRESETS = {policy.name: policy for policy in (GENTLE, STANDARD, FIRM, FAST)}
