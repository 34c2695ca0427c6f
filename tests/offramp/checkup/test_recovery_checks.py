"""The doctor minds when somebody who gets back in waits longer than they were told."""

from datetime import timedelta

from domain.recovery import GATHERING_FOR, OPEN_FOR
from offramp.checkup.findings import Diagnosis
from offramp.checkup.recovery_checks import LATE_AFTER, recovery_findings
from store import Database
from store.safety import recoveries
from store.safety.recoveries import Recovery
from tests.clocks import START
from tests.factories import make_account

HOUR, MOMENT = timedelta(hours=1), timedelta(seconds=1)


def finding(database: Database, *, after: timedelta) -> tuple[Diagnosis, str]:
    with database.reading() as session:
        [only_finding] = recovery_findings(session, now=START + after)
    return only_finding.verdict, only_finding.detail


def begun(database: Database) -> str:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        return recoveries.begin(session, account_id, at=START).recovery_id


def change(database: Database, recovery_id: str, *, opens: bool = False) -> None:
    with database.transaction() as session:
        recovery: Recovery = recoveries.reread(session, recovery_id)
        if opens:
            recoveries.open_(session, recovery, at=START)
        else:
            recoveries.begin_waiting(session, recovery, HOUR, at=START)


def test_nobody_waits(database: Database) -> None:
    assert finding(database, after=HOUR) == (Diagnosis.WELL, "0 under way, and none is late")


def test_each_stage_is_late_after_its_moment(database: Database) -> None:
    recovery_id = begun(database)
    for lasts, step in ((GATHERING_FOR, None), (HOUR, False), (OPEN_FOR, True)):
        if step is not None:
            change(database, recovery_id, opens=step)
        assert finding(database, after=lasts + LATE_AFTER)[0] is Diagnosis.WELL
        verdict, words = finding(database, after=lasts + LATE_AFTER + MOMENT)
        assert verdict is Diagnosis.UNWELL
        assert words == "1 should have opened or ended by now; is a worker running?"
