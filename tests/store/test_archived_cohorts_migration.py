"""Cohorts of an earlier release are on the list after the migration, as they were, and so are their tallies."""

from store import Database, schema
from store.rollouts import cohorts, tallies
from store.rollouts.measurements import WaveFunnel
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort
from tests.store.test_schema import downgrade


def test_cohorts_stay_on_the_list_with_their_descriptions_and_tallies(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(name="spring"))
        tallies.record(session, cohort_id, at=START, assessments=(), funnel=[WaveFunnel(wave=0, members=3)])
    downgrade(database, to="0051")
    schema.migrate(database)
    with database.reading() as session:
        assert [row.cohort_id for row in cohorts.listed(session)] == [cohort_id]
        assert cohorts.description(cohorts.get(session, cohort_id)) == make_cohort(name="spring")
        assert cohorts.listed(session, is_archived=True) == []
        (tally,) = tallies.series(session, cohort_id)
        assert (tally.reached.members, tally.held_out) == (3, None)
