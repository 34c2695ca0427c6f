"""What metrics cost with very many accounts: reading each part of the figures, and a scrape while nobody reads."""

import argparse
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from sqlalchemy import text

from benchmarks.fixtures import ground, machine
from domain.policy import Policy
from domain.presets import STANDARD
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.metrics import exporting
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.snapshots import Snapshot
from store import Database, Session
from store.journeys import policies
from store.rollouts import cohorts
from tests.factories import make_cohort

PORT = 18_410

_NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :last) INSERT INTO"
)
_AT = "'2026-03-02 12:00:00.000000'"

PEOPLE = (
    f"{_NUMBERS} account (account_id, external_id, email, phone, locale, attributes, created_at, skips_used,"
    " sms, facts_version, email_verified_at, stuck_since, stuck_reason, held_since, cannot_since, cannot_reason)"
    " SELECT printf('a%08d', i), printf('x%08d', i), printf('%d@example.org', i), printf('+49151%08d', i),"
    f" 'en', '{{}}', {_AT}, 0, CASE i % 10 WHEN 0 THEN 'suspended' WHEN 1 THEN 'removed' ELSE 'on' END, 2,"
    f" CASE WHEN i % 2 THEN {_AT} END, CASE WHEN i % 20 = 1 THEN {_AT} END,"
    " CASE WHEN i % 20 = 1 THEN 'nudges_used_up' END, "
    f" CASE WHEN i % 30 = 1 THEN {_AT} END, CASE WHEN i % 70 = 1 THEN {_AT} END,"
    " CASE WHEN i % 70 = 1 THEN 'no_device' END FROM n",
    f"{_NUMBERS} member (cohort_id, account_id, bucket, held_out, enrolled_at, wave, launched_at)"
    f" SELECT :cohort, printf('a%08d', i), i % 10000, i % 20 = 0, {_AT},"
    f" CASE WHEN i % 20 THEN i % 3 END, CASE WHEN i % 20 THEN {_AT} END FROM n",
    f"{_NUMBERS} journey (account_id, policy_id, policy_changes, started_at)"
    f" SELECT printf('a%08d', i), :policy, 0, {_AT} FROM n WHERE i % 20",
    f"{_NUMBERS} passkey (passkey_id, credential_id, account_id, public_key, sign_count, aaguid, transports,"
    " backup_eligible, backed_up, name, platform, bound_at, bound_by, last_used_at, root, rooted_at, way,"
    " established_from)"
    " SELECT printf('p%08d', i), printf('c%08d', i), printf('a%08d', i), x'00', 0, '', '[]', i % 3 = 0, i % 3 = 0,"
    f" 'a phone', 'Android', {_AT}, 'sms', CASE WHEN i % 5 THEN {_AT} END, 'sms', {_AT}, 'notice',"
    f" CASE WHEN i % 25 = 1 THEN NULL ELSE {_AT} END"
    " FROM n WHERE i % 2",
    f"{_NUMBERS} passkey_day (passkey_id, day) SELECT printf('p%08d', i), '2026-03-02' FROM n WHERE i % 2 AND i % 5",
    f"{_NUMBERS} contact_fault (account_id, channel, contact, fate, reason, since) SELECT printf('a%08d', i),"
    f" 'email', printf('%d@example.org', i), 'bounced', '550', {_AT} FROM n WHERE i % 100 = 1",
    f"{_NUMBERS} failed_ceremony (account_id, at, ceremony, name, platform) SELECT printf('a%08d', i), {_AT},"
    " 'registration', 'NotAllowedError', 'Android' FROM n WHERE i % 50 = 1",
    f"{_NUMBERS} journal (account_id, version, kind, actor, at, detail, published_at)"
    f" SELECT printf('a%08d', i), 1, 'account_imported', 'host', {_AT}, '{{}}', {_AT} FROM n",
    f"{_NUMBERS} journal (account_id, version, kind, actor, at, detail, published_at)"
    " SELECT printf('a%08d', i), 2, 'passkey_signed_in', 'person',"
    f" {_AT}, '{{\"milliseconds\": 4000}}', {_AT} FROM n",
)
"""A million people by a few statements: half have a passkey, one in twenty is held out, and some do not get on."""

BATCH = 100_000


def main() -> None:
    """Fill a database, read its figures, scrape them."""
    options = _parser().parse_args()
    with ground(with_temporal=False) as place:
        database = Database(place.settings.database_url)
        _populate(database, options.people)
        print(f"{options.people} accounts; {machine()}")
        counting = [_timed(lambda: _count(database)) for _ in range(options.rounds)]
        print(f"SELECT COUNT(*)   {1000 * median(counting):.1f} ms")
        snapshot = Snapshot(database, clock, every=timedelta(seconds=15), sms_price=0.05)
        for part in snapshot.parts:
            part.refresh(clock)
            print(f"reading {part.name:<10}{part.took:.2f} s, {part.took / median(counting):.0f} of a count")
        settings = place.settings.model_copy(update={"metrics_port": PORT})
        durations = _scrapes(settings, snapshot, options.rounds)
        print(f"scraping          {1000 * median(durations):.1f} ms; longest {1000 * max(durations):.1f} ms")
        snapshot.parts[1].refresh(clock)
        print(f"reading totals    {snapshot.parts[1].took:.2f} s when nothing is new")
        database.close()
    print(machine())


def _scrapes(settings: Settings, snapshot: Snapshot, rounds: int) -> list[float]:
    with exporting.served(settings, MetricsSource.DATABASE, snapshot):
        return [_timed(_scrape) for _ in range(10 * rounds)]


def _scrape() -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics") as answer:
        answer.read()


def _count(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SELECT COUNT(*) FROM account")).scalar_one()


def _timed(act: Callable[[], None]) -> float:
    began_at = time.perf_counter()
    act()
    return time.perf_counter() - began_at


def _populate(database: Database, people: int) -> None:
    with database.transaction() as session:
        policy_id, cohort_id = _rules(session, STANDARD)
    for start in range(0, people, BATCH):
        for statement in PEOPLE:
            with database.transaction() as session:
                _fill(session, statement, start, min(start + BATCH, people), cohort_id, policy_id)


def _rules(session: Session, policy: Policy) -> tuple[str, str]:
    row = cohorts.add(session, make_cohort(), at=clock(), by="benchmark", reason="to measure")
    return policies.store(session, policy, at=clock()), row.cohort_id


def _fill(session: Session, statement: str, start: int, end: int, cohort_id: str, policy_id: str) -> None:
    now = f"{clock():%Y-%m-%d %H:%M:%S}.000000"
    values = {"first": start, "last": end, "cohort": cohort_id, "policy": policy_id, "now": now}
    parameters = {name: value for name, value in values.items() if f":{name}" in statement}
    session.execute(text(statement), parameters)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scraping", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="accounts in the database")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    return parser


if __name__ == "__main__":
    main()
