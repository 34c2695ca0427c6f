"""What is written out for a person: every row about them from every table, in words too, and no secret."""

import json
from dataclasses import asdict
from html.parser import HTMLParser

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from api.web.export_pages import standalone
from domain.journal import Actor, EventKind
from domain.rights.kept_tables import PERSONAL
from domain.rights.retention import Retention
from domain.staff.staff import Author
from domain.words.kept_words import TITLES
from offramp.views.terminal import json_text
from services.rights import exports
from services.rights.exports import AccountExport, ExportForm
from store import Database
from store.people import accounts, journal
from store.rights import personal_rows
from store.rights.personal_rows import MEMBER, NOT_SHOWN
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import make_account
from tests.services.rights.export_schema import DOCUMENT, schema
from tests.whole_persons import EMAIL, EXTERNAL_ID, PHONE, make_whole_person

SAM = Author(by="sam@example.com", came_from="this machine")


@pytest.fixture
def ada(database: Database) -> str:
    return make_whole_person(database)


def write_out(database: Database, account_id: str, form: ExportForm = ExportForm.JSON) -> AccountExport:
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        return exports.write_out(
            session,
            account,
            SAM,
            form,
            service="Example",
            retention=Retention(),
            reason="they asked",
            at=START,
        )


def test_every_table_with_people_has_rows_of_somebody_about_whom_all_say_something(
    database: Database, ada: str
) -> None:
    export = write_out(database, ada)
    assert [table.name for table in export.tables] == [kept.name for kept in PERSONAL]
    assert [table.name for table in export.tables if not table.rows] == []


def test_every_row_of_every_table_is_written_out_and_nobody_elses(database: Database, ada: str) -> None:
    with database.transaction() as session:
        bob = make_account(session, external_id="bob", email="bob@example.com").account_id
        journal.append(session, bob, EventKind.SIGNED_OUT, at=START, actor=Actor.PERSON)
    with database.reading() as session:
        rows = personal_rows.read(session, ada)
        in_all = {
            kept.name: session.execute(text(f'SELECT count(*) FROM "{kept.name}"')).scalar_one()
            for kept in PERSONAL
        }
    assert {name: len(found) for name, found in rows.items()} == in_all | {
        "account": 1,
        "journal": in_all["journal"] - 1,
    }
    assert "bob" not in json.dumps(rows)


def test_contacts_are_there_in_full_and_secrets_are_not(database: Database, ada: str) -> None:
    written = json_text(asdict(write_out(database, ada)))
    shown = {word: word in written for word in (PHONE, EMAIL, EXTERNAL_ID, "Lovelace's phone")}
    assert set(shown.values()) == {True}, shown
    rows = json.loads(written)["tables"]
    assert "secret digest" not in written
    assert "secret ending" not in written
    assert "secret token" not in written
    by_name = {table["name"]: table["rows"] for table in rows}
    assert {row["digest"] for row in by_name["recovery_code"]} == {NOT_SHOWN}
    assert by_name["link"][0]["link_id"] == NOT_SHOWN
    assert by_name["door_note"][0]["detail"] == NOT_SHOWN


def test_sessions_are_numbered_because_their_ids_are_made_from_tokens(database: Database, ada: str) -> None:
    with database.reading() as session:
        session_id = session.execute(text("SELECT session_id FROM session")).scalar_one()
    export = write_out(database, ada)
    assert session_id not in json_text(asdict(export))
    by_name = {table.name: table.rows for table in export.tables}
    assert by_name["session"][0]["session_id"] == by_name["link"][0]["made_in"] == "session 1"


def test_members_of_staff_are_not_named(database: Database, ada: str) -> None:
    export = write_out(database, ada)
    with database.reading() as session:
        staff_ids = session.execute(text("SELECT staff_id FROM staff")).scalars().all()
    written = json_text(asdict(export))
    assert [staff_id for staff_id in staff_ids if staff_id in written] == []
    by_name = {table.name: table.rows for table in export.tables}
    assert by_name["audit"][0]["by"] == by_name["audit"][0]["came_from"] == MEMBER
    assert by_name["objection"][0]["settled_by"] == MEMBER
    noted = next(row for row in by_name["journal"] if row["kind"] == EventKind.NOTED)
    assert noted["detail"] == {"by": MEMBER, "reason": "Lovelace called"}


def test_that_it_was_written_out_is_in_the_journal_and_in_the_audit(database: Database, ada: str) -> None:
    write_out(database, ada, ExportForm.HTML)
    with database.reading() as session:
        entry = journal.of_account(session, ada)[-1]
        *_, audited = audit.read(session, Sought(account_id=ada))
    assert (entry.kind, entry.detail) == ("data_exported", {"form": "html", "by": "sam"})
    assert (audited.kind, audited.by, audited.reason) == ("data_exported", "sam@example.com", "they asked")


def test_the_history_tells_each_entry_in_a_sentence(database: Database, ada: str) -> None:
    export = write_out(database, ada)
    told = [(one.who, one.sentence) for one in export.history]
    assert told[0] == ("The service", "The way to passkeys began.")
    with database.reading() as session:
        assert len(told) == len(journal.of_account(session, ada)) - 1  # but for the writing out itself


def test_the_json_has_the_schema_that_is_in_the_repository(database: Database, ada: str) -> None:
    assert json.loads(DOCUMENT.read_text()) == schema()
    written = json_text(asdict(write_out(database, ada)))
    again = TypeAdapter(AccountExport).validate_json(written, strict=False)
    assert (again.format, again.version, again.external_id) == ("offramp.account-export", 1, EXTERNAL_ID)


class Page(HTMLParser):
    """What a page fetches from elsewhere, its headings, ids, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.ids |= {values.get("id") or ""}
        self.targets |= {(values.get("href") or "#").removeprefix("#")} if tag == "a" else set()
        self.fetched += [value for name in ("src", "srcset", "data") if (value := values.get(name))]
        self.fetched += ["link"] if tag in ("link", "script", "iframe", "object") else []


def test_the_page_needs_no_other_file_and_its_links_lead_to_its_parts(database: Database, ada: str) -> None:
    shown = standalone(write_out(database, ada))
    page = Page(shown)
    assert page.fetched == []
    assert "url(" not in shown
    assert "@import" not in shown
    assert page.targets - {""} <= page.ids
    assert page.tags.count("h1") == 1
    assert PHONE in shown
    assert "secret digest" not in shown


def test_how_long_is_told_in_days_and_not_by_a_settings_name(database: Database, ada: str) -> None:
    export = write_out(database, ada)
    kept_for = {table.name: table.kept_for for table in export.tables}
    assert [words for words in kept_for.values() if "OFFRAMP" in words] == []
    assert kept_for["session"].startswith("1 day after its end")
    assert "90 days after its end" in kept_for["message"]


def test_every_table_has_a_title_that_a_person_understands() -> None:
    assert list(TITLES) == [kept.name for kept in PERSONAL]


def test_what_a_person_has_typed_is_no_markup(database: Database, ada: str) -> None:
    with database.transaction() as session:
        account = accounts.lock(session, ada)
        account.attributes = {"name": "<script>alert(1)</script>"}
        session.add(account)
    assert "script" not in Page(standalone(write_out(database, ada))).tags


def test_somebody_about_whom_next_to_nothing_is_kept_has_a_page_too(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
    shown = standalone(write_out(database, account_id))
    assert "Nothing yet." in shown
    assert "Where nothing is kept about you" in shown
