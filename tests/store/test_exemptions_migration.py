"""Exemptions of an earlier release are in the register after the migration, with who, why and until when."""

from datetime import UTC, datetime, timedelta

from domain.journal import Actor, EventKind
from store import Database, schema
from store.invariants import Invariant, breaches
from store.people import exemptions, journal
from tests.clocks import START
from tests.factories import make_account
from tests.store.test_schema import downgrade

DAY = timedelta(days=1)


def test_what_lasts_is_taken_over_and_what_is_past_has_expired(database: Database) -> None:
    now = datetime.now(UTC)
    ends_at = now + 100 * DAY
    with database.transaction() as session:
        lasting = make_account(session, rest="machine_account", rests_until=ends_at).account_id
        past = make_account(session, rest="other", rests_until=START).account_id
        paused = make_account(session, rest="paused", rests_until=ends_at).account_id
        said: dict[str, str | int] = {
            "by": "sue",
            "together_with": "sam",
            "reason": "a till",
            "days": 110,
            "rest": "machine_account",
        }
        for at in (now - 200 * DAY, now - 10 * DAY):
            journal.append(session, lasting, EventKind.EXEMPTED, at=at, actor=Actor.STAFF, **said)
    downgrade(database, to="0046")
    schema.migrate(database)
    with database.reading() as session:
        (record,) = exemptions.of_account(session, lasting)
        (over,) = exemptions.of_account(session, past)
        assert exemptions.of_account(session, paused) == []
        assert all(
            breach.count == 0
            for breach in breaches(session, now=now)
            if breach.invariant is Invariant.EXEMPTIONS_AGREE
        )
    assert (record.basis, record.reason, record.evidence) == ("machine_account", "a till", "")
    assert (record.asked_by, record.approved_by) == ("sam", "sue")
    assert (record.granted_at, record.expires_at, record.ended_at) == (now - 10 * DAY, ends_at, None)
    assert record.review_at == now + 80 * DAY
    assert (over.ended_at, over.ended_because, over.asked_by) == (START, "expired", "")
