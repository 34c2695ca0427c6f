"""What the doctor says of lanes, and of a backup of which not everybody has heard."""

from datetime import timedelta

from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from offramp.checkup.findings import Diagnosis
from offramp.checkup.hand_over_checks import hand_over_findings, restore_findings
from store import Database
from store.engine import epochs
from store.messages import hand_overs, inserts
from store.messages.lanes import HANDED_LATE, STILL_AFTER
from store.messages.messages import NewMessage
from tests.clocks import START

SECOND = timedelta(seconds=1)


def queue(database: Database, key: str, *, handed: bool) -> None:
    new = NewMessage(
        key=key,
        account_id=None,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_EMAIL_VERIFIED,
        channel=Channel.EMAIL,
        recipient="ada@example.org",
        locale="en",
    )
    with database.transaction() as session:
        inserts.insert_row(session, new, at=START)
        if handed:
            hand_overs.mark_handed(session, [key], at=START)


def findings(database: Database, *, after: timedelta) -> list[tuple[Diagnosis, str]]:
    with database.reading() as session:
        return [(found.verdict, found.detail) for found in hand_over_findings(session, now=START + after)]


def test_all_is_well_while_messages_move(database: Database) -> None:
    queue(database, "handed", handed=True)
    assert findings(database, after=SECOND) == [(Diagnosis.WELL, "messages move in every lane")]


def test_what_temporal_has_for_too_long_and_a_lane_that_stands_still_are_told(database: Database) -> None:
    queue(database, "handed", handed=True)
    queue(database, "behind", handed=False)
    [late] = findings(database, after=HANDED_LATE + SECOND)
    assert (late[0], "reminders by e-mail: Temporal has 1" in late[1]) == (Diagnosis.UNWELL, True)
    late, still = findings(database, after=STILL_AFTER + SECOND)
    assert (still[0], "1 wait for their turn" in still[1]) == (Diagnosis.UNWELL, True)


def test_a_backup_of_which_not_everybody_has_heard_is_noted(database: Database) -> None:
    with database.transaction() as session:
        assert list(restore_findings(session)) == []
        number = epochs.renew(session, by="ada", at=START)
        assert [found.verdict for found in restore_findings(session)] == [Diagnosis.NOTE]
        epochs.note_told(session, number, at=START)
        assert list(restore_findings(session)) == []
