"""Workers on machines whose clocks are wrong, as processes of their own: they do no harm, and it is told of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import SEND_TIMEOUT, MessageState, Purpose, Template
from domain.safety.throttle import Throttle
from providers.sealing import FernetSeal
from store import Database
from store.engine import heartbeats, throttles
from store.engine.heartbeats import Heartbeat
from store.engine.throttles import ThrottleCount
from store.messages import messages
from store.messages.messages import Message, NewMessage
from store.people import journal, one_time_codes
from store.people.one_time_codes import CodePurpose, OneTimeCode
from tests.factories import make_account, make_web_session
from tests.journeys.site import free_port
from tests.postgres import PostgresServer
from tests.waiting import wait_until

FAKETIME = shutil.which("faketime")
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed: apt-get install faketime"),
]

KEY = "a secret key that only this test knows, and nobody else"
RIGHT = timedelta()
FAR_OFF = (timedelta(days=1), -timedelta(days=1), timedelta(minutes=5))
A_LITTLE_OFF = (timedelta(seconds=50), -timedelta(seconds=50))
"""Wrong by more than a sender's claim lasts and a code of these tests is good for, but not enough to stop."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Place:
    """A database, and workers beside it; Temporal is nowhere, so they send by themselves."""

    home: Path
    database: Database

    @contextmanager
    def workers(self, *wrong_by: timedelta) -> Iterator[None]:
        """Workers whose machines' clocks are wrong, from their first beats until the block ends."""
        others, running = len(self.processes()), [self._start(by) for by in wrong_by]
        try:
            wait_until(
                lambda: len(self.processes()) == others + len(running),
                lambda: f"all workers beat: {self.said()}",
                within=150,
            )
            yield
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, wrong_by: timedelta) -> subprocess.Popen[bytes]:
        with (self.home / f"{wrong_by.total_seconds():+.0f}.log").open("wb") as log:
            return subprocess.Popen(
                [*_wrong(wrong_by), sys.executable, "-m", "offramp", "worker"],
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def doctor(self) -> dict[str, list[str]]:
        """What the doctor says is not well, by name."""
        command = [sys.executable, "-m", "offramp", "doctor", "--json"]
        ran = subprocess.run(command, env=self.environment(), capture_output=True, check=False, timeout=150)
        findings: dict[str, list[str]] = {}
        for finding in json.loads(ran.stdout)["findings"]:
            if finding["verdict"] == "unwell":
                findings.setdefault(finding["name"], []).append(finding["detail"])
        return findings

    def environment(self) -> dict[str, str]:
        settings = {
            "OFFRAMP_HOME": str(self.home),
            "OFFRAMP_DATABASE_URL": self.database.url,
            "OFFRAMP_SECRET_KEY": KEY,
            "OFFRAMP_TEMPORAL_PORT": str(free_port()),
            "OFFRAMP_METRICS_PORT": "0",
        }
        return {**os.environ, **settings}

    def processes(self) -> list[Heartbeat]:
        with self.database.reading() as session:
            return list(heartbeats.living(session, now=now()))

    def beats_of_all(self, times: int) -> None:
        """Wait until each living process has beaten so often, and has had as many occasions to do harm."""
        for _ in range(times):
            before = {process.name: process.at for process in self.processes()}
            wait_until(lambda before=before: _all_later(before, self.processes()), "all beat")  # type: ignore[misc]

    def queue_code(self, state: MessageState = MessageState.QUEUED) -> str:
        """A code that somebody waits for; SENDING: another worker has just begun to send it."""
        with self.database.transaction() as session:
            account_id = make_account(session).account_id
            message = NewMessage(
                key=f"{account_id}:code",
                account_id=account_id,
                purpose=Purpose.CODE,
                template=Template.SIGN_IN_CODE,
                channel=Channel.SMS,
                recipient="+4915112345602",
                locale="en",
                values={"minutes": "10"},
                sealed=FernetSeal(KEY).close(json.dumps({"code": "123456"})),
                expires_at=now() + timedelta(seconds=45),
            )
            messages.add(session, message, at=now())
            if state is MessageState.SENDING:
                messages.claim(session, message.key, now=now())
            journal.append(session, account_id, EventKind.SIGNED_IN, at=now(), actor=Actor.PERSON)
        return message.key

    def sends(self, key: str) -> datetime:
        """Wait until a worker has sent a message; returns when that was."""
        wait_until(
            lambda: self.message(key).state == MessageState.SENT,
            lambda: f"{self.message(key)!r} is sent: {self.said()}",
        )
        settled_at = self.message(key).settled_at
        assert settled_at
        return settled_at

    def said(self) -> str:
        """What the workers have said."""
        return "".join(log.read_text() for log in sorted(self.home.glob("*.log")))

    def message(self, key: str) -> Message:
        with self.database.reading() as session:
            message = messages.find(session, key)
        assert message
        return message


def _wrong(by: timedelta) -> list[str]:
    return [FAKETIME or "", "-f", f"{by.total_seconds():+.0f}s"] if by else []


def _all_later(before: dict[str, datetime], processes: list[Heartbeat]) -> bool:
    later = {process.name for process in processes if process.at > before.get(process.name, process.at)}
    return later >= set(before)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A home with a migrated database of its own."""
    with _fresh_url(request, tmp_path) as url:
        database = Database(url)
        yield Place(home=tmp_path, database=database)
        database.close()


@contextmanager
def _fresh_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "offramp.db")
        yield f"sqlite:///{folder / 'offramp.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with postgres.fresh_database() as url:
        yield url


def test_workers_whose_clocks_are_far_off_do_nothing_and_another_one_everything(place: Place) -> None:
    with place.database.transaction() as session:
        visit = make_web_session(session, "token", started_at=now(), expires_at=now() + timedelta(hours=1))
        one_time_codes.issue(
            session,
            session_id=visit.session_id,
            purpose=CodePurpose.SIGN_IN,
            account_id=None,
            digest="d",
            now=now(),
        )
        throttles.count(session, Throttle.CODES_PER_ACCOUNT, "somebody", now=now())
    with place.workers(*FAR_OFF):
        key = place.queue_code()
        place.beats_of_all(2)
        assert place.message(key).state == MessageState.QUEUED
        assert sum("it takes no work" in detail for detail in place.doctor()["clocks"]) == len(FAR_OFF)
        with place.workers(RIGHT):
            place.sends(place.queue_code())
            place.beats_of_all(2)
    with place.database.reading() as session:
        assert session.exec(select(OneTimeCode)).one().used_at is None
        assert session.exec(select(ThrottleCount)).one().times == 1


def test_workers_whose_clocks_are_a_little_off_work_by_the_databases(place: Place) -> None:
    began_at = now() - timedelta(seconds=1)
    with place.workers(*A_LITTLE_OFF):
        for key in [place.queue_code() for _ in range(10)]:
            settled_at = place.sends(key)
            assert began_at < settled_at < now() + timedelta(seconds=1)
        assert _keep_anothers_claim(place)
        assert all(beat.at <= now() + timedelta(seconds=1) for beat in place.processes())
        assert sum("50 s" in detail for detail in place.doctor()["clocks"]) == len(A_LITTLE_OFF)


def _keep_anothers_claim(place: Place) -> bool:
    """Whether they leave alone what another worker is sending, as long as its claim lasts."""
    while True:
        asked_at = time.monotonic()
        key = place.queue_code(MessageState.SENDING)
        place.beats_of_all(2)
        state = place.message(key).state
        if time.monotonic() - asked_at < SEND_TIMEOUT.total_seconds():
            return state == MessageState.SENDING
