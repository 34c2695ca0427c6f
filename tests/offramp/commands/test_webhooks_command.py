"""`offramp webhooks`, as it is typed."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from domain.host.webhooks import HookState, NotTaken
from domain.journal import EventKind
from domain.staff.staff import AuditKind
from store import Database
from store.staff import audit
from store.staff.audit import Sought
from store.webhooks import subscriptions
from tests.clocks import FakeClock
from tests.fakes import FakeCourier
from tests.offramp.conftest import Ran, Run
from tests.receiver import Receiver
from tests.webhooks import Telling

URL = "https://host.invalid/offramp"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, which a setting allows."""
    monkeypatch.setenv("OFFRAMP_WEBHOOKS_ALLOW_PRIVATE", "true")
    with Receiver() as started:
        yield started


def create(offramp: Run, url: str = URL, *more: str) -> Ran:
    return offramp("webhooks", "create", url, "--name", "login", *(more or ("--all",)), "--by", "olga")


def test_a_subscription_is_made_tested_rotated_and_ended(
    offramp: Run, home_database: Database, receiver: Receiver
) -> None:
    former = create(offramp, receiver.url).out.strip()
    assert offramp("webhooks", "test", "login").out == "login has taken the test event: status 204\n"
    rotated = offramp("webhooks", "rotate-secret", "login", "--by", "olga", "--json")
    new = json.loads(rotated.out)["secret"]
    assert offramp("webhooks", "test", "login").code == 0
    first, second = receiver.arrivals
    assert Webhook(former).verify(first.body, first.headers)["type"] == "offramp.test"
    assert Webhook(former).verify(second.body, second.headers)
    assert Webhook(new).verify(second.body, second.headers)
    assert "login has ended; 0 events" in offramp("webhooks", "end", "login", "--by", "olga").out
    assert offramp("webhooks", "test", "login").code == 1
    with home_database.reading() as session:
        kinds = [entry.kind for entry in audit.latest(session, Sought(), limit=9)]
    assert kinds == [AuditKind.WEBHOOK_ENDED, AuditKind.WEBHOOK_SECRET_ROTATED, AuditKind.WEBHOOK_MADE]


def test_the_secret_is_shown_once_and_sealed_in_the_database(offramp: Run, home_database: Database) -> None:
    ran = create(offramp)
    secret = ran.out.strip()
    assert (secret.startswith("whsec_"), "Nobody can see it again" in ran.err) == (True, True)
    with home_database.reading() as session:
        (row,) = subscriptions.every(session)
    assert secret.encode() not in row.sealed_secret
    assert secret not in offramp("webhooks", "list", "--json").out


def test_a_receiver_that_refuses_the_test_event_is_not_well(
    offramp: Run, home_database: Database, receiver: Receiver
) -> None:
    create(offramp, receiver.url)
    receiver.answers = [401]
    ran = offramp("webhooks", "test", "login", "--json")
    assert (ran.code, json.loads(ran.out)) == (
        1,
        {"name": "login", "is_taken": False, "answer": "status_401"},
    )


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://host.invalid/", "https only"),
        ("https://127.0.0.1/", "private address"),
        ("https://[::ffff:10.0.0.1]/", "private address"),
        ("https://olga:secret@host.invalid/", "no user"),
        ("host.invalid", "looks like"),
    ],
)
def test_no_event_goes_to_such_an_address(
    offramp: Run, home_database: Database, url: str, problem: str
) -> None:
    ran = create(offramp, url)
    assert (ran.code, problem in ran.err) == (1, True), ran.err


def test_kinds_are_named_or_all_of_them_wanted(offramp: Run, home_database: Database) -> None:
    assert offramp("webhooks", "create", URL, "--name", "login").code == 2
    assert create(offramp, URL, "--all", "--kinds", "passkey_bound").code == 2
    assert create(offramp, URL, "--kinds", "sms_off").code == 1
    assert create(offramp, URL, "--kinds", "passkey_bound,sms.suspend", "--kinds", "stuck").code == 0
    (line,) = json.loads(offramp("webhooks", "list", "--json").out)
    assert line["kinds"] == ["passkey_bound", "sms.suspend", "stuck"]
    assert "a subscription called login already" in create(offramp).err


def test_a_name_is_free_again_once_its_subscription_has_ended(offramp: Run, home_database: Database) -> None:
    create(offramp)
    offramp("webhooks", "end", "login", "--by", "olga")
    assert create(offramp).code == 0
    newest, oldest = json.loads(offramp("webhooks", "list", "--json").out)
    assert newest["state"] == "well"
    assert oldest["state"].startswith("ended")
    assert "by olga" in offramp("webhooks", "list").out


def test_a_replay_makes_new_events_of_everything_since_a_time_without_requests(
    offramp: Run, home_database: Database
) -> None:
    telling = Telling(home_database, FakeClock(datetime.now(UTC) - timedelta(days=40)))
    account_id = telling.account()
    telling.happens(account_id, EventKind.PASSKEY_BOUND)
    telling.clock.set(datetime.now(UTC) - timedelta(hours=1))
    create(offramp)
    telling.happens(account_id, EventKind.PASSKEY_PROVEN, EventKind.SIGNED_IN)
    telling.asks(account_id, "suspend")
    since = (telling.clock() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
    ran = offramp("webhooks", "replay", "login", "--since", since, "--by", "olga")
    assert ran.out.startswith("2 events since ")
    everything = offramp("webhooks", "replay", "login", "--since", "2020-01-01", "--by", "olga", "--json")
    assert json.loads(everything.out)["replayed"] == 3
    rows = telling.deliveries()
    assert [(row.replay, row.hook_type) for row in rows] == [
        (0, "passkey_proven"),
        (0, "signed_in"),
        (0, "sms.suspend"),
        (1, "passkey_proven"),
        (1, "signed_in"),
        (2, "passkey_bound"),
        (2, "passkey_proven"),
        (2, "signed_in"),
    ]
    assert len({row.webhook_id for row in rows}) == len(rows)


def test_a_replay_goes_in_order_behind_what_waits(home_database: Database, offramp: Run) -> None:
    telling = Telling(home_database, FakeClock())
    telling.subscribe(name="login")
    account_id = telling.account()
    telling.happens(account_id, EventKind.PASSKEY_BOUND, EventKind.PASSKEY_PROVEN)
    offramp("webhooks", "replay", "login", "--since", "2020-01-01", "--by", "olga")
    assert telling.states() == {HookState.WAITING: 1, HookState.BEHIND: 3}


def test_nothing_dead_is_well(offramp: Run, home_database: Database) -> None:
    create(offramp)
    ran = offramp("webhooks", "dead")
    assert (ran.code, ran.out) == (0, "nothing is dead\n")
    assert offramp("webhooks", "dead", "crm").code == 1


def dead_telling(database: Database, count: int) -> Telling:
    """Events that the receiver has not taken in days."""
    courier = FakeCourier(trouble=[NotTaken("status_500")] * 1000)
    telling = Telling(database, FakeClock(datetime.now(UTC) - timedelta(days=9)), courier)
    for _ in range(count):
        telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    telling.live(timedelta(days=5), step=timedelta(hours=3))
    assert telling.states() == {HookState.DEAD: count}
    return telling


@pytest.mark.parametrize(
    ("command", "question", "words", "state"),
    [
        ("send-again", "Send 2 events of login again?", "2 events on the way again.", HookState.WAITING),
        ("give-up", "Give 2 events of login up?", "2 events given up.", HookState.GIVEN_UP),
    ],
)
def test_all_dead_events_go_by_one_command_that_asks_back(
    offramp: Run,
    home_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    question: str,
    words: str,
    state: HookState,
) -> None:
    create(offramp)
    telling = dead_telling(home_database, 2)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = offramp("webhooks", command, "login", "--by", "olga")
    assert (refused.code, question in refused.out + refused.err) == (1, True)
    assert telling.states() == {HookState.DEAD: 2}
    assert words in offramp("webhooks", command, "login", "--by", "olga", "--yes").out
    assert telling.states() == {state: 2}
    assert "nothing is dead" in offramp("webhooks", command, "login", "--by", "olga").out
    with home_database.reading() as session:
        (newest,) = audit.latest(session, Sought(), limit=1)
    assert (newest.by, newest.detail["deliveries"]) == ("olga", 2)


def test_dead_events_of_a_subscription_that_has_ended_can_only_be_given_up(
    offramp: Run, home_database: Database
) -> None:
    create(offramp)
    telling = dead_telling(home_database, 1)
    offramp("webhooks", "end", "login", "--by", "olga")
    assert offramp("webhooks", "send-again", "login", "--yes").code == 1
    assert "1 event given up." in offramp("webhooks", "give-up", "login", "--yes").out
    assert telling.states() == {HookState.GIVEN_UP: 1}
