"""Epochs: a restored database begins another one, later than every one before."""

from datetime import timedelta
from pathlib import Path

from store import Database
from store.engine import epochs
from tests import backups
from tests.clocks import START

SECOND = timedelta(seconds=1)


def test_a_database_that_was_never_restored_is_in_the_first_epoch(database: Database) -> None:
    with database.reading() as session:
        assert (epochs.current(session), epochs.untold(session)) == (epochs.FIRST, None)


def test_each_epoch_is_later_even_within_one_second(database: Database) -> None:
    with database.transaction() as session:
        numbers = [epochs.renew(session, by="ada", at=START) for _ in range(3)]
        assert epochs.current(session) == numbers[-1]
    assert numbers == sorted(set(numbers))


def test_a_backup_that_is_put_back_twice_begins_two_epochs(database: Database, tmp_path: Path) -> None:
    backup = backups.take(database, tmp_path)
    begun = []
    for at in (START, START + SECOND):
        backups.put_back(database, backup)
        with database.transaction() as session:
            begun.append(epochs.renew(session, by="ada", at=at))
    assert begun[0] < begun[1]


def test_an_epoch_is_untold_until_everybody_has_heard_of_it(database: Database) -> None:
    with database.transaction() as session:
        number = epochs.renew(session, by="ada", at=START)
        epoch = epochs.untold(session)
        assert epoch
        assert (epoch.number, epoch.begun_by) == (number, "ada")
        epochs.note_told(session, number, at=START)
        assert epochs.untold(session) is None
