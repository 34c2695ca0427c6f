"""Migrations make exactly the tables that the models describe, and can be undone."""

import warnings
from datetime import timedelta
from functools import partial
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from domain.codes import digest
from domain.desk.acts import Act
from domain.facts import Channel, SmsState
from domain.journal import Actor
from domain.messages.messages import Fate, MessageState, Template
from domain.rollouts.cohorts import Ineligibility
from domain.staff.approvals import Hand
from domain.staff.staff import Role
from store import Database, revisions, schema
from store.engine import heartbeats
from store.engine.heartbeats import ProcessKind
from store.journeys import facts, sim_checks, sms
from store.messages import callback_counts, contact_faults, fates, messages, notices, outages
from store.people import accounts, known_browsers, one_time_codes, passkeys
from store.people.known_browsers import Stem
from store.people.one_time_codes import CodePurpose
from store.rollouts import passed_over
from store.rollouts.members import Member
from store.safety.objections import Objection
from store.staff import staff_requests, staff_sessions
from store.staff.staff_sessions import StaffCeremony
from store.tables import METADATA, TABLE_MODULES
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_member,
    make_policy,
    make_ready_account,
    make_web_session,
    put_sms,
    send_everything,
)
from tests.staff import make_staff
from tests.store.racing import at_once


def downgrade(database: Database, *, to: str = "base") -> None:
    config = schema._config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def tables(database: Database) -> set[str]:
    return {*inspect(database.engine).get_table_names()} - {"alembic_version"}


def indexes(database: Database) -> set[str]:
    """Those that were made as such, by name; keys and unique columns have theirs anyway."""
    by_name = {
        True: "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        False: "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix\\_%'",
    }
    with database.engine.connect() as connection:
        return set(connection.execute(text(by_name[database.is_sqlite])).scalars())


def difference(database: Database) -> list[Any]:
    """What the models describe and the database has otherwise.

    SQLite does not tell what an index computes: of those that compute anything PostgreSQL alone shows that they do.
    """
    with warnings.catch_warnings(), database.engine.connect() as connection:
        if database.is_sqlite:
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            warnings.filterwarnings(
                "ignore", "autogenerate skipping metadata-specified expression-based index"
            )
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection), METADATA)
    return differences


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    assert difference(database) == []
    assert tables(database) == {*METADATA.tables}
    described = {index.name for table in METADATA.tables.values() for index in table.indexes}
    assert indexes(database) == described


def test_every_module_with_a_table_is_part_of_the_schema() -> None:
    modules = {mapper.class_.__module__ for mapper in SQLModel._sa_registry.mappers}
    assert modules == {module.__name__ for module in TABLE_MODULES}


def test_a_database_goes_up_down_and_up_again(empty_url: str) -> None:
    database = Database(empty_url)
    assert revisions.current(database) is None
    schema.migrate(database)
    assert revisions.current(database) == revisions.newest()
    downgrade(database)
    assert tables(database) == set()
    schema.migrate(database)
    assert tables(database) == {*METADATA.tables}
    database.close()


def test_going_back_a_revision_and_up_again_keeps_what_was_there_before(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, phone_zone="Europe/Berlin").account_id
        sms.give_notice(session, account_id, make_policy(notice=timedelta(days=7)), at=START)
        send_everything(session, account_id)
        session.add(
            Objection(
                account_id=account_id,
                message_key="a notice",
                template=Template.PASSKEY_BOUND,
                made_at=START,
                passkey_id=passkeys.active(session, account_id)[0].passkey_id,
            )
        )
        for message in messages.of_account(session, account_id):
            fates.note(session, message.key, Fate.BOUNCED, reason="bounced", at=START)
        outages.note_failure(session, "sendgrid", reason="http_503", now=START)
        callback_counts.count(session, "sendgrid", "news", times=2, at=START)
    downgrade(database, to="0002")
    assert not {"contact_fault", "outage", "callback_count", "objection"} & tables(database)
    schema.migrate(database)
    with database.reading() as session:
        account_facts = facts.read(session, account_id)
        said = messages.of_account(session, account_id)
        account = accounts.get(session, account_id)
    assert (account.phone_zone, account.disputed_since, account.capped_until) == (None, None, None)
    assert (account_facts.passkeys, account_facts.sms, account_facts.noticed_at) == (
        2,
        SmsState.NOTICE,
        START,
    )
    assert {(message.state, message.fate) for message in said} == {(MessageState.SENT, None)}
    assert difference(database) == []


def test_a_browser_that_was_known_before_stays_known_and_stems_from_nothing_known(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        known_browsers.remember(session, "browser", account_id, at=START, stem=Stem(session_id="a visit"))
    downgrade(database, to="0012")
    schema.migrate(database)
    with database.transaction() as session:
        assert known_browsers.is_known(session, "browser", account_id, now=START)
        known_browsers.forget(
            session, account_id, session_ids={"a visit"}, passkey_ids={""}, set_ids={""}, app_ids={""}
        )
        assert known_browsers.is_known(session, "browser", account_id, now=START)


def test_where_nobody_was_asked_about_a_sim_before_somebody_is_asked_after_the_migration(
    database: Database,
) -> None:
    with database.transaction() as session:
        unasked = make_ready_account(session, sim_answer="unknown", sim_asked_at=START)
        asked = make_ready_account(
            session, sim_answer="unknown", sim_asked_at=START, sim_claimed_at=START, external_id="asked"
        )
        account_ids = unasked.account_id, asked.account_id
    downgrade(database, to="0012")
    schema.migrate(database)
    with database.transaction() as session:
        assert sim_checks.ask_again(session, "twilio", at=START) == 1
        rows = [accounts.get(session, account_id) for account_id in account_ids]
    assert [row.sim_asked_at for row in rows] == [None, START]


def test_members_of_before_keep_their_places_and_nobody_counts_as_passed_over(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        launched_id = make_member(session, cohort_id, bucket=7)
        waiting_id = make_member(session, cohort_id, bucket=8, wave=None, launched_at=None)
        reasons = {waiting_id: Ineligibility.EXCLUDED}
        passed_over.note(session, cohort_id, reasons, at=START)
    downgrade(database, to="0018")
    schema.migrate(database)
    with database.transaction() as session:
        rows = [session.get_one(Member, (cohort_id, each)) for each in (launched_id, waiting_id)]
        assert [(row.bucket, row.wave, row.launched_at) for row in rows] == [(7, 0, START), (8, None, None)]
        assert passed_over.counts(session, cohort_id) == {}
        passed_over.note(session, cohort_id, reasons, at=START)
        assert passed_over.counts(session, cohort_id) == {Ineligibility.EXCLUDED: 1}
    assert difference(database) == []


def test_a_request_of_an_earlier_release_keeps_its_meaning(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        asked_by = make_staff(session, "sam@example.com", Role.SUPPORT).staff_id
        sam = Hand(staff_id=asked_by, session_id="a browser", passkey_id=None)
        request = staff_requests.ask(session, sam, Act.EXTEND, account_id, reason="ill", at=START, days=60)
        request_id = request.request_id
    downgrade(database, to="0006")
    schema.migrate(database)
    with database.reading() as session:
        request = staff_requests.get(session, request_id)
        assert (request.act, request.days, request.reason) == (Act.EXTEND, 60, "ill")
        assert (request.target, request.rest, request.outcome) == ("", None, None)
        assert request.waits(START)


def test_a_code_that_waits_for_its_answer_still_knows_its_account_after_the_migration(
    database: Database,
) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_web_session(session, "token")
        purpose, session_id = CodePurpose.SIGN_IN, digest("token")
        one_time_codes.issue(
            session,
            session_id=session_id,
            purpose=purpose,
            account_id=account_id,
            digest="digest",
            now=START,
        )
    downgrade(database, to="0006")
    schema.migrate(database)
    with database.reading() as session:
        code = one_time_codes.latest(session, session_id, purpose)
    assert code
    assert code.asked_for == account_id


def test_a_members_ceremony_that_is_under_way_is_finished_after_the_migration_and_after_going_back(
    database: Database,
) -> None:
    with database.transaction() as session:
        session_id = staff_sessions.start(session, "token", now=START).session_id
        for number, ceremony in enumerate(
            (StaffCeremony.SIGN_IN, StaffCeremony.SIGN_IN, StaffCeremony.STEP_UP)
        ):
            at = START + timedelta(seconds=number)
            staff_sessions.ask(session, session_id, ceremony, b"%d" % number, now=at)
    downgrade(database, to="0012")
    query = text("SELECT ceremony, challenge FROM staff_challenge ORDER BY ceremony")
    with database.reading() as session:
        kept = [(ceremony, bytes(challenge)) for ceremony, challenge in session.execute(query)]
    assert kept == [(StaffCeremony.SIGN_IN, b"1"), (StaffCeremony.STEP_UP, b"2")]
    schema.migrate(database)
    with database.transaction() as session:
        take = partial(staff_sessions.take, session, session_id, now=START)
        assert take(StaffCeremony.SIGN_IN, b"1") == START + timedelta(seconds=1)
        assert take(StaffCeremony.STEP_UP, b"2") == START + timedelta(seconds=2)
        staff_sessions.ask(session, session_id, StaffCeremony.SIGN_IN, b"another tab", now=START)
    assert difference(database) == []


def test_the_workers_sign_of_life_stays_the_workers(database: Database) -> None:
    with database.transaction() as session:
        heartbeats.beat(session, "relay", ProcessKind.WORKER, at=START, offset=timedelta(minutes=5))
    downgrade(database, to="0030")
    schema.migrate(database)
    with database.reading() as session:
        (process,) = heartbeats.living(session, now=START)
    assert (process.name, process.kind, process.offset) == ("relay", ProcessKind.WORKER, timedelta())


def test_migrating_again_changes_nothing(database: Database) -> None:
    schema.migrate(database)
    assert revisions.current(database) == revisions.newest()


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    def start() -> str | None:
        database = Database(empty_url)
        schema.migrate(database)
        try:
            return revisions.current(database)
        finally:
            database.close()

    assert at_once(start, times=4) == [revisions.newest()] * 4


def test_going_back_before_gathered_notices_leaves_each_of_them_sent_or_to_be_sent(
    database: Database,
) -> None:
    with database.transaction() as session:
        account = make_ready_account(session)
        account_id = account.account_id
        for number in range(20):
            event = f"{number}"
            notices.tell(session, account, Template.RECOVERY_CODES_MADE, event=event, at=START)
    downgrade(database, to="0006")
    with database.reading() as session:
        query = text("SELECT template, state, count(*) FROM message GROUP BY template, state")
        counted = {(template, state): count for template, state, count in session.execute(query)}
    assert counted == {
        (Template.RECOVERY_CODES_MADE, MessageState.QUEUED): 40,
        (Template.SEVERAL_CHANGES, MessageState.SKIPPED): 2,
    }
    schema.migrate(database)
    with database.reading() as session:
        assert len(messages.of_account(session, account_id)) == 42


def test_what_providers_refused_before_this_release_gets_its_meaning(database: Database) -> None:
    reasons = {"a": "twilio_21610", "b": "twilio_30034", "c": "twilio_30003", "d": "one_click"}
    with database.transaction() as session:
        account_ids = {}
        for name, reason in reasons.items():
            account = make_ready_account(session)
            account_ids[name] = account.account_id
            fate = Fate.UNSUBSCRIBED if name in ("a", "d") else Fate.BLOCKED
            contact_faults.note(
                session,
                account.account_id,
                Channel.SMS,
                contact=account.phone or "",
                fate=fate,
                reason=reason,
                at=START,
            )
            sms.give_notice(session, account.account_id, make_policy(), at=START)
        put_sms(session, accounts.get(session, account_ids["d"]), SmsState.SUSPENDED, at=START)
        sms.restore(session, account_ids["d"], at=START, actor=Actor.STAFF, reason="a test")
        for message in messages.of_account(session, account_ids["d"]):
            message.values = {key: said for key, said in message.values.items() if key != "stopped"}
    downgrade(database, to="0012")
    schema.migrate(database)
    with database.reading() as session:
        found = {name: facts.read(session, account_id) for name, account_id in account_ids.items()}
        faults = contact_faults.of_accounts(session, list(account_ids.values()))
        restored = [
            message.values
            for message in messages.of_account(session, account_ids["d"])
            if message.template == Template.SMS_RESTORED
        ]
    kept = {name: faults[account_id, Channel.SMS].fate for name, account_id in account_ids.items()}
    assert kept == {"a": "stopped", "b": "withheld", "c": "blocked", "d": "unsubscribed"}
    assert [name for name, read in found.items() if read.texts_stopped] == ["a"]
    assert restored
    assert all(values == {"stopped": "no"} for values in restored)
