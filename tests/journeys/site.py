"""A whole Offramp on processes of its own, in a home of its own, that a test can watch, kill and start again."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path

import psutil

from domain.facts import Channel, Facts, SmsState
from domain.host.keys import KeyScope
from domain.policy import InsteadOfPasskey, Policy
from domain.presets import FAST
from domain.recovery_rules import STANDARD_RULES
from domain.staff.staff import Author
from providers.inbox import Inbox, InboxItem
from services.host import keys
from store import Database
from store.journeys import facts, journeys, policies
from store.messages import messages
from store.messages.messages import Message
from store.people import accounts, journal
from store.people.journal import JournalEntry
from tests import factories
from tests.temporal import TEMPORAL
from tests.waiting import wait_until

SWIFT = replace(
    FAST,
    name="swift",
    cadence=(),
    cooling_off=timedelta(),
    notice=timedelta(seconds=3),
    probation=timedelta(seconds=4),
)
"""The fast policy, for tests that cannot wait two minutes."""

# Attempts are counted by address, so people in one test run live at different ones, behind the site's proxy.
ADDRESSES = (f"198.18.{number // 250}.{number % 250 + 1}" for number in count())

TWO_DAYS = replace(SWIFT, name="two-days", proving_days=2)
LONG_NOTICE = replace(SWIFT, name="long-notice", notice=timedelta(hours=1))
LONG_PROBATION = replace(
    SWIFT, name="long-probation", notice=timedelta(seconds=1), probation=timedelta(hours=1)
)
SHORT_PROBATION = replace(LONG_PROBATION, name="short-probation", probation=timedelta(seconds=1))
BY_APP = replace(SHORT_PROBATION, name="by-app", instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP)
BY_APP_TWO_DAYS = replace(BY_APP, name="by-app-two-days", proving_days=2)
LONG_WAIT = replace(LONG_NOTICE, name="long-wait", cooling_off=timedelta(hours=1))
SLOW_RECOVERY = replace(LONG_NOTICE, name="slow-recovery", recovery=STANDARD_RULES)
"""Policies for looking at what comes after the set-up, one state at a time."""


@dataclass
class Site:
    """One Offramp: `offramp up`, or only some of its processes."""

    home: Path
    port: int
    temporal_port: int
    external_temporal: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    metrics_port: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where people reach it."""
        return f"http://localhost:{self.port}"

    @cached_property
    def database(self) -> Database:
        """Its database, looked at from outside."""
        return Database(self.settings.get("OFFRAMP_DATABASE_URL", f"sqlite:///{self.home / 'offramp.db'}"))

    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        variables = {
            "OFFRAMP_HOME": str(self.home),
            "OFFRAMP_API_PORT": str(self.port),
            "OFFRAMP_ORIGIN": self.origin,
            "OFFRAMP_TEMPORAL_PORT": str(self.temporal_port),
            "OFFRAMP_TEMPORAL_UI_PORT": str(free_port()),
            "OFFRAMP_TRUSTED_PROXIES": "1",
            "OFFRAMP_METRICS_PORT": str(self.metrics_port),
            "OFFRAMP_METRICS_SECONDS": "1",
        }
        if self.external_temporal:
            variables["TEMPORAL_ADDRESS"] = f"127.0.0.1:{self.temporal_port}"
        return {**os.environ, **variables, **self.settings}

    def up(self) -> None:
        """Start `offramp up`, and wait for it to be ready or, without Temporal, at least to answer."""
        self._start("up", [sys.executable, "-m", "offramp", "up"])
        path = "/healthz" if self.external_temporal else "/readyz"
        supervisor = self.processes["up"]
        wait_until(lambda: self.answers(path) or supervisor.poll() is not None, f"{path} answers", within=150)
        assert supervisor.poll() is None, self.log()

    def start_temporal(self) -> None:
        """Start a Temporal server where Offramp expects one that is not its own."""
        command = [str(TEMPORAL), "server", "start-dev", "--headless", "--log-level", "error"]
        database = ["--db-filename", str(self.home / "external-temporal.db")]
        self._start("temporal", [*command, *database, "--port", str(self.temporal_port)])

    def kill(self, name: str) -> None:
        """`kill -9` one of `offramp up`'s children, and wait for it to be gone."""
        child = psutil.Process(self._child(name))
        child.kill()
        wait_until(lambda: not child.is_running(), f"{name} is gone, and its sockets with it")

    def kill_supervisor(self) -> None:
        """`kill -9` `offramp up` itself; its children live on."""
        supervisor = self.processes.pop("up")
        supervisor.kill()
        supervisor.wait()

    def stop(self) -> None:
        """End whatever this site has started."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(timeout=40)
        for child in self._leftovers():
            child.kill()
        self.database.close()

    def let_host_vouch(self) -> None:
        """Give the host a key by which it may vouch for people."""
        author, at = Author(by="olga", came_from="this machine"), datetime.now(UTC)
        with self.database.transaction() as session:
            keys.make(session, author, name="help desk", scopes=[KeyScope.RECOVERIES_WRITE], at=at)

    def answers(self, path: str) -> bool:
        """Whether a page answers with success."""
        try:
            with urllib.request.urlopen(f"{self.origin}{path}", timeout=3) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def offramp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line against this site."""
        return subprocess.run(
            [sys.executable, "-m", "offramp", *arguments],
            env=self.environment(),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def begin_journey(self, policy: Policy = SWIFT, **account: str) -> str:
        """Add an account and want a journey for it, as `journeys start` does; returns its id."""
        with self.database.transaction() as session:
            account_id = factories.make_account(session, **account).account_id
            policy_id = policies.store(session, policy, at=datetime.now(UTC))
            journeys.open_(session, account_id, policy_id, at=datetime.now(UTC))
        return account_id

    def facts(self, account_id: str) -> Facts:
        """What is true of an account."""
        with self.database.reading() as session:
            return facts.read(session, account_id)

    def sms(self, account_id: str) -> SmsState:
        """How far SMS is switched off."""
        return self.facts(account_id).sms

    def outcome(self, account_id: str) -> str | None:
        """How the journey ended, if it has."""
        with self.database.reading() as session:
            journey = journeys.find(session, account_id)
            return journey.outcome if journey else None

    def messages(self, account_id: str) -> list[Message]:
        """Everything that was to be said, oldest first."""
        with self.database.reading() as session:
            return list(reversed(messages.of_account(session, account_id)))

    def kinds(self, account_id: str) -> Counter[str]:
        """How often what has happened."""
        with self.database.reading() as session:
            return Counter(entry.kind for entry in journal.of_account(session, account_id))

    def phone(self, account_id: str) -> str:
        """The number an account's texts go to."""
        with self.database.reading() as session:
            return accounts.get(session, account_id).phone or ""

    def email(self, account_id: str) -> str:
        """The address an account's letters go to."""
        with self.database.reading() as session:
            return accounts.get(session, account_id).email or ""

    def entries(self, account_id: str) -> list[JournalEntry]:
        """Everything that happened, oldest first."""
        with self.database.reading() as session:
            return list(journal.of_account(session, account_id))

    def inbox(self) -> list[InboxItem]:
        """Everything that was delivered, newest first."""
        return Inbox(self.home / "inbox.ndjson", lambda: datetime.now(UTC)).latest(10_000)

    def arrival(self, to: str, words: str, *, channel: Channel | None = None) -> InboxItem:
        """Wait for a message to somebody that contains some words."""
        items: list[InboxItem] = []

        def arrived() -> bool:
            items[:] = [
                item
                for item in self.inbox()
                if item.to == to and words in item.subject + item.text and channel in (None, item.channel)
            ]
            return bool(items)

        wait_until(arrived, f"a message with {words!r} arrives", within=150)
        return items[0]

    def log(self) -> str:
        """What the processes have said."""
        return "".join(path.read_text() for path in sorted(self.home.glob("*.log")))

    def _start(self, name: str, command: list[str]) -> None:
        log = (self.home / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command, env=self.environment(), stdout=log, stderr=log, cwd=self.home
        )
        log.close()

    def _child(self, name: str) -> int:
        return int(json.loads((self.home / "up.json").read_text())[name]["pid"])

    def _leftovers(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.home) in word for word in process.info["cmdline"] or [])
        ]


def make_site(home: Path, *, external_temporal: bool = False, settings: dict[str, str] | None = None) -> Site:
    """A site that is not started yet."""
    home.mkdir(parents=True, exist_ok=True)
    return Site(
        home=home,
        port=free_port(),
        temporal_port=free_port(),
        external_temporal=external_temporal,
        settings=settings or {},
    )


@contextmanager
def running_site(home: Path, *, settings: dict[str, str] | None = None) -> Iterator[Site]:
    """A site of `offramp up`, which is stopped at the end."""
    made = make_site(home, settings=settings)
    try:
        made.up()
        yield made
    finally:
        made.stop()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
