"""The whole schema in one place: every module with a table."""

from sqlmodel import SQLModel

from store.engine import heartbeats, sightings, throttles
from store.journeys import journeys, policies, retiring, sms, troubles
from store.messages import callback_counts, contact_faults, message_rows, outages, text_counts
from store.people import (
    accounts,
    challenges,
    contacts,
    door_notes,
    failed_ceremonies,
    first_answers,
    guesses,
    journal,
    known_browsers,
    links,
    one_time_codes,
    passkeys,
    recovery_codes,
    sessions,
    waiting_changes,
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
    contacts,
    door_notes,
    failed_ceremonies,
    first_answers,
    guesses,
    heartbeats,
    journal,
    journeys,
    known_browsers,
    links,
    members,
    message_rows,
    objections,
    one_time_codes,
    outages,
    passkeys,
    policies,
    recovery_codes,
    rescues,
    retiring,
    sessions,
    sightings,
    sms,
    staff,
    staff_keys,
    staff_passkeys,
    staff_requests,
    staff_sessions,
    tallies,
    text_counts,
    throttles,
    troubles,
    waiting_changes,
)
