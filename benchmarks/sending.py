"""How soon a code is handed over while a hundred thousand nudges wait, in comparison with nobody waiting.

One `offramp worker` sends by stand-ins of SendGrid and Twilio that answer after 50 ms each: nudges by e-mail, codes by
text message. Then the limit on nudges is lifted, which shows how many the worker sends, and has in hand at once.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median, quantiles

from sqlmodel import col, func, insert, select

from benchmarks.fixtures import Ground, ground, machine, populate
from domain.facts import Channel, Milestone
from domain.messages.messages import CODE_LIFETIME, MessageState, Purpose, Template
from domain.presets import FAST
from offramp.wiring import make_seal
from store import Database
from store.journeys import policies
from store.journeys.journeys import Journey
from store.messages import messages
from store.messages.messages import Message, NewMessage
from store.people import accounts
from tests.providers.standins.http import StandIn
from tests.providers.standins.sendgrid import SENDGRID_KEY
from tests.providers.standins.twilio import TWILIO_SID, TWILIO_TOKEN

ANSWERS_AFTER_SECONDS = 0.05
CODE_EVERY_SECONDS = 0.25
SENDS_FOR_SECONDS = 20.0
SETTLES_WITHIN_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class SendingLeg:
    """From the transaction that asked for each code to the record that Twilio has it, in seconds."""

    waits: list[float]

    @property
    def p95(self) -> float:
        return quantiles(self.waits, n=20)[-1]

    def __str__(self) -> str:
        figures = {"median": median(self.waits), "95th percentile": self.p95, "longest": max(self.waits)}
        return ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in figures.items())


def main() -> None:
    """Send codes to an idle worker, then to one with all the nudges; then let the nudges go."""
    options = _parser().parse_args()
    with ground() as place, StandIn(delay=ANSWERS_AFTER_SECONDS) as providers:
        asyncio.run(place.client())
        database = Database(place.settings.database_url)
        populate(database, options.people, tier="low")
        print(
            f"{options.nudges} nudges, {options.nudges_per_second:g} a second, {options.codes} codes; {machine()}"
        )
        with _worker(place, providers, nudges_per_second=options.nudges_per_second):
            _send_codes(place, database, 1, "first")  # returns when the worker has started, and sent it
            alone = _send_codes(place, database, options.codes, "alone")
            print(f"nobody waits   {alone}")
            _queue_nudges(database, options.nudges)
            _wait_until_sending(providers)
            behind = _send_codes(place, database, options.codes, "behind")
            print(f"nudges wait    {behind}")
            print(f"               {_unsent(database)} of the nudges still waited at the end")
        print(
            f"ratio          median {median(behind.waits) / median(alone.waits):.2f}, 95th {behind.p95 / alone.p95:.2f}"
        )
        with _worker(place, providers, nudges_per_second=0):
            _measure_rate(providers)
        database.close()
    print(machine())


@contextmanager
def _worker(place: Ground, providers: StandIn, *, nudges_per_second: float) -> Iterator[None]:
    environment = {
        "OFFRAMP_HOME": str(place.settings.home),
        "OFFRAMP_TEMPORAL_PORT": str(place.settings.temporal_port),
        "OFFRAMP_LOG_FORMAT": "json",
        "OFFRAMP_MAILER": "sendgrid",
        "OFFRAMP_FROM_EMAIL": "hello@example.org",
        "OFFRAMP_SENDGRID_API_KEY": SENDGRID_KEY,
        "OFFRAMP_SENDGRID_BASE_URL": providers.url,
        "OFFRAMP_EMAILS_PER_SECOND": str(nudges_per_second),
        "OFFRAMP_TEXTER": "twilio",
        "OFFRAMP_TWILIO_ACCOUNT_SID": TWILIO_SID,
        "OFFRAMP_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "OFFRAMP_TWILIO_FROM": "+15005550006",
        "OFFRAMP_TWILIO_BASE_URL": providers.url,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "offramp", "worker"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _send_codes(place: Ground, database: Database, count: int, name: str) -> SendingLeg:
    """Ask for codes one after the other, as people do, and see when each was taken."""
    seal = make_seal(place.settings)
    with database.reading() as session:
        people = next(accounts.each_id(session, batch=count))
    keys = []
    for number in range(count):
        now = datetime.now(UTC)
        code = NewMessage(
            key=f"{name}:{number}",
            account_id=people[number % len(people)],
            purpose=Purpose.CODE,
            template=Template.SIGN_IN_CODE,
            channel=Channel.SMS,
            recipient=f"+4915112{number:06d}",
            locale="en",
            values={"minutes": "10"},
            sealed=seal.close('{"code": "123456"}'),
            expires_at=now + CODE_LIFETIME,
        )
        with database.transaction() as session:
            messages.add(session, code, at=now)
        keys.append(code.key)
        time.sleep(CODE_EVERY_SECONDS)
    return SendingLeg(waits=[_wait(database, key) for key in keys])


def _wait(database: Database, key: str) -> float:
    deadline = time.monotonic() + SETTLES_WITHIN_SECONDS
    while time.monotonic() < deadline:
        with database.reading() as session:
            message = messages.find(session, key)
        if message and message.state == MessageState.SENT and message.settled_at:
            return (message.settled_at - message.created_at).total_seconds()
        time.sleep(0.1)
    raise TimeoutError(f"{key} was not sent")


def _queue_nudges(database: Database, count: int) -> None:
    """Journeys for everybody, and the nudges, as plain rows: their planning is not measured here."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        people = [account_id for batch in accounts.each_id(session) for account_id in batch]
        policy_id = policies.store(session, FAST, at=now)
        session.execute(
            insert(Journey),
            [
                {"account_id": account_id, "policy_id": policy_id, "policy_changes": 0, "started_at": now}
                for account_id in people
            ],
        )
        rows_by_id = accounts.get_many(session, people)
        emails = {account_id: account.email or "" for account_id, account in rows_by_id.items()}
    for start in range(0, count, 10_000):
        rows = [
            _nudge(people[number % len(people)], number, emails, now)
            for number in range(start, min(start + 10_000, count))
        ]
        with database.transaction() as session:
            session.execute(insert(Message), rows)


def _nudge(account_id: str, number: int, emails: dict[str, str], now: datetime) -> dict[str, object]:
    return {
        "key": f"nudge:{account_id}:{number}",
        "account_id": account_id,
        "purpose": Purpose.NUDGE,
        "template": Template.NUDGE_EMAIL_VERIFIED,
        "channel": Channel.EMAIL,
        "recipient": emails[account_id],
        "recipient_key": emails[account_id],
        "locale": "en",
        "values": {},
        "milestone": Milestone.EMAIL_VERIFIED,
        "state": MessageState.QUEUED,
        "created_at": now,
    }


def _wait_until_sending(providers: StandIn) -> None:
    deadline = time.monotonic() + SETTLES_WITHIN_SECONDS
    while not any(key.startswith("nudge:") for key in list(providers.taken.keys())):
        if time.monotonic() > deadline:
            raise TimeoutError("no nudge was sent")
        time.sleep(0.2)


def _unsent(database: Database) -> int:
    with database.reading() as session:
        under_way = (MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING)
        query = select(func.count()).where(
            Message.purpose == Purpose.NUDGE, col(Message.state).in_(under_way)
        )
        return session.exec(query).one()


def _measure_rate(providers: StandIn) -> None:
    """How many the worker sends when nothing limits it, and how many it has in hand at most."""
    providers.most_at_once = 0
    count_before = len(providers.taken.all)
    threading.Event().wait(SENDS_FOR_SECONDS)
    messages_sent = len(providers.taken.all) - count_before
    print(
        f"without limit  {messages_sent / SENDS_FOR_SECONDS:.0f} messages/s, {providers.most_at_once} in hand at most"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sending", description=__doc__)
    parser.add_argument("--nudges", type=int, default=100_000)
    parser.add_argument("--nudges-per-second", type=float, default=10.0)
    parser.add_argument("--codes", type=int, default=60)
    parser.add_argument("--people", type=int, default=2_000)
    return parser


if __name__ == "__main__":
    main()
