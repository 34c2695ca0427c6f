"""Exemptions: nobody is exempt for ever, evidence names nobody, and each is looked at before its end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.acts import LONGEST_EXEMPTION, ActRefused, Rest
from domain.desk.exemptions import (
    STANDARD_BASES,
    Bases,
    Basis,
    basis_problems,
    clean_evidence,
    require_granted,
    review_at,
    tell_at,
)
from domain.staff.reasons import BadReason
from tests.clocks import START

DAY = timedelta(days=1)
lengths = st.timedeltas(min_value=DAY, max_value=LONGEST_EXEMPTION)


def test_the_standard_grounds_are_those_of_before_and_mean_the_same_to_journeys() -> None:
    assert [basis.code for basis in STANDARD_BASES] == [rest for rest in Rest if rest.is_exemption]
    assert [basis.rest for basis in STANDARD_BASES] == [rest for rest in Rest if rest.is_exemption]
    assert basis_problems(STANDARD_BASES.all) == []


def test_to_journeys_any_ground_of_the_operators_is_an_exemption() -> None:
    assert Basis(code="accessibility", words="A disability").rest is Rest.OTHER


@pytest.mark.parametrize("days", [-1, 0, 31, 400])
def test_an_exemption_has_a_last_day_within_its_basis(days: int) -> None:
    with pytest.raises(ActRefused, match="Between 1 and 30 days"):
        require_granted(Basis(code="brief", words="Brief", longest=30 * DAY), days, "")


def test_no_basis_makes_an_exemption_longer_than_the_longest() -> None:
    for_ever = Basis(code="ever", words="For ever", longest=9999 * DAY)
    with pytest.raises(ActRefused, match="Between 1 and 365 days"):
        require_granted(for_ever, 366, "")


def test_evidence_is_asked_for_where_the_basis_wants_it() -> None:
    strict = Basis(code="strict", words="Strict", needs_evidence=True)
    with pytest.raises(ActRefused, match="needs evidence"):
        require_granted(strict, 9, "")
    assert require_granted(strict, 9, "CRM-1234") is strict


@pytest.mark.parametrize(
    "evidence",
    [
        *("", "CRM-1234", "#4711", "INC0012345", "case/2026/77"),
        "https://crm.example.com/tickets/1234?tab=2",
        "https://crm.example.com/0198c0de-0000-7000-8000-000000000000",
    ],
)
def test_evidence_is_a_link_or_a_tickets_reference(evidence: str) -> None:
    assert clean_evidence(f" {evidence} ") == evidence


@pytest.mark.parametrize(
    "evidence",
    [
        "http://crm.example.com/1",
        "https://",
        "https://ada@crm.example.com/1",
        "https://crm.example.com/a b",
        "https://crm.example.com/?to=ada@example.com",
        "https://crm.example.com/people/+447700900123",
        "javascript:alert(1)",
        "ada@example.com",
        "+447700900123",
        "07700900123",
        "Ada Lovelace called",
        "x" * 201,
    ],
)
def test_evidence_is_nothing_else_and_names_nobody(evidence: str) -> None:
    with pytest.raises(BadReason):
        clean_evidence(evidence)


@given(lengths, st.timedeltas(min_value=DAY, max_value=timedelta(days=400)))
def test_it_is_looked_at_again_after_now_and_before_its_end(length: timedelta, after: timedelta) -> None:
    expires_at = START + length
    at = review_at(after, now=START, expires_at=expires_at)
    assert START < at < expires_at
    assert at <= START + after
    told_at = tell_at(granted_at=START, expires_at=expires_at)
    assert START < told_at < expires_at
    assert expires_at - told_at <= timedelta(days=14)


def test_two_weeks_before_a_long_exemption_ends_it_is_due_and_the_person_is_told() -> None:
    end = START + 60 * DAY
    assert review_at(90 * DAY, now=START, expires_at=end) == end - 14 * DAY
    assert tell_at(granted_at=START, expires_at=end) == end - 14 * DAY
    assert review_at(30 * DAY, now=START, expires_at=end) == START + 30 * DAY
    assert tell_at(granted_at=START, expires_at=START + 4 * DAY) == START + 2 * DAY


@pytest.mark.parametrize(
    ("bases", "problem"),
    [
        ((), "there is no basis"),
        ((Basis(code="a1", words="A"), Basis(code="a1", words="B")), "a1 is there twice"),
        ((Basis(code="paused", words="A"),), '"paused" is no code'),
        ((Basis(code="With Blank", words="A"),), "is no code"),
        ((Basis(code="long", words="A", longest=366 * DAY),), "long lasts between 1 and 365 days"),
        ((Basis(code="soon", words="A", reviewed_after=timedelta()),), "reviewed after 1 day"),
    ],
)
def test_a_list_of_grounds_that_cannot_be_used_says_why(bases: tuple[Basis, ...], problem: str) -> None:
    (said,) = basis_problems(bases)
    assert problem in said


def test_a_ground_that_has_left_the_list_is_called_by_its_code() -> None:
    assert Bases(()).words("gone") == "gone"
    assert STANDARD_BASES.words("other") == "Another reason"
