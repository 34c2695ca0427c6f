"""Doctor shows how long each is kept with the oldest of it, and is not content with what should have gone."""

from datetime import timedelta

import pytest

from domain.rights.retention import EVIDENCE_KEPT_FOR, LATE_AFTER, Retention
from domain.staff.staff import AuditKind, Author
from offramp.checkup.findings import Diagnosis, Finding
from offramp.checkup.retention_checks import retention_findings
from offramp.config.settings import Settings
from offramp.views.terminal import moment
from store import Database
from store.staff import audit
from tests.clocks import START
from tests.factories import make_account, make_web_session

KEPT = timedelta(days=180)


def found(database: Database, *, after: timedelta) -> dict[str, Finding]:
    with database.reading() as session:
        findings = retention_findings(session, Retention(), now=START + after)
        return {finding.name: finding for finding in findings}


def test_an_empty_database_has_nothing_to_forget(sqlite_database: Database) -> None:
    findings = found(sqlite_database, after=KEPT)
    assert {name: finding.detail for name, finding in findings.items()} == {
        "keep_recipients": "where messages went and what they said: kept for 90 days; there is nothing",
        "keep_sessions": "expired sessions: kept for 1 day; there is nothing",
        "keep_anonymous_sessions": "expired sessions of nobody: kept for 1 day; there is nothing",
        "keep_audit_addresses": "from where members of staff acted: kept for 180 days; there is nothing",
        "keep_attempts": "prompts, ceremonies and sign-ins with their ends: kept for 90 days; there is nothing",
    }


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (KEPT + LATE_AFTER, Diagnosis.WELL),
        (KEPT + LATE_AFTER + timedelta(seconds=1), Diagnosis.UNWELL),
    ],
)
def test_what_should_have_gone_two_days_ago_is_unwell(
    sqlite_database: Database, after: timedelta, verdict: Diagnosis
) -> None:
    with sqlite_database.transaction() as session:
        author = Author(by="sam", came_from="203.0.113.7")
        audit.append(session, author, AuditKind.SEARCHED, at=START)
    finding = found(sqlite_database, after=after)["keep_audit_addresses"]
    assert finding.verdict is verdict
    assert f"the oldest is of {moment(START)}" in finding.detail


def test_a_session_that_was_needed_until_just_now_is_not_late(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        make_web_session(session, "token", account_id=account_id, changed_at=START)
    comes_free = EVIDENCE_KEPT_FOR + timedelta(seconds=1)
    assert found(sqlite_database, after=comes_free)["keep_sessions"].verdict is Diagnosis.WELL
    late = found(sqlite_database, after=comes_free + LATE_AFTER)["keep_sessions"]
    assert late.verdict is Diagnosis.UNWELL


@pytest.mark.parametrize(
    ("setting", "least"),
    [
        ("keep_recipients_days", 44),
        ("keep_sessions_days", 1),
        ("keep_anonymous_sessions_days", 1),
        ("keep_audit_addresses_days", 44),
        ("keep_attempts_days", 7),
    ],
)
def test_a_term_that_is_too_short_is_refused_with_what_to_set(
    settings: Settings, setting: str, least: int
) -> None:
    assert settings.retention_problems() == []
    shorter = settings.model_copy(update={setting: least - 1})
    (problem,) = shorter.retention_problems()
    assert problem.startswith(f"OFFRAMP_{setting.upper()} must be {least} or more: until then ")
    assert problem in shorter.problems()
    assert settings.model_copy(update={setting: least}).retention_problems() == []
