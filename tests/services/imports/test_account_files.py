"""Reading files of accounts: every kind of bad line costs only itself, and is told with its number and reason."""

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import OtherMethod, SmsMethod
from services.imports.account_files import FileFormat, records
from services.imports.account_records import COLUMNS, BadRow, account_of
from services.imports.file_lines import LONGEST_LINE, BadLine
from services.imports.file_records import FileRecord, UnreadableFile

HEADER = b"external_id,phone,email\n"
GOOD = b"ada,+442079460101,ada@example.com\n"


def read(content: bytes, file_format: FileFormat = FileFormat.CSV) -> list[FileRecord | BadLine]:
    return list(records(io.BytesIO(content), file_format, COLUMNS))


def bad(content: bytes, file_format: FileFormat = FileFormat.CSV) -> list[tuple[int, str]]:
    return [(line.line, line.reason) for line in read(content, file_format) if isinstance(line, BadLine)]


def good(content: bytes, file_format: FileFormat = FileFormat.CSV) -> list[int]:
    return [line.line for line in read(content, file_format) if isinstance(line, FileRecord)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"bilal,+4915112345602\n", "2 columns where the first line names 3"),
        (b"bilal,+4915112345602,,,\n", "5 columns where the first line names 3"),
        (b"bil\0al,+4915112345602,\n", "the line contains a NUL byte"),
        (b"bilal,+4915112345602,\xff\xfe\n", "the line is not UTF-8 (byte 22)"),
        (b"J\xfcrgen,+4915112345602,\n", "the line is not UTF-8 (byte 2)"),
        (b"bilal," + b"9" * LONGEST_LINE + b",\n", "the line is longer than 64 KiB"),
        (b'bilal,"+4915112345602,\n', "a quotation mark is not closed"),
        (b'bilal,"+49"151"12345602",\n', "a quotation mark is in the wrong place"),
    ],
)
def test_a_bad_line_is_told_and_its_neighbours_are_kept(line: bytes, reason: str) -> None:
    content = HEADER + GOOD + line + GOOD
    assert bad(content) == [(3, reason)]
    assert good(content) == [2, 4]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"name,number\n", "lacks external_id and phone"),
        (b"ada,+442079460101,ada@example.com\n", "lacks external_id and phone"),
        (b"external_id,email\n", "lacks phone"),
        (b"external_id,phone,shoe_size\n", "attr.shoe_size"),
        (b"external_id,phone,phone\n", "same name"),
        ("external_id,phone\n".encode("utf-16-le"), "NUL"),
        (b"external_id\0,phone\n", "NUL"),
        (b"\xffexternal_id,phone\n", "not UTF-8"),
        (b"x" * (LONGEST_LINE + 5), "longer than 64 KiB"),
    ],
)
def test_a_file_without_a_usable_first_line_is_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read(content)


def test_spreadsheets_are_understood() -> None:
    (record,) = read(b"\xef\xbb\xbfexternal_id;phone;email\r\nada;+442079460101;\r\n")
    assert isinstance(record, FileRecord)
    assert record.fields == {"external_id": "ada", "phone": "+442079460101", "email": ""}


@pytest.mark.parametrize(
    "header",
    [
        "External_ID,Phone,E-Mail",
        "external id,phone,email",
        "externalId,PHONE,eMail",
        "External-Id , phone ,\ufeffEmail",
        '"External\nID","Phone",email',
        "\n\nexternal_id,phone,email",
        "sep=,\nexternal_id,phone,email",
        '"sep=,"\n\nexternal_id,phone,email',
    ],
)
def test_the_columns_are_known_by_any_spelling(header: str) -> None:
    (record,) = read(f"{header}\n".encode() + GOOD)
    assert isinstance(record, FileRecord)
    assert record.fields == {"external_id": "ada", "phone": "+442079460101", "email": "ada@example.com"}


@pytest.mark.parametrize("separator", [";", "|", "\t", ","])
def test_a_file_may_state_its_separator_as_for_excel(separator: str) -> None:
    lines = [["external_id", "phone", "attr.a,b;c"], ["ada", "+442079460101", ""]]
    content = f"SEP={separator}\r\n" + "\r\n".join(
        separator.join(f'"{cell}"' for cell in cells) for cells in lines
    )
    (record,) = read(content.encode())
    assert isinstance(record, FileRecord)
    assert record == FileRecord(
        line=3, fields={"external_id": "ada", "phone": "+442079460101", "attr.a,b;c": ""}
    )


@pytest.mark.parametrize("spelled", ["attr.Shoe size", "Attr.Shoe size", "ATTR. Shoe size "])
def test_an_attribute_keeps_the_name_that_the_host_gave_it(spelled: str) -> None:
    (record,) = read(f"external_id,phone,{spelled}\nada,+44,7\n".encode())
    assert isinstance(record, FileRecord)
    assert record.fields["attr.Shoe size"] == "7"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_every_encoding_and_with_every_end_of_line(end: str, encoding: str) -> None:
    text = f'external_id\tphone\tattr.note{end}ada\t+442079460101\t"two{end}lines, a\ttab, ü"{end}'
    (record,) = read(text.encode(encoding))
    assert isinstance(record, FileRecord)
    account = account_of(record.fields, region=None)
    assert (account.external_id, account.phone) == ("ada", "+442079460101")
    assert account.attributes == {"note": f"two{end}lines, a\ttab, ü"}


def test_what_keeps_a_spreadsheet_from_making_numbers_is_taken_off() -> None:
    content = b'external_id,phone,email\n="007",="+442079460101","=""a@example.com"""\n'
    (record,) = read(content)
    assert isinstance(record, FileRecord)
    assert record.fields == {"external_id": "007", "phone": "+442079460101", "email": "a@example.com"}


def test_blanks_behind_separators_keep_no_quotes_in_a_cell() -> None:
    [record] = read(b'"phone", "external_id", "attr.name"\n"+442079460101", "ada", "Love, Ada"\n')
    assert isinstance(record, FileRecord)
    assert record.fields == {"phone": "+442079460101", "external_id": "ada", "attr.name": "Love, Ada"}


def test_cells_that_a_spreadsheet_left_empty_do_not_matter() -> None:
    content = b"external_id,phone,email,,\nada,+442079460101,,,\n,,,,\n;;\n,,\nbilal,+49,,,x\n"
    assert good(content) == [2]
    assert bad(content) == [
        (4, "1 columns where the first line names 5"),
        (6, "a cell stands in a column that has no name"),
    ]


@pytest.mark.parametrize("header", [b"external_id,Phone,phone\n", b"external id,external_id,phone\n"])
def test_two_spellings_of_one_column_are_refused(header: bytes) -> None:
    with pytest.raises(UnreadableFile, match="same name"):
        read(header)


def test_fields_of_ndjson_are_known_by_any_spelling() -> None:
    line = b'{"externalId": "ada", "Phone": "+442079460101", "timeZone": "Europe/London"}\n'
    (record,) = read(line, FileFormat.NDJSON)
    assert isinstance(record, FileRecord)
    assert set(record.fields) == {"external_id", "phone", "time_zone"}
    assert bad(b'{"phone": "+44", "Phone": "+45"}', FileFormat.NDJSON) == [
        (1, "two fields have the same name")
    ]


def test_a_quoted_cell_may_hold_separators_quotes_and_line_ends() -> None:
    content = b'external_id,phone,attributes\nada,+44,"{""note"":\n ""a, b""}"\nbilal,+49,\n'
    first, second = read(content)
    assert isinstance(first, FileRecord)
    assert json.loads(first.fields["attributes"]) == {"note": "a, b"}
    assert second.line == 4


def test_blank_lines_and_a_missing_last_line_end_do_not_matter() -> None:
    assert good(HEADER + b"\n" + GOOD + b"  \n" + GOOD.rstrip(b"\n")) == [3, 5]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "the line is not JSON"),
        (b"[1]", "the line is not a JSON object"),
        (b"ada,+44", "the line is not JSON"),
        (b'{"external_id": NaN}', "the line is not JSON"),
        (b"[" * 5000, "the line is not JSON"),
        (b'{"shoe_size": 1}', "unknown field 'shoe_size'"),
        (b'{"external_id": "\xff"}', "the line is not UTF-8 (byte 18)"),
        (b'{"external_id": "ada", "phone": "+441", "phone": "+442"}', "two fields have the same name"),
    ],
)
def test_a_bad_line_of_ndjson_costs_only_itself(line: bytes, reason: str) -> None:
    fine = b'{"external_id": "ada", "phone": "+442079460101"}\n'
    content = fine + line + b"\n\n" + fine
    assert bad(content, FileFormat.NDJSON) == [(2, reason)]
    assert good(content, FileFormat.NDJSON) == [1, 4]


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reading(noise: bytes) -> None:
    content = HEADER + GOOD + noise + b"\n" + GOOD
    for record in read(content):
        if isinstance(record, FileRecord):
            try_account(record)
    for record in read(b"{}\n" + noise, FileFormat.NDJSON):
        if isinstance(record, FileRecord):
            try_account(record)


def try_account(record: FileRecord) -> None:
    try:
        account_of(record.fields, region=None)
    except BadRow:
        return


ADA = {"external_id": "ada", "phone": "+44 20 7946 0101"}


def test_a_row_becomes_an_account_in_canonical_form() -> None:
    columns = {
        "email": "Ada@Example.COM",
        "locale": "en_GB",
        "time_zone": "Europe/London",
        "attributes": '{"plan": "family"}',
        "attr.age": "36",
        "attr.pet": "",
        "sim_checked_at": "2026-03-01T10:00:00Z",
        "sim_changed_at": "2026-02-01T10:00:00+01:00",
        "country": "ie",
        "risk_tier": "low",
        "last_sign_in_at": "2026-02-27T08:00:00Z",
    }
    account = account_of(ADA | columns, region=None)
    assert (account.phone, account.email, account.locale) == ("+442079460101", "Ada@example.com", "en-GB")
    assert account.attributes == {"plan": "family", "age": "36"}
    assert account.sim_checked_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert account.sim_changed_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert (account.country, account.phone_country, account.risk_tier) == ("IE", "GB", "low")
    assert (account.time_zone, account.phone_zone) == ("Europe/London", "Europe/London")
    assert account.last_sign_in_at == datetime(2026, 2, 27, 8, tzinfo=UTC)


def test_what_is_empty_is_not_told() -> None:
    account = account_of(ADA | {"email": " ", "locale": None, "attributes": "", "attr.a": ""}, region=None)
    assert (account.email, account.locale, account.time_zone, account.attributes) == (None, None, None, None)


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_the_first_day_of_the_calendar_is_a_programs_word_for_never(never: str) -> None:
    assert account_of(ADA | {"last_sign_in_at": never, "sim_changed_at": never}, region=None) == account_of(
        ADA, region=None
    )


def test_an_escape_that_somebody_typed_is_no_nul() -> None:
    attributes = {"typed": "\\u0000"}
    assert account_of(ADA | {"attributes": attributes}, region=None).attributes == attributes


def test_an_id_may_be_a_number_in_json() -> None:
    assert account_of(ADA | {"external_id": 17}, region=None).external_id == "17"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"external_id": ""}, "external_id: it is missing"),
        ({"external_id": "x" * 256}, "external_id: it is longer"),
        ({"external_id": "a\x07b"}, "external_id: it contains a character that cannot be printed"),
        ({"external_id": "a\ud800"}, "external_id: it contains a character that cannot be printed"),
        ({"external_id": True}, "external_id: it must be text"),
        ({"external_id": ["a"]}, "external_id: it must be text"),
        ({"phone": ""}, "phone: it is missing"),
        ({"phone": None}, "phone: it is missing"),
        ({"phone": "0151 12345602"}, "phone: it needs a country code"),
        ({"phone": "call me"}, "phone: "),
        ({"external_id": "\u200bada"}, "external_id: it begins or ends with a mark that nobody sees"),
        ({"external_id": "ada\u200b"}, "external_id: it begins or ends with a mark that nobody sees"),
        ({"email": "ada"}, "email: "),
        ({"locale": "English (UK)"}, "locale: it is not a language tag"),
        ({"time_zone": "Berlin"}, "time_zone: it is not an IANA time zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone: it is not an IANA time zone"),
        ({"country": "UK"}, "country: it is not a country's two letters"),
        ({"country": "Germany"}, "country: it is not a country's two letters"),
        ({"risk_tier": "x" * 65}, "risk_tier: it is longer than 64 characters"),
        ({"last_sign_in_at": "2026-03-01"}, "last_sign_in_at: it lacks its offset"),
        ({"sim_checked_at": "yesterday"}, "sim_checked_at: it is not a moment"),
        ({"sim_checked_at": "2026-03-01T10:00:00"}, "sim_checked_at: it lacks its offset"),
        ({"attributes": "{"}, "attributes: it is not JSON"),
        ({"attributes": "[]"}, "attributes: it is not a JSON object"),
        ({"attributes": 7}, "attributes: it is not a JSON object"),
        ({"attributes": '{"a": NaN}'}, "attributes: it is not JSON"),
        ({"attributes": {"a": "\0"}}, "attributes: it contains a NUL"),
        ({"attributes": {"a\0": "\\\0"}}, "attributes: it contains a NUL"),
        ({"attributes": '{"a": 1e400}'}, "attributes: a number is too large, or it is nested too deep"),
        ({"attributes": {"a": json.loads("[" * 900 + "]" * 900)}}, "attributes: a number is too large, or"),
        (
            {"last_sign_in_at": "9999-12-31T23:59:59-12:00"},
            "last_sign_in_at: it is at the end of the calendar",
        ),
        ({"attributes": {"a": "\ud800"}}, "attributes: half of a character is missing"),
        ({"email_verified": "perhaps"}, "email_verified: it is neither true nor false"),
        ({"phone_verified": 0.5}, "phone_verified: it must be text"),
        ({"sms_method": "often"}, "sms_method: it is none of only, default, one_of_several, none"),
        ({"methods": "password, fax"}, "methods: it is no list of password, totp"),
        ({"methods": [["password"]]}, "methods: it is no list of password, totp"),
        ({"methods": {"sms": "only", "fax": True}}, "methods: it has no part called 'fax'"),
        (
            {"email": {"value": "ada@example.com"}, "email_verified": True, "phone": {"value": []}},
            "phone: it must",
        ),
        ({"methods": {"sms": "only"}, "sms_method": "none"}, "sms_method: it is told twice"),
    ],
)
def test_a_bad_field_is_named_with_what_is_wrong_with_it(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRow) as refusal:
        account_of(ADA | changes, region=None)
    assert str(refusal.value).startswith(reason)


def test_a_region_lends_its_country_code() -> None:
    assert account_of(ADA | {"phone": "0151 12345602"}, region="DE").phone == "+4915112345602"


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("+499001234567", "phone: a premium-rate number is not texted"),
        ("+12025550104", "phone: its country is not served by text message"),
    ],
)
def test_a_number_that_is_never_texted_is_refused_with_its_reason(phone: str, reason: str) -> None:
    with pytest.raises(BadRow) as refusal:
        account_of(ADA | {"phone": phone}, region=None, countries=frozenset({"DE", "GB"}))
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    "fields",
    [
        {
            "email_verified": "Yes",
            "phone_verified": "0",
            "sms_method": "Default",
            "methods": "password, totp",
        },
        {
            "email_verified": True,
            "phone_verified": False,
            "sms_method": "default",
            "methods": ["password", "totp"],
        },
        {
            "email": {"value": "ada@example.com", "verified": True},
            "phone": {"value": "+442079460101", "verified": False},
            "methods": {"sms": "default", "others": ["password", "totp"]},
        },
    ],
)
def test_what_a_host_says_of_contacts_and_methods_is_read_flat_and_nested(fields: dict[str, object]) -> None:
    told = {"external_id": "ada", "phone": "+442079460101", "email": "ada@example.com"} | fields
    account = account_of(told, region=None)
    assert (account.phone, account.email) == ("+442079460101", "ada@example.com")
    assert (account.host_verified_email, account.host_verified_phone) == (True, False)
    assert account.sms_method is SmsMethod.DEFAULT
    assert account.other_methods == (OtherMethod.PASSWORD, OtherMethod.TOTP)


def test_what_a_host_does_not_say_is_not_made_up() -> None:
    account = account_of({"external_id": "ada", "phone": "+442079460101", "methods": ""}, region=None)
    assert (account.host_verified_email, account.sms_method, account.other_methods) == (None, None, None)


@pytest.mark.parametrize(("lines", "numbers"), [(100, [2]), (101, [])])
def test_a_quoted_cell_spans_a_hundred_lines_at_most(lines: int, numbers: list[int]) -> None:
    content = b'external_id,phone,attributes\nada,+44,"{' + b"\n" * (lines - 1) + b'}"\n'
    assert good(content) == numbers
