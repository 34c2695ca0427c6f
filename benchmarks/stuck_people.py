"""A million people of whom some do not get on, for each reason that many people can have at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from domain.facts import Channel, Method
from domain.journey import StuckReason
from domain.messages.messages import Fate
from domain.presets import STANDARD
from domain.prompts import CannotReason
from domain.trust import Root, Way
from store import Database, schema
from store.journeys import policies
from store.journeys.journeys import Journey
from store.messages.contact_faults import ContactFault
from store.people.accounts import Account
from store.people.failed_ceremonies import FailedCeremony
from store.people.passkeys import Passkey
from store.rollouts.members import Member
from tests.factories import keep_cohort

NOW = datetime.now(UTC)
_BATCH = 10_000
_REMEMBERED = 100


@dataclass(frozen=True, kw_only=True)
class SearchedPerson:
    """Somebody to look for."""

    account_id: str
    number: int

    @property
    def since(self) -> datetime:
        """Since when the person does not get on, if they do not."""
        return NOW - timedelta(seconds=self.number)

    def is_one_in(self, count: int) -> bool:
        """Whether the person belongs to the one in `count` people that something is true of."""
        return self.number % count == 0


Row = dict[str, Any]


def populate(database: Database, count: int) -> list[SearchedPerson]:
    """Fill an empty database, and return some of its people."""
    schema.migrate(database)
    with database.transaction() as session:
        policy_id = policies.store(session, STANDARD, at=NOW)
        cohort_id = keep_cohort(session)
    rows: dict[type[SQLModel], tuple[int, Callable[[SearchedPerson], Row]]] = {
        Account: (1, _account),
        Journey: (1, lambda person: _journey(person, policy_id)),
        Member: (10, lambda person: _member(person, cohort_id)),
        ContactFault: (100, _fault),
        FailedCeremony: (50, _failure),
        Passkey: (25, _passkey),
    }
    remembered = []
    for start in range(0, count, _BATCH):
        people = [
            SearchedPerson(account_id=str(uuid7()), number=number) for number in range(start, start + _BATCH)
        ]
        with database.transaction() as session:
            for table, (one_in, row) in rows.items():
                table_rows = [row(person) for person in people if person.is_one_in(one_in)]
                session.execute(insert(table), table_rows)
        remembered += people[:: _BATCH // _REMEMBERED]
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return remembered


def email(number: int) -> str:
    """A person's address."""
    return f"person{number}@example.org"


def phone(number: int) -> str:
    """A person's phone number; a factor spreads the last digits evenly over all accounts."""
    return f"+49151{number * 7_654_321 % 100_000_000:08d}"


def _account(person: SearchedPerson) -> Row:
    is_used_up, is_held, cannot_now = person.is_one_in(20), person.is_one_in(30), person.is_one_in(70)
    row = Account(
        account_id=person.account_id,
        external_id=f"customer-{person.number}",
        email=email(person.number),
        email_key=email(person.number),
        phone=phone(person.number),
        created_at=NOW,
        progress_at=person.since,
        stuck_since=person.since if is_used_up else None,
        stuck_reason=StuckReason.NUDGES_USED_UP if is_used_up else None,
        held_since=person.since if is_held else None,
        cannot_since=person.since if cannot_now else None,
        cannot_reason=CannotReason.NO_DEVICE if cannot_now else None,
    )
    return row.model_dump()


def _journey(person: SearchedPerson, policy_id: str) -> Row:
    return {
        "account_id": person.account_id,
        "policy_id": policy_id,
        "policy_changes": 0,
        "started_at": NOW,
    }


def _member(person: SearchedPerson, cohort_id: str) -> Row:
    return {
        "cohort_id": cohort_id,
        "account_id": person.account_id,
        "bucket": person.number % 10_000,
        "held_out": False,
        "enrolled_at": NOW,
        "wave": 0,
        "launched_at": NOW,
    }


def _fault(person: SearchedPerson) -> Row:
    return {
        "account_id": person.account_id,
        "channel": Channel.EMAIL,
        "contact": email(person.number),
        "fate": Fate.BOUNCED,
        "reason": "550",
        "since": person.since,
    }


def _failure(person: SearchedPerson) -> Row:
    return {
        "account_id": person.account_id,
        "at": person.since,
        "ceremony": "registration",
        "name": "NotAllowedError",
        "platform": "Android",
    }


def _passkey(person: SearchedPerson) -> Row:
    row = Passkey(
        account_id=person.account_id,
        credential_id=person.account_id,
        public_key=b"public key",
        sign_count=1,
        aaguid="00000000-0000-0000-0000-000000000000",
        backup_eligible=True,
        backed_up=True,
        name="Phone",
        platform="Android",
        bound_at=person.since,
        bound_by=Method.SMS,
        root=Root.SMS,
        rooted_at=person.since,
        way=Way.NOTICE,
        established_from=person.since + timedelta(days=3),
        last_used_at=person.since,
    )
    return row.model_dump()
