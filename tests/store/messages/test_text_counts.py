"""Text messages are counted by day and country, and a country that has had its texts gets no more today."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from domain.errors import BudgetSpent
from domain.facts import Channel
from domain.messages.text_limits import ALL, OTHERS, TextLimits, day_of
from store import Database
from store.messages import messages, text_counts
from store.messages.messages import NewMessage
from tests.clocks import START
from tests.store.racing import at_once

NAMES = {"+49": "DE", "+43": "AT"}


def country_of(phone: str) -> str:
    return NAMES.get(phone[:3], "FR")


@pytest.fixture
def limited(database: Database) -> Iterator[Database]:
    """A database with room for five texts a day: three to Germany, and two to each other country."""
    database.notes[text_counts.LIMITS] = TextLimits(
        per_day=5, by_country={"DE": 3, OTHERS: 2}, country_of=country_of
    )
    yield database
    database.notes.clear()


_numbers = count()


def text(database: Database, new: NewMessage, phone: str, *, at: timedelta = timedelta()) -> bool:
    code = replace(new, key=f"code-{next(_numbers)}", recipient=phone)
    try:
        with database.transaction() as session:
            return messages.add(session, code, at=START + at)
    except BudgetSpent:
        return False


def test_a_country_gets_as_many_texts_as_its_ceiling_allows_until_the_day_ends(
    limited: Database, new: NewMessage
) -> None:
    assert [text(limited, new, f"+4915100000{n:02d}") for n in range(4)] == [True, True, True, False]
    assert [text(limited, new, f"+4315100000{n:02d}") for n in range(3)] == [True, True, False]
    assert not text(limited, new, "+33600000001"), "five in all"
    assert text(limited, new, "+33600000001", at=timedelta(days=1))
    with limited.reading() as session:
        assert text_counts.by_country(session, day_of(START)) == {"DE": 3, "AT": 2}
        told = {use.country: use.share for use in text_counts.ceilings(session, at=START)}
    assert told == {ALL: 1.0, "DE": 1.0, "AT": 1.0}


def test_e_mail_has_no_ceiling(limited: Database, new: NewMessage) -> None:
    for number in range(5):
        text(limited, new, f"+4{number}1510000000")
    letter = replace(new, channel=Channel.EMAIL)
    assert text(limited, letter, "ada@example.org")


def test_what_was_undone_is_not_counted(limited: Database, new: NewMessage) -> None:
    def undo() -> None:
        with limited.transaction() as session:
            messages.add(session, new, at=START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undo()
    with limited.reading() as session:
        assert text_counts.by_country(session, day_of(START)) == {}


def test_a_transaction_sees_its_own_texts(limited: Database, new: NewMessage) -> None:
    with limited.transaction() as session:
        for number in range(3):
            messages.add(session, replace(new, key=f"own-{number}"), at=START)
        assert text_counts.full_until(session, new.recipient, at=START) is not None


def test_texts_that_are_counted_at_the_same_moment_are_all_counted(
    database: Database, new: NewMessage
) -> None:
    phones = [f"+49151000000{n:02d}" for n in range(8)]
    assert at_once(lambda: text(database, new, phones.pop())) == [True] * 8
    with database.reading() as session:
        assert sum(text_counts.by_country(session, day_of(START)).values()) == 8
