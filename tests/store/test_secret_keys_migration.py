"""Digests of before name no key, work as before, and count for the key that is noted first."""

from sqlalchemy import text

from domain.codes import TRIES
from domain.safety.secret_keys import Hanging, key_id
from providers.sealing import FernetSeal
from services import secret_ring
from services.people import claimants
from store import Database, schema
from store.engine import secret_keys
from store.people import recovery_codes
from tests.api.world import make_world
from tests.clocks import START, FakeClock
from tests.factories import make_account, vouched
from tests.rings import NEW, OLD, with_ring
from tests.services.people.test_guessing import PHONE, guess_until_shut
from tests.store.test_schema import downgrade


def test_codes_and_counts_of_before_work_on_and_name_no_key(database: Database, clock: FakeClock) -> None:
    before = with_ring(make_world(database, clock).services, OLD)
    kept = before.peppers.digest(context="recovery:ada", code="23456789abcdefgh").digest
    with database.transaction() as session:
        account_id = make_account(session, phone=PHONE.phone).account_id
        recovery_codes.make(session, account_id, [kept], vouched(), key_id=before.peppers.key_id)
    spent = guess_until_shut(before, [PHONE])
    downgrade(database, to="0038")
    schema.migrate(database)
    after = with_ring(before, NEW, OLD)
    with database.transaction() as session:
        typed = after.peppers.candidates(context="recovery:ada", code="23456789abcdefgh")
        code = recovery_codes.find(session, account_id, *typed)
        assert code
        assert code.key_id == ""
        secret_keys.note(session, [key_id(OLD)], at=START)
    ids = [key_id(NEW), key_id(OLD)]
    newest, former = secret_ring.key_standings(database, ids, FernetSeal(NEW, OLD), now=clock())
    assert newest.count == 0
    assert former.hanging[Hanging.RECOVERY_CODE] == 1
    assert former.unnamed >= 2
    assert spent + guess_until_shut(after, [PHONE]) == TRIES + 1
    assert claimants.of_contact(after, PHONE).account_id == account_id


def test_the_migration_leaves_every_row_where_it_was(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        recovery_codes.make(session, account_id, ["one", "two"], vouched(), key_id="0000000a")
    downgrade(database, to="0038")
    schema.migrate(database)
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT digest, key_id FROM recovery_code ORDER BY digest")).all()
    assert [tuple(row) for row in rows] == [("one", ""), ("two", "")]
