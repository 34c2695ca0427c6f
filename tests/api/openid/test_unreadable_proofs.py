"""A client's statement that cannot be read proves nothing, and breaks nothing."""

import base64
import json
from typing import Any

import pytest

from services.openid.client_proofs import ASSERTION_TYPE
from tests.api.world import Browser


def statement(claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.AA"


@pytest.mark.parametrize(
    "assertion",
    [
        "",
        "one",
        "a.b",
        "a.é.c",
        "e30.AAAA.AA",
        statement([]),
        statement(7),
        statement("iss"),
        statement(None),
        statement({}),
        statement({"iss": None}),
        statement({"iss": ["nobody"]}),
        statement({"iss": "nobody"}),
    ],
)
def test_a_statement_that_cannot_be_read_is_no_proof(browser: Browser, assertion: str) -> None:
    answer = browser.client.post(
        "/oidc/token",
        data={
            "grant_type": "authorization_code",
            "code": "none",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        },
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
