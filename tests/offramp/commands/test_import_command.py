"""`offramp accounts import`, as it is typed."""

import json
from pathlib import Path

import pytest

from store import Database
from store.people import accounts
from store.people.accounts import Account
from tests.offramp.conftest import Run

FILE = b"""external_id,email,phone
ada,ada@example.com,+442079460101
bilal,bilal@example,+4915112345602
chiara,,+390612345603
ada,,+442079460101
"""


def account(database: Database, external_id: str) -> Account:
    with database.reading() as session:
        row = accounts.by_external_id(session, external_id)
    assert row is not None
    return row


def write(content: bytes, name: str = "accounts.csv") -> str:
    Path(name).write_bytes(content)
    return name


def test_good_lines_are_kept_and_bad_ones_told_with_number_and_reason(
    offramp: Run, home_database: Database
) -> None:
    ran = offramp("accounts", "import", write(FILE))
    assert ran.code == 1
    assert ran.out == "2 new, 0 changed, 0 unchanged, 2 bad\n"
    first, second = ran.err.splitlines()
    assert first.startswith("line 3: email: ")
    assert second == "line 5: external_id: it is on line 2 already"
    with home_database.reading() as session:
        assert accounts.count(session) == 2


def test_a_clean_file_imports_silently_and_the_second_time_changes_nothing(offramp: Run) -> None:
    name = write(b"external_id,phone\nada,+442079460101\n")
    first, second = offramp("accounts", "import", name), offramp("accounts", "import", name)
    assert (first.code, first.err, first.out) == (0, "", "1 new, 0 changed, 0 unchanged, 0 bad\n")
    assert (second.code, second.err, second.out) == (0, "", "0 new, 0 changed, 1 unchanged, 0 bad\n")


def test_machines_get_the_same_as_json(offramp: Run) -> None:
    ran = offramp("accounts", "import", write(FILE), "--json")
    answer = json.loads(ran.out)
    assert ran.code == 1
    assert ran.err == ""
    assert {name: answer[name] for name in ("new", "changed", "unchanged", "bad")} == {
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "bad": 2,
    }
    assert [bad["line"] for bad in answer["bad_lines"]] == [3, 5]


def test_what_is_told_of_a_bad_line_holds_no_personal_data(offramp: Run) -> None:
    ran = offramp("accounts", "import", write(b"external_id,phone,email\na,+49 1234,b\nc,hush,hush@hush\n"))
    assert ran.code == 1
    for secret in ("1234", "hush"):
        assert secret not in ran.err


def test_standard_input_is_read_as_what_it_is_said_to_be(offramp: Run) -> None:
    line = b'{"external_id": "ada", "phone": "020 7946 0101", "attributes": {"plan": "family"}}\n'
    ran = offramp("accounts", "import", "-", "--format", "ndjson", "--region", "GB", stdin=line)
    assert (ran.code, ran.out) == (0, "1 new, 0 changed, 0 unchanged, 0 bad\n")


def test_more_accounts_than_one_batch_holds_all_arrive(offramp: Run, home_database: Database) -> None:
    rows = "".join(f"u{number},+49151{number:08d}\n" for number in range(10000000, 10001200))
    ran = offramp("accounts", "import", write(b"external_id,phone\n" + rows.encode()))
    assert ran.out == "1200 new, 0 changed, 0 unchanged, 0 bad\n"
    with home_database.reading() as session:
        assert accounts.count(session) == 1200


def test_a_replaced_address_that_was_verified_is_told_of(offramp: Run, home_database: Database) -> None:
    offramp("accounts", "import", write(b"external_id,phone,email\nada,+442079460101,ada@example.com\n"))
    with home_database.transaction() as session:
        ada = accounts.by_external_id(session, "ada")
        assert ada is not None
        ada.email_verified_at = ada.created_at
        session.add(ada)
    ran = offramp(
        "accounts", "import", write(b"external_id,phone,email\nada,+442079460101,ada@example.org\n")
    )
    assert ran.out == "0 new, 1 changed, 0 unchanged, 0 bad\n"
    assert "1 verified e-mail addresses were replaced" in ran.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nowhere.csv",), "nowhere.csv cannot be read: No such file"),
        (("folder.csv",), "folder.csv cannot be read: Is a directory"),
        (("accounts.xlsx",), "--format csv or --format ndjson"),
        (("-",), "--format csv or --format ndjson"),
        (("accounts.csv", "--region", "Germany"), "two capital letters"),
        (("accounts.csv", "--format", "xml"), "--format"),
        (("headless.csv",), "lacks external_id and phone"),
        (("empty.csv",), "the file is empty"),
    ],
)
def test_wrong_usage_says_what_to_do(offramp: Run, arguments: tuple[str, ...], reason: str) -> None:
    Path("folder.csv").mkdir()
    write(FILE)
    write(b"ada,+442079460101\n", "headless.csv")
    write(b"", "empty.csv")
    ran = offramp("accounts", "import", *arguments)
    assert ran.code == 2
    assert reason in ran.err
    assert "Traceback" not in ran.err


def test_a_number_that_two_lines_have_is_imported_and_warned_of(
    offramp: Run, home_database: Database
) -> None:
    name = write(b"external_id,phone\nada,+442079460101\nbilal,+442079460101\nchiara,+390612345603\n")
    ran = offramp("accounts", "import", name)
    assert (ran.code, ran.out) == (0, "3 new, 0 changed, 0 unchanged, 0 bad\n")
    warning = "another account has the same phone number"
    assert [line.split(": ")[:3] for line in ran.err.splitlines()[:2]] == [
        [f"line {number}", "warning", warning] for number in (2, 3)
    ]
    assert [line[-10:] for line in ran.err.splitlines()[:2]] == ["see line 3", "see line 2"]
    assert ran.err.splitlines()[-1].startswith("2 lines have a number or address that another account has")
    answer = json.loads(offramp("accounts", "import", name, "--json").out)
    assert (answer["shared"], [shared["line"] for shared in answer["shared_lines"]]) == (2, [2, 3])


def test_a_number_that_a_spreadsheet_took_the_plus_of_is_refused_until_somebody_says_what_it_is(
    offramp: Run, home_database: Database
) -> None:
    name = write(b"external_id,phone\nada,4915112350018\nbilal,0151 12345602\n")
    ran = offramp("accounts", "import", name, "--region", "DE")
    assert (ran.code, ran.out) == (1, "1 new, 0 changed, 0 unchanged, 1 bad\n")
    assert "line 2: phone: it is +49 491… as dialled in DE, or +49 151… without its plus" in ran.err
    assert "12350018" not in ran.err
    ran = offramp("accounts", "import", name, "--region", "DE", "--without-plus", "international")
    assert (ran.code, ran.out) == (0, "1 new, 0 changed, 1 unchanged, 0 bad\n")
    assert account(home_database, "ada").phone == "+4915112350018"


ODD = (
    b"""external_id,phone,email
ada,+442079460101,a..b@docomo.ne.jp
bilal,+225 07 12 34 56,bilal@example.com
chiara,+52 1 55 1234 5678,"""
    + b'"""chi ara""@example.com"\n'
)


def test_a_contact_that_cannot_be_used_does_not_cost_the_account(
    offramp: Run, home_database: Database
) -> None:
    ran = offramp("accounts", "import", write(ODD))
    assert (ran.code, ran.out) == (0, "3 new, 0 changed, 0 unchanged, 0 bad\n")
    assert [line[: line.index(":", 18)] for line in ran.err.splitlines()[:3]] == [
        "line 2: left out: email",
        "line 3: left out: phone",
        "line 4: left out: email",
    ]
    assert "docomo" not in ran.err
    ada, bilal, chiara = (account(home_database, name) for name in ("ada", "bilal", "chiara"))
    assert (ada.phone, ada.email) == ("+442079460101", None)
    assert (bilal.phone, bilal.email) == (None, "bilal@example.com")
    assert (chiara.phone, chiara.email) == ("+525512345678", None)


def test_machines_are_told_what_was_left_out(offramp: Run) -> None:
    answer = json.loads(offramp("accounts", "import", write(ODD), "--json").out)
    assert (answer["bad"], answer["left_out"]) == (0, 3)
    assert [left["line"] for left in answer["left_out_lines"]] == [2, 3, 4]
    assert answer["left_out_lines"][1]["reason"] == "phone: no such number is assigned in its country"


def test_a_contact_that_is_left_out_takes_no_verified_ones_place(
    offramp: Run, home_database: Database
) -> None:
    offramp("accounts", "import", write(b"external_id,phone,email\nada,+442079460101,ada@example.com\n"))
    with home_database.transaction() as session:
        ada = accounts.by_external_id(session, "ada")
        assert ada is not None
        ada.email_verified_at = ada.created_at
        session.add(ada)
    odd = b"external_id,phone,email\nada,+225 07 12 34 56,ada.@example.com\n"
    for _ in range(2):
        ran = offramp("accounts", "import", write(odd))
        assert (ran.code, ran.out) == (0, "0 new, 0 changed, 1 unchanged, 0 bad\n")
        assert "2 contacts cannot be used and were left out; what the accounts had stays." in ran.err
    ada = account(home_database, "ada")
    assert (ada.phone, ada.email, ada.email_verified_at) == (
        "+442079460101",
        "ada@example.com",
        ada.created_at,
    )


def test_nothing_is_said_to_be_left_out_of_a_line_that_cannot_be_used(offramp: Run) -> None:
    name = write(b"external_id,phone,email,country\nada,+442079460101,a..b@docomo.ne.jp,Britain\n")
    answer = json.loads(offramp("accounts", "import", name, "--json").out)
    assert (answer["bad"], answer["left_out"]) == (1, 0)
