"""How a cohort was drawn is read from its members, launched or not."""

from store import Database
from store.rollouts import draws, tallies
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_member


def test_everybody_who_was_drawn_is_counted_in_their_part(database: Database) -> None:
    cohort = make_cohort()
    with database.transaction() as session:
        cohort_id = keep_cohort(session, cohort)
        for bucket in (0, 499, 500):
            make_member(session, cohort_id, bucket=bucket, wave=None, launched_at=None)
        make_member(session, cohort_id, held_out=True)
        draw = draws.read(session, cohort_id)
    assert [(part.name, part.drawn) for part in draw.parts] == [("wave 1", 2), ("wave 2", 1), ("holdout", 1)]
    assert not draw.is_mismatch


def test_a_member_who_is_held_out_by_mistake_shows(database: Database) -> None:
    cohort = make_cohort()
    with database.transaction() as session:
        cohort_id = keep_cohort(session, cohort)
        make_member(session, cohort_id, held_out=True, bucket=0)
        assert draws.read(session, cohort_id).is_mismatch


def test_a_tally_keeps_how_the_cohort_was_drawn(database: Database) -> None:
    cohort = make_cohort()
    with database.transaction() as session:
        cohort_id = keep_cohort(session, cohort)
        make_member(session, cohort_id)
        draw = draws.read(session, cohort_id)
        tallies.record(session, cohort_id, at=START, assessments=(), draw=draw)
        tally = tallies.latest(session, cohort_id)
    assert tally is not None
    assert tally.draw == draw
