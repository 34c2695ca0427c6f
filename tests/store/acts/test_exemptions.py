"""The register and what journeys read go together: at each grant, renewal, review and end, on both databases."""

from datetime import timedelta

import pytest

from domain.desk.acts import Act, ActRefused, Rest
from domain.desk.exemptions import STANDARD_BASES, Bases, Basis, ExemptionRecord
from domain.journal import EventKind
from domain.staff.approvals import Hand
from domain.staff.reasons import BadReason
from domain.staff.staff import Author, Role
from store import Database, invariants
from store.acts import doing
from store.invariants import Invariant
from store.people import accounts, exemptions, journal
from tests.store.desk.stuck_people import NOW, Do, read

DAY = timedelta(days=1)
OTHER = STANDARD_BASES.find(Rest.OTHER)
CAREFUL = Basis(code="careful", words="Careful", takes_two=True, needs_evidence=True, longest=30 * DAY)


def register(database: Database, account_id: str) -> list[ExemptionRecord]:
    """Every exemption of an account, newest first."""
    with database.reading() as session:
        return exemptions.of_account(session, account_id)


def differs(database: Database, *, days: int = 0) -> int:
    """How often the register and what journeys read differ."""
    with database.reading() as session:
        counts = {
            breach.invariant: breach.count for breach in invariants.breaches(session, now=NOW + days * DAY)
        }
    return counts[Invariant.EXEMPTIONS_AGREE]


def last_kind(database: Database, account_id: str) -> tuple[str, dict[str, object]]:
    with database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
    return entry.kind, entry.detail


def test_an_exemption_is_in_the_register_with_who_why_and_until_when(
    database: Database, travelling: str, do: Do, sam: Hand
) -> None:
    do(Act.EXEMPT, travelling, days=60, basis=OTHER, evidence="CRM-1234")
    (record,) = register(database, travelling)
    assert (record.basis, record.reason, record.evidence) == ("other", "they called", "CRM-1234")
    assert (record.asked_by, record.approved_by) == (sam.staff_id, None)
    assert (record.granted_at, record.expires_at) == (NOW, NOW + 60 * DAY)
    assert record.review_at == NOW + 46 * DAY
    assert read(database, travelling).rests_until == record.expires_at.replace(microsecond=0)
    kind, detail = last_kind(database, travelling)
    assert (kind, detail["exemption_id"], detail["rest"]) == (
        EventKind.EXEMPTED,
        record.exemption_id,
        "other",
    )
    assert "CRM-1234" not in str(detail)
    assert differs(database) == 0


def test_a_renewal_is_a_new_row_that_takes_the_place_of_the_former(
    database: Database, travelling: str, do: Do
) -> None:
    do(Act.EXEMPT, travelling, days=60, basis=OTHER)
    with pytest.raises(ActRefused, match="exempt already"):
        do(Act.EXEMPT, travelling, days=60, basis=OTHER)
    do(
        Act.RENEW_EXEMPTION,
        travelling,
        days=90,
        basis=STANDARD_BASES.find("machine_account"),
        at=NOW + 50 * DAY,
    )
    newest, former = register(database, travelling)
    assert (former.ended_at, former.ended_because) == (NOW + 50 * DAY, "superseded")
    assert (newest.renews, newest.basis) == (former.exemption_id, "machine_account")
    assert newest.expires_at == NOW + 140 * DAY
    with database.reading() as session:
        assert accounts.get(session, travelling).rest == Rest.MACHINE_ACCOUNT
    assert last_kind(database, travelling)[0] == EventKind.EXEMPTION_RENEWED
    assert differs(database, days=50) == 0


def test_only_what_lasts_is_renewed_or_reviewed(database: Database, travelling: str, do: Do) -> None:
    for act in (Act.RENEW_EXEMPTION, Act.REVIEW_EXEMPTION):
        with pytest.raises(ActRefused, match="not exempt"):
            do(act, travelling, days=9, basis=OTHER)
    do(Act.EXEMPT, travelling, days=3, basis=OTHER)
    with pytest.raises(ActRefused, match="not exempt"):
        do(Act.RENEW_EXEMPTION, travelling, days=9, basis=OTHER, at=NOW + 3 * DAY)


def test_a_review_says_that_the_ground_holds_and_lengthens_nothing(
    database: Database, travelling: str, do: Do
) -> None:
    do(Act.EXEMPT, travelling, days=300, basis=OTHER)
    do(Act.REVIEW_EXEMPTION, travelling, at=NOW + 91 * DAY)
    (record,) = register(database, travelling)
    assert (record.reviewed_at, record.review_at) == (NOW + 91 * DAY, NOW + 181 * DAY)
    assert record.expires_at == NOW + 300 * DAY
    assert last_kind(database, travelling)[0] == EventKind.EXEMPTION_REVIEWED


def test_an_end_by_support_is_in_the_register(database: Database, travelling: str, do: Do, sam: Hand) -> None:
    do(Act.EXEMPT, travelling, days=60, basis=OTHER)
    do(Act.END_EXEMPTION, travelling, at=NOW + DAY)
    (record,) = register(database, travelling)
    assert (record.ended_at, record.ended_because, record.ended_by) == (NOW + DAY, "ended", sam.staff_id)
    assert read(database, travelling).rests_until is None
    assert differs(database, days=1) == 0


def test_one_that_had_run_out_before_the_next_began_has_expired(
    database: Database, travelling: str, do: Do
) -> None:
    do(Act.EXEMPT, travelling, days=3, basis=OTHER)
    do(Act.PAUSE, travelling, days=3, at=NOW + 4 * DAY)
    assert differs(database, days=4) == 0
    do(Act.EXEMPT, travelling, days=3, basis=OTHER, at=NOW + 5 * DAY)
    newest, former = register(database, travelling)
    assert (former.ended_because, former.ended_at) == ("expired", NOW + 3 * DAY)
    assert newest.renews is None


def test_a_ground_that_takes_two_waits_for_a_colleague_and_keeps_both_names(
    database: Database, travelling: str, do: Do, sam: Hand, sue: Hand
) -> None:
    request_id = do(Act.EXEMPT, travelling, days=9, basis=CAREFUL, evidence="CRM-1234")
    assert request_id
    assert register(database, travelling) == []
    author = Author(by="sue@example.com", staff_id=sue.staff_id, role=Role.SUPPORT)
    with database.transaction() as session:
        doing.approve(
            session,
            request_id,
            author,
            sue,
            role=Role.SUPPORT,
            at=NOW,
            rescue_delay=DAY,
            bases=Bases((CAREFUL,)),
        )
    (record,) = register(database, travelling)
    assert (record.asked_by, record.approved_by) == (sam.staff_id, sue.staff_id)
    assert (record.basis, record.evidence) == ("careful", "CRM-1234")
    with database.reading() as session:
        assert accounts.get(session, travelling).rest == Rest.OTHER
    assert do(Act.RENEW_EXEMPTION, travelling, days=9, basis=CAREFUL, evidence="CRM-1235")
    assert len(register(database, travelling)) == 1


def test_a_request_on_a_ground_that_has_left_the_list_cannot_be_approved(
    travelling: str, do: Do, database: Database, sue: Hand
) -> None:
    request_id = do(Act.EXEMPT, travelling, days=9, basis=CAREFUL, evidence="CRM-1234")
    author = Author(by="sue@example.com", staff_id=sue.staff_id, role=Role.SUPPORT)
    with pytest.raises(ActRefused, match="what the exemption is for"), database.transaction() as session:
        doing.approve(
            session,
            str(request_id),
            author,
            sue,
            role=Role.SUPPORT,
            at=NOW,
            rescue_delay=DAY,
            bases=STANDARD_BASES,
        )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({}, "needs evidence"), ({"days": 31, "evidence": "CRM-1"}, "Between 1 and 30 days")],
)
def test_the_rules_of_a_ground_hold_before_a_colleague_is_asked(
    travelling: str, do: Do, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(ActRefused, match=problem):
        do(Act.EXEMPT, travelling, **{"days": 9, "basis": CAREFUL, **changes})


def test_evidence_that_names_somebody_is_refused(travelling: str, do: Do) -> None:
    with pytest.raises(BadReason):
        do(Act.EXEMPT, travelling, days=9, basis=OTHER, evidence="ada@example.com")


def test_an_account_that_is_exempt_without_a_row_or_otherwise_than_its_row_breaks_a_promise(
    database: Database, travelling: str, do: Do
) -> None:
    do(Act.EXEMPT, travelling, days=60, basis=OTHER)
    with database.transaction() as session:
        account = accounts.lock(session, travelling)
        account.rests_until = NOW + 61 * DAY
        session.add(account)
    assert differs(database) == 2
    with database.transaction() as session:
        account = accounts.lock(session, travelling)
        account.rest = account.rests_until = None
        session.add(account)
    assert differs(database) == 1
