"""A host's list of accounts is read line by line; a line that cannot be used costs only itself."""

from io import BytesIO

import pytest

from domain.host.comparing import ListedState
from services.imports.file_lines import BadLine
from services.imports.host_states import listed_states

ADA = b'{"external_id": "ada", "sms": "on"}'
BILAL = b'{"external_id": "bilal", "sms": "off", "since": "2026"}'


def read(content: bytes) -> tuple[list[ListedState], list[BadLine]]:
    refused: list[BadLine] = []
    return list(listed_states(BytesIO(content), refuse=refused.append)), refused


def test_each_line_says_of_one_account_whether_codes_are_off() -> None:
    states, refused = read(ADA + b"\n \n" + BILAL)
    assert states == [
        ListedState(line=1, external_id="ada", is_off=False),
        ListedState(line=3, external_id="bilal", is_off=True),
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "the line is no JSON"),
        (b"[" * 50_000, "the line is no JSON"),
        (b"[1]", "the line is no JSON object"),
        (b'{"sms": "on"}', "external_id is missing or no text"),
        (b'{"external_id": 7, "sms": "on"}', "external_id is missing or no text"),
        (b'{"external_id": "", "sms": "on"}', "external_id is missing or no text"),
        (b'{"external_id": "a\\u0000", "sms": "on"}', "external_id is missing or no text"),
        (b'{"external_id": "a\\ud800", "sms": "on"}', "external_id is missing or no text"),
        (b'{"external_id": "ada"}', 'sms is neither "on" nor "off"'),
        (b'{"external_id": "ada", "sms": true}', 'sms is neither "on" nor "off"'),
        (b'{"external_id": "ada", "sms": "ON"}', 'sms is neither "on" nor "off"'),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_reason(line: bytes, reason: str) -> None:
    states, refused = read(ADA + b"\n" + line + b"\n" + BILAL)
    assert refused == [BadLine(line=2, reason=reason)]
    assert [state.external_id for state in states] == ["ada", "bilal"]
