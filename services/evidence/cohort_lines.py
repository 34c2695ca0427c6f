"""Turns the rows about a cohort into the lines of its pack."""

from collections.abc import Iterator

from domain.evidence.packs import PackKind, PackSubject
from domain.evidence.records import PackedAssessment, PackedCohort, PackedOrder, PackedPolicy
from services.evidence.decisions import who
from store import Session
from store.evidence import cohorts as cohort_rows
from store.journeys import journeys, policies
from store.rollouts import cohorts, members


def cohort(session: Session, cohort_id: str) -> PackedCohort:
    """The cohort as it is now. Raises Unknown."""
    row = cohorts.get(session, cohort_id)
    return PackedCohort(
        cohort_id=row.cohort_id,
        name=row.name,
        launched_at=row.launched_at,
        stage=row.stage,
        members=members.size(session, cohort_id, held_out=False),
        held_out=members.size(session, cohort_id, held_out=True),
        launched_by_wave={
            str(wave): people for wave, people in sorted(members.launched_by_wave(session, cohort_id).items())
        },
        description=row.body,
        standing=row.standing,
    )


def orders(session: Session, cohort_id: str) -> Iterator[PackedOrder]:
    """What was done with the rollout, oldest first."""
    for entry in cohort_rows.orders(session, cohort_id):
        yield PackedOrder(
            entry_id=entry.entry_id or 0,
            at=entry.at,
            kind=entry.kind,
            by=who(entry.by),
            reason=entry.reason,
            detail=entry.detail,
        )


def assessments(session: Session, cohort_id: str) -> Iterator[PackedAssessment]:
    """Every look at the guardrails, oldest first."""
    for tally in cohort_rows.assessments(session, cohort_id):
        yield PackedAssessment(
            at=tally.at, assessments=tally.assessments, reached=tally.reached, draw=tally.draw
        )


def packed_policies(session: Session, subject: PackSubject) -> Iterator[PackedPolicy]:
    """Every version of the policies by which the accounts of a pack are moved."""
    if subject.kind is PackKind.COHORT:
        names = cohort_rows.policy_names(session, subject.subject_id)
        names.append(cohorts.description(cohorts.get(session, subject.subject_id)).policy.name)
    else:
        journey = journeys.find(session, subject.subject_id)
        names = [policies.get(session, journey.policy_id).name] if journey else []
    for row in cohort_rows.policies(session, names):
        yield PackedPolicy(
            policy_id=row.policy_id,
            name=row.name,
            version=row.version,
            stored_at=row.stored_at,
            rules=row.body,
        )
