"""The paces of a cohort, from what is kept of its assessments."""

from datetime import timedelta

from services.rollouts import cohort_paces
from store import Database
from store.rollouts import tallies
from store.rollouts.measurements import WaveFunnel
from tests.clocks import START
from tests.factories import keep_cohort

DAY = timedelta(days=1)


def test_the_paces_are_of_the_last_two_weeks(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        assert cohort_paces.draw(session, cohort_id, now=START) == ()
        for day, enrolled, suspended in ((0, 0, 0), (6, 20, 0), (20, 90, 4)):
            funnel = [
                WaveFunnel(wave=0, members=100, launched=100, passkey_enrolled=enrolled, suspended=suspended)
            ]
            tallies.record(session, cohort_id, at=START + day * DAY, assessments=(), funnel=funnel)
        paces = cohort_paces.draw(session, cohort_id, now=START + 20 * DAY)
    told = {pace.step: (pace.come, pace.a_day, pace.left) for pace in paces}
    assert told == {
        "passkey_enrolled": (70, 5.0, 10),
        "passkey_proven": (0, None, 100),
        "suspended": (4, None, 96),
    }
    assert paces[0].arrives_at == START + 22 * DAY
