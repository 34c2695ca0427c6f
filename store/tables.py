"""The whole schema in one place: every module with a table."""

from sqlmodel import SQLModel

from store.engine import heartbeats, throttles
from store.journeys import journeys, policies, sms, troubles
from store.messages import callback_counts, contact_faults, messages, outages
from store.people import (
    accounts,
    challenges,
    door_notes,
    failed_ceremonies,
    guesses,
    journal,
    known_browsers,
    links,
    one_time_codes,
    passkeys,
    recovery_codes,
    sessions,
)
from store.rollouts import cohorts, members, tallies
from store.safety import objections, rescues
from store.staff import audit, staff, staff_keys, staff_passkeys, staff_requests, staff_sessions

METADATA = SQLModel.metadata
TABLE_MODULES = (
    accounts,
    audit,
    callback_counts,
    challenges,
    cohorts,
    contact_faults,
    door_notes,
    failed_ceremonies,
    guesses,
    heartbeats,
    journal,
    journeys,
    known_browsers,
    links,
    members,
    messages,
    objections,
    one_time_codes,
    outages,
    passkeys,
    policies,
    recovery_codes,
    rescues,
    sessions,
    sms,
    staff,
    staff_keys,
    staff_passkeys,
    staff_requests,
    staff_sessions,
    tallies,
    throttles,
    troubles,
)
