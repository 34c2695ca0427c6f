"""`offramp doctor` says whether hosts hear of what happens."""

from datetime import timedelta

import pytest

from domain.host.webhooks import STEADY_FAILURES, TRIED_FOR, NotTaken
from domain.journal import EventKind
from offramp.checkup.findings import Diagnosis
from offramp.checkup.webhook_checks import LATE_AFTER, webhook_findings
from store import Database
from tests.clocks import FakeClock
from tests.fakes import FakeCourier
from tests.webhooks import Telling


@pytest.fixture
def telling(database: Database, clock: FakeClock) -> Telling:
    return Telling(database, clock, FakeCourier())


def findings(telling: Telling) -> list[tuple[Diagnosis, str]]:
    with telling.database.reading() as session:
        current_findings = list(webhook_findings(session, now=telling.clock()))
    return [(finding.verdict, finding.detail) for finding in current_findings]


def test_nothing_is_said_of_what_nobody_uses(telling: Telling) -> None:
    assert findings(telling) == []


def test_all_is_well(telling: Telling) -> None:
    telling.subscribe()
    telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    assert findings(telling) == [(Diagnosis.WELL, "1 subscribed, and no event is late")]


def test_an_event_is_late_after_an_hour(telling: Telling) -> None:
    telling.subscribe()
    telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    telling.clock.advance(LATE_AFTER + timedelta(seconds=1))
    ((verdict, detail),) = findings(telling)
    assert (verdict, "has been on its way since" in detail) == (Diagnosis.UNWELL, True)


def test_who_fails_and_what_is_dead_is_named(telling: Telling) -> None:
    telling.courier = FakeCourier(trouble=[NotTaken("status_500")] * 200)
    telling.subscribe(name="login")
    telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    telling.live(TRIED_FOR + timedelta(hours=9), step=timedelta(hours=1))
    failing, dead = findings(telling)
    assert failing[0] is dead[0] is Diagnosis.UNWELL
    assert "login has failed" in failing[1]
    assert int(failing[1].split()[3]) >= STEADY_FAILURES
    assert "nobody took 1 events" in dead[1]


def test_a_receiver_that_is_gone_is_a_note_for_a_month(telling: Telling) -> None:
    telling.courier = FakeCourier(trouble=[NotTaken("status_410", is_gone=True)])
    telling.subscribe(name="login")
    telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    telling.tell_due()
    ((verdict, detail),) = findings(telling)
    assert (verdict, detail.startswith("the receiver of login said")) == (Diagnosis.NOTE, True)
    telling.clock.advance(timedelta(days=31))
    assert findings(telling) == []
