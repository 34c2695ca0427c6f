"""The last release runs, people are under way in it, and this one takes over: nothing is lost, nothing said twice."""

import signal
import socket
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest

from domain.facts import SmsState
from domain.messages.messages import MessageState
from store.people import accounts
from tests.journeys.people import Person
from tests.journeys.site import Site, free_port
from tests.postgres import PostgresServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

RELEASES = Path(__file__).parent.parent / "releases"
LAST_RELEASE = RELEASES / "offramp-0.1.0-py3-none-any.whl"

COHORT = """
name = "everybody"
holdout_percent = 0
pace = 6000
assess_every = "1 second"

[policy]
preset = "fast"
notice = "60 seconds"
probation = "10 seconds"

[[waves]]
percent = 100
bake = "1 hour"
"""
NAMES = ("ada", "bilal", "chiara", "dana")
DONE = {MessageState.SENT, MessageState.SKIPPED, MessageState.GATHERED}


@dataclass
class UpgradedSite(Site):
    """A site whose processes first are the last release's; of its database a test knows little until the upgrade."""

    contacts: dict[str, tuple[str, str]] = field(default_factory=dict)

    def phone(self, account_id: str) -> str:
        """The number of a person, by their name at the host."""
        return self.contacts[account_id][0]

    def email(self, account_id: str) -> str:
        """The address of a person, by their name at the host."""
        return self.contacts[account_id][1]

    def run(self, *arguments: str) -> str:
        """Run a command that has to go well; returns what it says."""
        ran = self.offramp(*arguments)
        assert ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def start(self, name: str) -> None:
        """Start one process."""
        self._start(name, [sys.executable, "-m", "offramp", name])

    def end(self, name: str) -> None:
        """Stop one process, as whoever upgrades does."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        # A server of pages ends by the signal itself, when it has answered what it was asked.
        assert process.wait(timeout=60) in (0, -signal.SIGTERM), self.log()

    def account_id(self, name: str) -> str:
        """The account of a person, by their name at the host."""
        with self.database.reading() as session:
            account = accounts.by_external_id(session, name)
            assert account
            return account.account_id


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What a site is told of its database: nothing of SQLite, which lies in its home, or the URL of an empty one."""
    if request.param == "sqlite":
        yield {}
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        yield {"OFFRAMP_DATABASE_URL": url}


@pytest.fixture
def site(tmp_path: Path, database_settings: dict[str, str]) -> Iterator[UpgradedSite]:
    """The last release, with its pages, its worker, and a Temporal server that outlives them."""
    with zipfile.ZipFile(LAST_RELEASE) as wheel:
        wheel.extractall(tmp_path / "released")
    (tmp_path / "home").mkdir()
    site = UpgradedSite(
        home=tmp_path / "home",
        port=free_port(),
        temporal_port=free_port(),
        external_temporal=True,
        settings={"PYTHONPATH": str(tmp_path / "released"), **database_settings},
        contacts={
            name: (f"+4915112345{number:03d}", f"{name}@example.com") for number, name in enumerate(NAMES)
        },
    )
    try:
        site.start_temporal()
        wait_until(lambda: _listens(site.temporal_port), "Temporal listens", within=150)
        site.run("migrate")
        site.start("worker")
        site.start("api")
        wait_until(lambda: site.answers("/readyz"), "the last release is ready", within=150)
        yield site
    finally:
        site.stop()


def test_the_last_release_is_upgraded_while_people_are_under_way(site: UpgradedSite) -> None:
    assert site.run("--version") == "offramp 0.1.0\n"
    _launch(site)
    people = {name: Person(site, name) for name in NAMES}
    silent, beginning, under_way, ready = (people[name] for name in NAMES)
    under_way.sign_in_by_code()
    ready.set_up(site.email("dana"))
    with ThreadPoolExecutor() as crowd:
        living = crowd.submit(beginning.set_up, site.email("bilal"))
        _upgrade(site)
        living.result(timeout=300)
    assert site.outcome(site.account_id("dana")) is None
    under_way.verify_email(site.email("chiara"))
    under_way.make_passkey()
    under_way.prove_passkey()
    under_way.keep_recovery_codes()
    site.run("cohort", "pause", "everybody", "--reason", "the upgrade")
    site.run("cohort", "resume", "everybody", "--reason", "the upgrade")
    silent.sign_in_by_code()
    _all_went_on(site)


def _launch(site: UpgradedSite) -> None:
    """Bring everybody in, and let the last release begin their journeys."""
    people = site.home / "people.csv"
    rows = [f"{name},{email},{phone}" for name, (phone, email) in site.contacts.items()]
    people.write_text("\n".join(["external_id,email,phone", *rows]) + "\n")
    cohort = site.home / "cohort.toml"
    cohort.write_text(COHORT)
    site.run("accounts", "import", str(people))
    site.run("cohort", "launch", str(cohort), "--reason", "the first")
    for _, email in site.contacts.values():
        site.arrival(email, "A quicker, safer way into")


def _upgrade(site: UpgradedSite) -> None:
    """What docs/upgrading.md says: the worker first, so that nothing is half done, then the database, then all anew."""
    site.end("worker")
    site.end("api")
    del site.settings["PYTHONPATH"]
    assert site.run("--version") == f"offramp {version('offramp')}\n"
    site.run("migrate")
    site.start("worker")
    site.start("api")
    wait_until(lambda: site.answers("/readyz"), "this release is ready", within=150)


def _all_went_on(site: UpgradedSite) -> None:
    ready, silent = site.account_id("dana"), site.account_id("ada")
    wait_until(lambda: site.outcome(ready) == "migrated", "the journey of who was ready ends", within=240)
    told_ids = [site.account_id(name) for name in ("bilal", "chiara")]
    wait_until(
        lambda: all(site.sms(account_id) is not SmsState.ON for account_id in told_ids),
        "those who got ready since are told of the end",
        within=150,
    )
    assert site.sms(silent) is SmsState.ON
    arrived = Counter(item.key for item in site.inbox())
    assert {key: times for key, times in arrived.items() if times > 1} == {}
    wait_until(lambda: not _unsettled(site), lambda: f"all is said: {_unsettled(site)}", within=150)
    report = site.offramp("doctor")
    assert report.returncode == 0, report.stdout + report.stderr
    assert "do not run in Temporal" not in report.stdout


def _unsettled(site: UpgradedSite) -> dict[str, str]:
    messages = [message for name in NAMES for message in site.messages(site.account_id(name))]
    return {message.key: message.state for message in messages if message.state not in DONE}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
