"""What is measured is labelled by what Offramp knows, served away from the pages, and cheap to ask for."""

import re
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from starlette.testclient import TestClient

from api.app import create_app
from domain.attempts import AttemptEnd, AttemptKind, Occasion, Scene
from domain.counting import Refusal
from domain.facts import Method, SmsState
from domain.host.comparing import Comparison
from domain.messages.messages import Purpose, Template
from domain.messages.text_limits import TextLimits
from domain.ports import Letter, NeverDeliverable, NotHandedOver
from domain.rollouts.slices import Dimension
from domain.switches import Switch
from offramp.config.settings import NotConfigured, Settings
from offramp.metrics import exporting
from offramp.metrics.attempt_series import MOST
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.measuring import MeasuredApp, MeasuredMailer
from offramp.metrics.snapshots import Snapshot
from store import Database
from store.host import comparisons, list_runs
from store.messages import text_counts
from store.people import attempts
from tests.api.world import World, make_world
from tests.attempts import CHROME, SAFARI, sign_in
from tests.clocks import START, FakeClock
from tests.factories import by_sms, make_account, make_passkey
from tests.offramp.conftest import free_port
from tests.switches import stop

ROOT = Path(__file__).parents[3]


@pytest.fixture
def snapshot(sqlite_database: Database, clock: FakeClock) -> Snapshot:
    return Snapshot(sqlite_database, clock, every=timedelta(seconds=15), sms_price=0.05)


@pytest.fixture
def world(sqlite_database: Database, clock: FakeClock) -> World:
    return make_world(sqlite_database, clock)


def shown(snapshot: Snapshot) -> str:
    registry = CollectorRegistry()
    registry.register(snapshot)
    return generate_latest(registry).decode()


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_count", labels) or 0.0


def test_answers_are_labelled_by_route_and_never_by_what_was_asked_for(world: World) -> None:
    client = TestClient(MeasuredApp(create_app(world.services)))
    name = "offramp_http_request_duration_seconds"
    labels = {"method": "GET", "route": "/sign-in", "status": "2xx"}
    stranger = {"method": "other", "route": "none", "status": "4xx"}
    before = count(name, **labels), count(name, **stranger)
    client.get("/sign-in?who=ada")
    client.request("BREW", "/a/path/of/their/own")
    assert (count(name, **labels), count(name, **stranger)) == (before[0] + 1, before[1] + 1)


class Moody:
    """A mailer that does whatever a test says."""

    provider = "moody"

    def __init__(self, mood: Exception | None) -> None:
        self.mood = mood

    def send(self, letter: Letter) -> str:
        if self.mood:
            raise self.mood
        return "id"


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        (None, "taken"),
        (NotHandedOver("busy"), "put_off"),
        (NeverDeliverable("no"), "refused"),
        (KeyError("?"), "unknown"),
    ],
)
def test_hand_overs_are_timed_by_how_they_end(mood: Exception | None, outcome: str) -> None:
    letter = Letter(
        key="k", to="t", subject="s", text="t", html="h", purpose=Purpose.CODE, template=Template.SIGN_IN_CODE
    )
    before = count("offramp_handover_duration_seconds", provider="moody", outcome=outcome)
    expected = pytest.raises(type(mood)) if mood else nullcontext()
    with expected:
        assert MeasuredMailer(Moody(mood)).send(letter) == "id"
    assert count("offramp_handover_duration_seconds", provider="moody", outcome=outcome) == before + 1


def test_what_was_never_read_is_absent_and_not_zero(snapshot: Snapshot) -> None:
    text = shown(snapshot)
    assert "offramp_accounts{" not in text
    assert "offramp_invariant_breaches{" not in text


def test_a_scrape_tells_what_was_read_last(snapshot: Snapshot, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        make_account(session)
    snapshot.refresh()
    with sqlite_database.transaction() as session:
        make_account(session)
    line = 'offramp_accounts{cohort="none",milestone="no_journey",wave="none"}'
    assert f"{line} 1.0" in shown(snapshot)
    snapshot.refresh()
    assert f"{line} 2.0" in shown(snapshot)


def test_a_failed_reading_is_counted_and_what_was_known_stays(
    snapshot: Snapshot, sqlite_database: Database
) -> None:
    snapshot.refresh()
    sqlite_database.close()
    Path(sqlite_database.engine.url.database or "").write_text("this is no database any more " * 30)
    snapshot.refresh()
    text = shown(snapshot)
    assert 'offramp_snapshot_failures_total{part="live"} 1.0' in text
    assert "offramp_relay_lag_seconds{" in text


def test_metrics_are_served_on_a_port_of_their_own(snapshot: Snapshot, world: World) -> None:
    settings = Settings(metrics_port=free_port())
    with exporting.served(settings, MetricsSource.DATABASE, snapshot):
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.metrics_port}/metrics") as answer:
            assert b"offramp_build_info" in answer.read()
        with (
            pytest.raises(NotConfigured, match="OFFRAMP_METRICS_PORT"),
            exporting.served(settings, MetricsSource.DATABASE),
        ):
            pass
    assert TestClient(create_app(world.services)).get("/metrics").status_code == 404


def test_metrics_can_be_switched_off(snapshot: Snapshot) -> None:
    settings = Settings(metrics_port=0)
    with exporting.served(settings, MetricsSource.DATABASE, snapshot):
        assert exporting.temporal_runtime(settings) is None


def _refused_by_name() -> Iterator[str]:
    for path in (ROOT / "services").rglob("passkey_sign_in.py"):
        yield from re.findall(r'CeremonyRejected\("(\w+)"\)', path.read_text())


def test_every_refusal_of_ours_has_a_label() -> None:
    # These are said before a ceremony, or after that of another tab.
    uncounted = {"no_passkey_yet", "signed_in_already", "overtaken"}
    ours = set(_refused_by_name()) - uncounted
    assert ours
    assert ours <= set(Refusal)


def test_text_messages_are_told_by_country_and_by_how_much_of_a_ceiling_they_use_up(
    sqlite_database: Database, snapshot: Snapshot, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot.refresh()
    assert 'offramp_text_ceiling_used_ratio{country="all"} 0.0' in shown(snapshot)
    limits = TextLimits(per_day=4, country_of=lambda phone: "DE")
    monkeypatch.setitem(sqlite_database.notes, text_counts.LIMITS, limits)
    with sqlite_database.transaction() as session:
        text_counts.count(session, "+4915112345602", at=clock())
    snapshot.refresh()
    assert 'offramp_texts_today{country="DE"} 1.0' in shown(snapshot)
    assert 'offramp_text_ceiling_used_ratio{country="all"} 0.25' in shown(snapshot)


def test_what_is_provisional_is_counted_by_kind(snapshot: Snapshot, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        make_passkey(session, account_id, **by_sms(START))
    snapshot.refresh()
    assert 'offramp_provisional_routes{kind="passkey"} 1.0' in shown(snapshot)
    assert 'offramp_provisional_routes{kind="phone"} 0.0' in shown(snapshot)


def test_the_age_of_the_hosts_list_runs_from_when_it_was_first_due_until_it_was_read(
    sqlite_database: Database, clock: FakeClock
) -> None:
    name = "offramp_host_list_timestamp_seconds"

    def told(*, reads_host_list: bool) -> str | None:
        snapshot = Snapshot(
            sqlite_database,
            clock,
            every=timedelta(seconds=15),
            sms_price=0.05,
            reads_host_list=reads_host_list,
        )
        snapshot.refresh()
        sample = re.search(rf"^{name} (\S+)", shown(snapshot), re.MULTILINE)
        return sample and sample[1]

    assert told(reads_host_list=True) is None
    first = clock()
    with sqlite_database.transaction() as session:
        list_runs.claim(session, due=first, now=first, until=first)
    clock.advance(timedelta(hours=40))
    with sqlite_database.transaction() as session:
        list_runs.claim(session, due=clock(), now=clock(), until=clock())
        list_runs.note_trouble(session, clock(), "it broke off", at=clock(), until=clock())
    assert float(told(reads_host_list=True) or 0) == first.timestamp()
    assert told(reads_host_list=False) is None, "nobody is to read it by night"
    with sqlite_database.transaction() as session:
        comparisons.keep(session, Comparison(), at=clock())
    assert float(told(reads_host_list=True) or 0) == clock().timestamp()


def test_who_is_one_loss_away_is_counted_by_what_the_account_hangs_on(
    snapshot: Snapshot, sqlite_database: Database
) -> None:
    with sqlite_database.transaction() as session:
        for platform in ("Android phone", "Android phone", "Windows PC"):
            account_id = make_account(session, sms=SmsState.REMOVED, sms_since=START).account_id
            make_passkey(session, account_id, platform=platform, last_used_at=START)
    snapshot.refresh()
    text = shown(snapshot)
    name = "offramp_accounts_one_loss_away"
    assert f'{name}{{cohort="none",thing="phone",wave="none"}} 2.0' in text
    assert f'{name}{{cohort="none",thing="device",wave="none"}} 1.0' in text


def test_attempts_are_counted_by_slice_and_only_so_many_slices_have_a_series(
    snapshot: Snapshot, sqlite_database: Database
) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session, country="GB").account_id
        sign_in(session, account_id, SAFARI, Method.SMS, at=START, reason="not_here")
        sign_in(session, account_id, SAFARI, Method.PASSKEY, at=START)
        for major in range(100, 100 + MOST + 5):
            software = replace(CHROME, browser_major=major)
            scene = Scene(occasion=Occasion.SET_UP, software=software)
            for _ in range(2):
                attempts.add(session, scene, AttemptKind.REGISTRATION, AttemptEnd.FAILED, at=START)
    snapshot.refresh()
    text = shown(snapshot)
    name = "offramp_holders_sign_ins_last_day"
    assert f'{name}{{by="country",method="sms",slice="GB"}} 1.0' in text
    assert f'{name}{{by="browser",method="other",slice="Safari for iOS 18"}} 1.0' in text
    assert 'offramp_holders_codes_last_day{reason="not_here"} 1.0' in text
    failed = 'offramp_ceremonies_last_day{by="browser",ceremony="registration",outcome="failed",slice="'
    assert f'{failed}Chrome for Android 100"}} 2.0' in text
    assert f'{failed}rest"}} 10.0' in text
    assert text.count(failed) == MOST + 1


def test_stops_are_counted_by_switch_and_by_what_their_people_are_told_apart(
    sqlite_database: Database, snapshot: Snapshot
) -> None:
    for country in ("DE", "FR"):
        stop(sqlite_database, Switch.LAUNCHES, Dimension.COUNTRY, country)
    snapshot.refresh()
    lines = shown(snapshot).splitlines()
    assert 'offramp_stops{slice="country",switch="launches"} 2.0' in lines
    assert 'offramp_stops{slice="everybody",switch="launches"} 0.0' in lines
