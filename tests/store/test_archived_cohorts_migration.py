"""Cohorts of an earlier release are on the list after the migration, as they were."""

from store import Database, schema
from store.rollouts import cohorts
from tests.factories import keep_cohort, make_cohort
from tests.store.test_schema import downgrade


def test_cohorts_stay_on_the_list_with_their_descriptions(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(name="spring"))
    downgrade(database, to="0049")
    schema.migrate(database)
    with database.reading() as session:
        assert [row.cohort_id for row in cohorts.listed(session)] == [cohort_id]
        assert cohorts.description(cohorts.get(session, cohort_id)) == make_cohort(name="spring")
        assert cohorts.listed(session, is_archived=True) == []
