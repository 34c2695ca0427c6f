"""The audit as people read it: every kind has its sentence, whether old entries say much or nothing."""

from typing import Any

import pytest

from domain.desk.acts import Act
from domain.staff.staff import AuditKind
from domain.words.audit_words import KINDS, SENTENCES, sentence


@pytest.mark.parametrize("kind", AuditKind)
def test_every_kind_has_a_sentence_even_without_any_detail(kind: AuditKind) -> None:
    said = sentence(kind, {})
    assert said
    assert not set("[]{}_").intersection(said)
    assert kind in SENTENCES
    assert KINDS[kind]


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        (
            AuditKind.CASE_ACTED_ON,
            {"act": Act.EXTEND, "days": 7},
            "did this for u-1: give more time for 7 days",
        ),
        (AuditKind.CASE_ACTED_ON, {"act": "support_case"}, "did this for u-1: note that they asked for help"),
        (
            AuditKind.ACT_REFUSED,
            {"act": "settle_objection", "refusal": "It is settled."},
            "was refused this for u-1: settle an objection. It is settled.",
        ),
        (AuditKind.CASE_SEEN, {"act": Act.ERASE}, "opened the case of u-1, to erase the person"),
        (
            AuditKind.LIST_SEEN,
            {"list": "exempt", "filters": {"due": "true"}},
            "looked at a list: exempt, due true",
        ),
        (AuditKind.ROLLOUT_ORDERED, {"command": "pause"}, "ordered pause for the cohort spring"),
        (
            AuditKind.FORBIDDEN,
            {"right": "read_audit"},
            "tried what their role does not allow: to read what staff have done",
        ),
        (
            AuditKind.SEARCHED,
            {"kinds": ["email", "phone_end"], "found": 2},
            "searched for a person by email, phone end, with 2 found",
        ),
    ],
)
def test_an_entry_reads_like_a_sentence(kind: AuditKind, detail: dict[str, Any], said: str) -> None:
    assert sentence(kind, detail, account="u-1", cohort="spring") == said
