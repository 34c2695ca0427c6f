"""A cohort has series while its rollout is under way and for a while after; what alerts ask for begins at 0."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from domain.counting import KEPT_AFTER_THE_END
from domain.facts import Method
from domain.journal import EventKind
from domain.rollouts.guardrails import Sample, assess
from domain.rollouts.rollout import OVER, Stage, Standing
from offramp.metrics import metrics
from offramp.metrics.snapshots import Snapshot
from store import Database
from store.figures import adoption
from store.people.accounts import Account
from store.rollouts import cohorts, tallies
from tests.adoption import happen, settle
from tests.clocks import START, FakeClock
from tests.factories import keep_cohort, make_account, make_cohort, make_guardrail, make_member

LONG_AFTER = START + KEPT_AFTER_THE_END
ACCOUNTS = "offramp_accounts"


class Read:
    """Figures as Prometheus reads them."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self._snapshot = Snapshot(database, clock, every=timedelta(seconds=15), sms_price=0.05)
        self._registry = CollectorRegistry()

    def refresh(self) -> None:
        """Read the database anew."""
        self._snapshot.refresh()
        self._registry = CollectorRegistry()
        self._registry.register(self._snapshot)

    def value(self, name: str, **labels: str) -> float | None:
        """One sample; None if there is no such series."""
        return self._registry.get_sample_value(name, labels)

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples that have these labels."""
        return sum(value for found, value in self._samples(name) if labels.items() <= found.items())

    def names_of(self, cohort: str) -> set[str]:
        """The metrics that have a series of this cohort."""
        return {
            name
            for name in metrics.FIGURES
            if any(labels.get("cohort") == cohort for labels, _ in self._samples(name))
        }

    def _samples(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        for family in self._registry.collect():
            for sample in family.samples:
                if sample.name in (name, f"{name}_count"):
                    yield sample.labels, sample.value


@pytest.fixture
def figures(database: Database, clock: FakeClock) -> Read:
    return Read(database, clock)


@pytest.fixture
def spring(database: Database) -> str:
    """A cohort that has been judged, with somebody launched, somebody stuck and somebody held out."""
    with database.transaction() as session:
        guardrail = make_guardrail()
        cohort_id = keep_cohort(session, make_cohort(guardrails=(guardrail,)))
        launched = make_member(session, cohort_id)
        settle(session, launched, at=START)
        happen(session, launched, EventKind.SIGNED_IN, at=START, method=Method.SMS, milliseconds=20_000)
        stuck = make_member(session, cohort_id)
        settle(session, stuck, at=START)
        session.get_one(Account, stuck).held_since = START
        make_member(session, cohort_id, held_out=True)
        make_account(session)
        tallies.record(
            session, cohort_id, at=START, assessments=(assess(guardrail, Sample(hits=9, size=20)),)
        )
    return cohort_id


def stand(database: Database, cohort_id: str, stage: Stage, *, at: datetime = START) -> None:
    with database.transaction() as session:
        cohorts.stand(session, cohort_id, Standing(stage=stage, version=9, since=at))


def test_a_rollout_under_way_says_so_and_how_often_it_is_judged(
    database: Database, figures: Read, spring: str
) -> None:
    figures.refresh()
    assert figures.value("offramp_rollout_under_way", cohort="spring") == 1
    assert figures.value("offramp_guardrails_interval_seconds", cohort="spring") == 900


@pytest.mark.parametrize("stage", sorted(OVER))
def test_a_rollout_that_is_over_says_so(database: Database, figures: Read, spring: str, stage: Stage) -> None:
    stand(database, spring, stage)
    figures.refresh()
    assert figures.value("offramp_rollout_under_way", cohort="spring") == 0


def test_a_cohort_leaves_fourteen_days_after_its_end_with_every_series(
    database: Database, figures: Read, spring: str, clock: FakeClock
) -> None:
    stand(database, spring, Stage.ABORTED)
    clock.set(LONG_AFTER - timedelta(seconds=1))
    figures.refresh()
    assert {
        "offramp_rollout_stage",
        "offramp_guardrail_verdict",
        "offramp_accounts_stuck",
    } <= figures.names_of("spring")
    clock.set(LONG_AFTER)
    figures.refresh()
    assert figures.names_of("spring") == set()


def test_a_cohort_whose_rollout_goes_on_stays_however_long(
    figures: Read, spring: str, clock: FakeClock
) -> None:
    clock.set(START + timedelta(days=400))
    figures.refresh()
    assert "offramp_rollout_stage" in figures.names_of("spring")


def test_accounts_of_a_cohort_that_has_left_still_count_for_everybody(
    database: Database, figures: Read, spring: str, clock: FakeClock
) -> None:
    figures.refresh()
    assert figures.total(ACCOUNTS) == 4
    stand(database, spring, Stage.ABORTED)
    clock.set(LONG_AFTER)
    figures.refresh()
    assert figures.total(ACCOUNTS) == 4
    assert figures.total(ACCOUNTS, cohort="ended") == 3
    assert figures.total(ACCOUNTS, cohort="ended", wave="holdout") == 1
    assert figures.total("offramp_accounts_stuck", cohort="ended", reason="held") == 1


def test_no_counter_jumps_when_a_cohort_leaves_and_later_sign_ins_are_counted(
    database: Database, figures: Read, spring: str, clock: FakeClock
) -> None:
    stand(database, spring, Stage.ABORTED)
    clock.set(LONG_AFTER)
    figures.refresh()
    by_sms = {"cohort": "ended", "wave": "1", "method": "sms", "outcome": "succeeded"}
    assert figures.value("offramp_sign_ins_total", **by_sms) == 0
    with database.transaction() as session:
        account_id = make_member(session, spring)
        happen(session, account_id, EventKind.SIGNED_IN, at=LONG_AFTER, method=Method.SMS)
    figures.refresh()
    assert figures.value("offramp_sign_ins_total", **by_sms) == 1


def test_another_process_counts_the_same_after_a_cohort_has_left(
    database: Database, figures: Read, spring: str, clock: FakeClock
) -> None:
    figures.refresh()
    stand(database, spring, Stage.ABORTED)
    with database.transaction() as session:
        account_id = make_member(session, spring)
        for at in (START, LONG_AFTER):
            happen(session, account_id, EventKind.SIGNED_IN, at=at, method=Method.SMS)
    clock.set(LONG_AFTER)
    newcomer = Read(database, clock)
    for reader in (figures, newcomer):
        reader.refresh()
        assert reader.total("offramp_sign_ins_total") == 1


def test_what_alerts_ask_for_is_nought_before_it_happens(figures: Read, spring: str) -> None:
    figures.refresh()
    assert (
        figures.value("offramp_messages_total", channel="sms", template="sign_in_code", outcome="failed") == 0
    )
    assert figures.value("offramp_journal_entries_total", kind="message_unknown") == 0
    assert figures.value("offramp_message_delay_seconds_count", channel="email", purpose="code") == 0
    for wave in ("1", "2", "holdout"):
        failed = {"method": "passkey", "outcome": "failed", "cohort": "spring", "wave": wave}
        assert figures.value("offramp_sign_ins_total", **failed) == 0


@pytest.mark.parametrize("name", ["none", "ended"])
def test_a_cohort_with_a_label_s_own_name_is_added_to_it(
    database: Database, figures: Read, spring: str, clock: FakeClock, name: str
) -> None:
    stand(database, spring, Stage.ABORTED)
    with database.transaction() as session:
        namesake = make_member(session, keep_cohort(session, make_cohort(name=name)))
        for account_id in (namesake, make_account(session).account_id, make_member(session, spring)):
            happen(session, account_id, EventKind.SIGNED_IN, at=LONG_AFTER, method=Method.SMS, milliseconds=1)
    clock.set(LONG_AFTER)
    figures.refresh()
    assert figures.total("offramp_sign_ins_total") == 3
    assert figures.total("offramp_sign_in_duration_seconds") == 3


def test_the_holdout_has_sign_in_times_of_its_own(database: Database, figures: Read, spring: str) -> None:
    with database.transaction() as session:
        held_out = make_member(session, spring, held_out=True)
        happen(session, held_out, EventKind.SIGNED_IN, at=START, method=Method.SMS, milliseconds=30_000)
    figures.refresh()
    for wave in ("1", "holdout"):
        labels = {"cohort": "spring", "wave": wave, "method": "sms"}
        assert figures.value("offramp_sign_in_duration_seconds_count", **labels) == 1


def test_a_part_that_could_not_be_read_is_known_to_have_been_tried(
    figures: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("offramp.metrics.snapshots.census.take", fail)
    figures.refresh()
    assert figures.value("offramp_snapshot_timestamp_seconds", part="accounts") is None
    assert figures.value("offramp_snapshot_duration_seconds", part="accounts") is not None
    assert figures.value("offramp_snapshot_failures_total", part="accounts") == 1


def test_metrics_and_the_report_count_the_same_people(
    database: Database, figures: Read, spring: str, clock: FakeClock
) -> None:
    with database.transaction() as session:
        held_out = make_member(session, spring, held_out=True)
        happen(session, held_out, EventKind.SIGNED_IN, at=START, method=Method.SMS, milliseconds=30_000)
        happen(session, held_out, EventKind.PASSKEY_SIGNED_IN, at=START)
    figures.refresh()
    with database.reading() as session:
        everybody = adoption.read(session, now=clock(), days=7)
        of_cohort = adoption.read(session, now=clock(), days=7, cohort_id=spring)
    succeeded = {"outcome": "succeeded"}
    by_passkey = figures.total("offramp_sign_ins_total", method="passkey", **succeeded)
    assert figures.total(ACCOUNTS) == everybody.accounts
    assert figures.total(ACCOUNTS, wave="holdout") == everybody.held_out
    assert figures.total("offramp_accounts_stuck") == everybody.stuck_people
    assert everybody.passkey_share == by_passkey / figures.total("offramp_sign_ins_total", **succeeded)
    launched = {"cohort": "spring", "wave": "1"}
    assert figures.total(ACCOUNTS, **launched) == of_cohort.watched
    assert figures.total("offramp_accounts_stuck", **launched) == of_cohort.stuck_people
    assert figures.total("offramp_sign_ins_total", **launched, **succeeded) == sum(
        day.by_passkey + day.by_sms + day.otherwise for day in of_cohort.days
    )
    assert figures.total("offramp_cohort_members", cohort="spring") == of_cohort.accounts
