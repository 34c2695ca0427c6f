"""Facts and policies of every kind that can occur, for property-based tests."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import available_timezones

from hypothesis import strategies as st

from domain.facts import Channel, Facts, Milestone, Nudged, SmsState
from domain.policy import InsteadOfPasskey, NudgeStep, Policy, SecondRoute, UnknownSim
from tests.clocks import START
from tests.factories import make_policy

_T = TypeVar("_T")

ZONES = sorted(available_timezones() - {"localtime"})

instants = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
account_ids = st.uuids().map(str)
zones = st.sampled_from(ZONES)
any_sms = st.sampled_from(SmsState)


def durations(*, days: int, least: timedelta = timedelta()) -> st.SearchStrategy[timedelta]:
    """Durations from `least` up to a number of days."""
    return st.timedeltas(least, timedelta(days=days))


def some(strategy: st.SearchStrategy[_T]) -> st.SearchStrategy[_T | None]:
    """A value, or none."""
    return st.none() | strategy


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any valid policy."""
    steps = sorted(draw(st.lists(durations(days=60), min_size=1, max_size=6)))
    channels = draw(st.lists(st.sampled_from(Channel), min_size=len(steps), max_size=len(steps)))
    reminders = [
        NudgeStep(after=after, channel=channel) for after, channel in zip(steps, channels, strict=True)
    ]
    instead = draw(st.sampled_from(InsteadOfPasskey))
    routes = draw(st.lists(st.sampled_from(SecondRoute), min_size=1, unique=True))
    if instead is InsteadOfPasskey.AUTHENTICATOR_APP and SecondRoute.RECOVERY_CODES not in routes:
        routes.append(SecondRoute.RECOVERY_CODES)
    quiet_from = draw(st.integers(0, 23))
    waking = draw(st.integers(6, 24))
    a_moment = timedelta(seconds=1)
    return make_policy(
        invitation=reminders[0],
        cadence=tuple(reminders[1:]),
        quiet_from=time(quiet_from),
        quiet_until=time((quiet_from - waking) % 24),
        quiet_zone=draw(zones),
        least_gap=draw(durations(days=3)),
        jitter=draw(st.timedeltas(timedelta(), timedelta(hours=4))),
        patience=steps[-1] + draw(durations(days=30)),
        proving_days=draw(st.integers(1, 4)),
        second_routes=tuple(routes),
        cooling_off=draw(durations(days=10)),
        sim_swap_window=draw(durations(days=20)),
        unknown_sim=draw(st.sampled_from(UnknownSim)),
        notice=draw(durations(days=20, least=a_moment)),
        probation=draw(durations(days=60, least=a_moment)),
        rest_after_restore=draw(durations(days=60)),
        cap=draw(st.integers(0, 5)),
        cap_window=draw(durations(days=14, least=a_moment)),
        instead_of_passkey=instead,
    )


@st.composite
def facts(draw: st.DrawFn, *, sms: st.SearchStrategy[SmsState] = any_sms) -> Facts:
    """Facts as the store could read them, in any combination."""
    passkeys = draw(st.integers(0, 3))
    proven = draw(st.integers(0, passkeys))
    apps, lacks_device = draw(st.integers(0, 2)), draw(st.booleans())
    bound_at = draw(instants) if proven or (apps and lacks_device) else None
    state = draw(sms)
    noticed_at = draw(some(instants)) if state is SmsState.NOTICE else None
    return Facts(
        version=draw(st.integers(0, 1000)),
        time_zone=draw(some(zones)),
        channels=tuple(draw(st.lists(st.sampled_from(Channel), unique=True))),
        progress_at=draw(some(instants)),
        exposed_at=draw(some(instants)),
        snoozed_until=draw(some(instants)),
        nudges=draw(nudges()),
        stuck_since=draw(some(instants)),
        email_verified_at=draw(some(instants)),
        passkeys=passkeys,
        synced_passkeys=draw(st.integers(0, passkeys)),
        proven_passkeys=proven,
        passkey_days=draw(st.integers(1, 5)) if proven else 0,
        passkey_bound_at=bound_at,
        passkey_rooted_in_sms_at=bound_at and draw(some(instants)),
        sim_checked_at=draw(some(instants)),
        sim_changed_at=draw(some(instants)),
        recovery_codes_left=draw(st.integers(0, 8)),
        recovery_codes_proven=draw(st.booleans()),
        sms=state,
        sms_since=None if state is SmsState.ON else draw(instants),
        restored_at=draw(some(instants)),
        capped_until=draw(some(instants)),
        noticed_at=noticed_at,
        notice_missed=state is SmsState.NOTICE and noticed_at is None and draw(st.booleans()),
        disputed_since=draw(some(instants)),
        authenticator_apps=apps,
        app_days=draw(st.integers(1, 5)) if apps else 0,
        lacks_device=lacks_device,
    )


def ready_facts(sms: st.SearchStrategy[SmsState] = any_sms) -> st.SearchStrategy[Facts]:
    """Facts that reach every milestone of whatever policy; only the passkey may have to cool off."""
    return facts(sms=sms).map(_make_ready)


def _make_ready(account_facts: Facts) -> Facts:
    return replace(
        account_facts,
        email_verified_at=account_facts.email_verified_at or START,
        passkeys=account_facts.passkeys + 2,
        synced_passkeys=account_facts.synced_passkeys + 1,
        proven_passkeys=account_facts.proven_passkeys + 1,
        passkey_days=5,
        passkey_bound_at=account_facts.passkey_bound_at or START,
        recovery_codes_left=account_facts.recovery_codes_left + 1,
        recovery_codes_proven=True,
        authenticator_apps=account_facts.authenticator_apps + 1,
        app_days=max(account_facts.app_days, 1),
    )


@st.composite
def nudges(draw: st.DrawFn) -> tuple[Nudged, ...]:
    """What was said so far, about any of the milestones."""
    milestones = draw(st.sets(st.sampled_from(Milestone)))
    return tuple(draw(_nudged(milestone)) for milestone in Milestone if milestone in milestones)


@st.composite
def _nudged(draw: st.DrawFn, milestone: Milestone) -> Nudged:
    times = draw(st.integers(1, 7))
    missed = draw(st.integers(0, min(times, 3)))
    last_at = draw(instants) if missed < times else None
    return Nudged(milestone=milestone, times=times, missed=missed, last_at=last_at)
