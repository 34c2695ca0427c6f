"""A person looks through their ways in: what to ask them, and what is noted when they come to the end."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import Refused
from domain.journal import Actor, EventKind
from domain.upkeep.check_ups import Question, next_due, questions
from domain.upkeep.possessions import Possessions
from services.container import Services
from services.people.visits import Person
from store import Session
from store.journeys import check_ups, journeys, possessions
from store.people import accounts, journal


class NoCheckUp(Refused):
    """A check-up was to be finished of an account whose text-message codes were never removed."""


@dataclass(frozen=True, kw_only=True)
class CheckUpStanding:
    """What the check-up of one person is about. `next_at` is when the next one comes; None if none does.

    `is_open`: they were invited and have not come to the end. `is_due_ever`: the account has check-ups at all.
    """

    own: Possessions
    questions: tuple[Question, ...]
    is_due_ever: bool
    is_open: bool
    next_at: datetime | None


def read(services: Services, person: Person) -> CheckUpStanding:
    """How the check-up of a person stands."""
    now = services.clock()
    with services.database.reading() as session:
        own = possessions.of_account(session, person.account_id, now=now)
        row = check_ups.find(session, person.account_id)
        return CheckUpStanding(
            own=own,
            questions=questions(own, now),
            is_due_ever=row is not None,
            is_open=row is not None and row.is_open,
            next_at=row.due_at if row and _has_check_ups(session, person.account_id) else None,
        )


def finish(services: Services, person: Person) -> None:
    """Note that a person has looked through everything; the next check-up is the policy's. Raises NoCheckUp."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        row = check_ups.find(session, account.account_id)
        policy = journeys.policy_of(session, account.account_id)
        if row is None or policy is None:
            raise NoCheckUp("this account has no check-up")
        check_ups.note_done(session, row, at=now, due_at=next_due(policy, now) or row.due_at)
        kind = EventKind.CHECK_UP_DONE
        journal.append(session, account.account_id, kind, at=now, actor=Actor.PERSON)


def _has_check_ups(session: Session, account_id: str) -> bool:
    policy = journeys.policy_of(session, account_id)
    return policy is not None and bool(policy.check_up_every)
