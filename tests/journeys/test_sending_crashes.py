"""However often senders are killed, and however providers misbehave: no key is handed over twice, none is forgotten."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.journal import EventKind
from domain.messages.messages import MessageState
from tests.journeys.site import Site, make_site
from tests.providers.standins import SENDGRID_KEY, TWILIO_SID, TWILIO_TOKEN, StandIn
from tests.providers.standins.troubles import CLOSE, DROP, GARBLE, status
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

PEOPLE_A_ROUND = 20
TROUBLES = (
    (status(500), status(429, retry_after="1"), DROP),
    (CLOSE, GARBLE),
)
"""What happens to the first messages of each round, before its worker is killed."""


@pytest.fixture
def providers() -> Iterator[StandIn]:
    """Stand-ins that outlive whoever sends by them."""
    with StandIn(delay=0.05) as started:
        yield started


@pytest.fixture
def site(tmp_path: Path, providers: StandIn) -> Iterator[Site]:
    """An Offramp that sends by SendGrid and Twilio."""
    made = make_site(tmp_path / "home", settings=settings_for(providers))
    try:
        made.up()
        yield made
    finally:
        made.stop()


def settings_for(providers: StandIn) -> dict[str, str]:
    return {
        "OFFRAMP_MAILER": "sendgrid",
        "OFFRAMP_FROM_EMAIL": "hello@example.org",
        "OFFRAMP_SENDGRID_API_KEY": SENDGRID_KEY,
        "OFFRAMP_SENDGRID_BASE_URL": providers.url,
        "OFFRAMP_TEXTER": "twilio",
        "OFFRAMP_TWILIO_ACCOUNT_SID": TWILIO_SID,
        "OFFRAMP_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "OFFRAMP_TWILIO_FROM": "+15005550006",
        "OFFRAMP_TWILIO_BASE_URL": providers.url,
    }


def test_no_key_is_handed_over_twice_and_every_message_comes_to_a_visible_end(
    site: Site, providers: StandIn
) -> None:
    people: list[str] = []
    for troubles in TROUBLES:
        providers.troubles.add(*troubles)
        people += [site.begin_journey() for _ in range(PEOPLE_A_ROUND)]
        _wait_for_more(providers)
        site.kill("worker")
    wait_until(
        lambda: _unsettled(site, people) == {},
        lambda: f"every invitation comes to an end: {_unsettled(site, people)}",
        within=150,
    )
    assert {key: times for key, times in providers.taken.keys().items() if times > 1} == {}
    for account_id in people:
        (invitation, *_) = site.messages(account_id)
        if invitation.state == MessageState.SENT:
            assert providers.taken.keys()[invitation.key] == 1
        else:
            assert invitation.state == MessageState.UNKNOWN  # nobody knows, and it says so
            assert site.kinds(account_id)[EventKind.MESSAGE_UNKNOWN] == 1
    states = Counter(site.messages(account_id)[0].state for account_id in people)
    assert states[MessageState.SENT] > len(people) // 2


def _wait_for_more(providers: StandIn) -> None:
    already = len(providers.taken.all)
    wait_until(lambda: len(providers.taken.all) >= already + 3, "some are sent", within=150)


def _unsettled(site: Site, people: list[str]) -> dict[str, str]:
    """The invitations of which nobody can say yet what became of them."""
    done = (MessageState.SENT, MessageState.UNKNOWN)
    first = {account_id: site.messages(account_id)[:1] for account_id in people}
    return {
        account_id: latest[0].state if latest else "not queued"
        for account_id, latest in first.items()
        if not latest or latest[0].state not in done
    }
