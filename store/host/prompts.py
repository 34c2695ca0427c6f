"""Reads all that decides a prompt at sign-in, by one statement: a host's login waits for the answer."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, bindparam, cast, exists, or_, select
from sqlmodel import col

from domain.facts import Facts, SmsState
from domain.policy import Policy
from domain.prompts import Skips
from domain.rollouts.rollout import FROZEN
from store.journeys import milestones, policies
from store.journeys.journeys import Journey
from store.journeys.policies import StoredPolicy
from store.people.accounts import Account
from store.people.exemptions import EXEMPTIONS
from store.rollouts import slice_holds
from store.rollouts.cohorts import StoredCohort
from store.rollouts.members import Member


@dataclass(frozen=True, kw_only=True)
class PromptCase:
    """One account at a sign-in. `facts` has only those that a prompt is decided by; `policy` is None off a journey.

    `last_day` is the newest day on which a passkey of the account signed in, or an authenticator app, by the person's
    own calendar. `is_any_slice_held`: prompts are stopped for somebody, or
    the cohort holds some slices, perhaps for the person.
    """

    account_id: str
    locale: str
    time_zone: str | None
    facts: Facts
    last_day: date | None
    policy: Policy | None
    is_frozen: bool
    skips_used: int
    skips_told: Skips | None
    is_any_slice_held: bool = False


def find(connection: Connection, external_id: str) -> PromptCase | None:
    """The case of a host's id; None if there is no such account."""
    row = connection.execute(_query(), {"external_id": external_id}).first()
    return _case(row) if row else None


@cache
def _query() -> Select[Any]:
    """Built once: to build it takes longer than to run it."""
    whose = col(Account.account_id)
    frozen = (
        exists()
        .where(col(Member.account_id) == whose, col(Member.launched_at).is_not(None))
        .where(col(StoredCohort.cohort_id) == Member.cohort_id)
        # `IN` would be written anew for each request.
        .where(or_(*(col(StoredCohort.stage) == stage for stage in sorted(FROZEN))))
    )
    parts = [part.label(name) for name, part in milestones.parts(whose).items()]
    account = Account.__table__.c  # type: ignore[attr-defined]
    return (
        select(
            *(account[name] for name in _COLUMNS),
            *parts,
            milestones.last_passkey_day(whose).label("last_day"),
            milestones.last_app_day(whose).label("last_app_day"),
            cast(col(StoredPolicy.body), Text).label("policy"),
            frozen.label("is_frozen"),
            slice_holds.is_any_open(whose).label("is_any_slice_held"),
        )
        .outerjoin(Journey, (col(Journey.account_id) == whose) & col(Journey.ended_at).is_(None))
        .outerjoin(StoredPolicy, col(StoredPolicy.policy_id) == Journey.policy_id)
        .where(account.external_id == bindparam("external_id"))
    )


_COLUMNS = (
    *(
        "account_id",
        "locale",
        "time_zone",
        "sms",
        "email_verified_at",
        "deactivated_at",
        "lacks_device_since",
    ),
    *(
        "phone_zone",
        "told_end_at",
        "told_end_since",
        "rest",
        "exposed_at",
        "snoozed_until",
        "rests_until",
        "skips_used",
        "skips_told",
        "skips_told_until",
    ),
)


def _case(row: Row[Any]) -> PromptCase:
    skips_told = row.skips_told
    return PromptCase(
        account_id=row.account_id,
        locale=row.locale,
        time_zone=row.time_zone,
        facts=_facts(row),
        last_day=max((day for day in (row.last_day, row.last_app_day) if day), default=None),
        policy=policies.read_json(row.policy) if row.policy else None,
        is_frozen=row.is_frozen,
        is_any_slice_held=row.is_any_slice_held,
        skips_used=row.skips_used,
        skips_told=None if skips_told is None else Skips(allowed=skips_told, until=row.skips_told_until),
    )


def _facts(row: Row[Any]) -> Facts:
    """The facts, to the second like all facts."""
    return Facts(
        exposed_at=_second(row.exposed_at),
        snoozed_until=_second(row.snoozed_until),
        rests_until=_second(row.rests_until),
        told_end_at=_second(row.told_end_at),
        told_end_since=_second(row.told_end_since),
        exempt_until=_second(row.rests_until) if row.rest in EXEMPTIONS else None,
        time_zone=row.time_zone or row.phone_zone,
        email_verified_at=_second(row.email_verified_at),
        passkeys=row.passkeys,
        synced_passkeys=row.synced_passkeys,
        proven_passkeys=row.proven_passkeys,
        passkey_days=row.passkey_days,
        recovery_codes_left=row.recovery_codes_left,
        recovery_codes_proven=row.recovery_codes_left > 0,
        authenticator_apps=row.authenticator_apps,
        app_days=row.app_days,
        lacks_device=row.lacks_device_since is not None,
        sms=SmsState(row.sms),
        deactivated_at=_second(row.deactivated_at),
    )


def _second(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None
