"""Whatever is killed, and whenever: nothing is lost, nothing is sent twice, nobody is locked out."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.facts import Milestone, SmsState
from domain.messages.messages import MessageState
from tests.journeys.people import Person
from tests.journeys.site import Site, make_site
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

EMAIL = "ada@example.org"
KILLS_OF_SENDERS = 3
"""How often the test kills the process that sends: twice the worker, once with everything else."""


def test_a_journey_survives_every_process_being_killed(site: Site) -> None:
    account_id = site.begin_journey(email=EMAIL)
    person = Person(site, account_id)
    site.arrival(EMAIL, "A quicker, safer way into")  # the invitation; who is in the middle of it gets none
    person.sign_in_by_code()
    site.kill("worker")
    person.verify_email(EMAIL)
    site.kill("api")
    person.make_passkey()
    site.kill("temporal")
    person.prove_passkey()
    site.kill_supervisor()
    site.up()
    person.keep_recovery_codes()
    wait_until(lambda: site.sms(account_id) is SmsState.NOTICE, "notice is given")
    site.kill("worker")
    # If the notices died with the worker, they are given again once their claims have lapsed.
    wait_until(lambda: site.sms(account_id) is SmsState.SUSPENDED, "SMS is suspended", within=150)
    site.kill("temporal")
    wait_until(lambda: site.outcome(account_id) == "migrated", "the journey ends", within=150)
    _assert_everything_was_said_once(site, account_id)
    report = site.offramp("doctor")
    assert report.returncode == 0, report.stdout + report.stderr


def _assert_everything_was_said_once(site: Site, account_id: str) -> None:
    arrived = Counter(item.key for item in site.inbox())
    assert {key: times for key, times in arrived.items() if times > 1} == {}
    wait_until(
        lambda: _unsettled(site, account_id) == {},
        lambda: f"messages are settled: {_unsettled(site, account_id)}",
        within=150,  # a sending that died with Temporal is tried again after its time-out
    )
    happened = site.kinds(account_id)
    assert happened["message_unknown"] <= KILLS_OF_SENDERS
    assert happened["notice_given"] - happened["notice_missed"] == 1
    for once in ("sms_suspended", "sms_removed", "journey_ended", "email_verified"):
        assert happened[once] == 1
    assert [nudge.milestone for nudge in site.messages(account_id) if nudge.milestone] == [
        Milestone.EMAIL_VERIFIED
    ]


def _unsettled(site: Site, account_id: str) -> dict[str, str]:
    """Messages of which nobody knows yet what became of them.

    One that was in a worker's hands when it was killed is `unknown` for good, as promised: better that than twice.
    """
    done = (MessageState.SENT, MessageState.SKIPPED, MessageState.UNKNOWN)
    return {message.key: message.state for message in site.messages(account_id) if message.state not in done}


@pytest.fixture
def cut_off(tmp_path: Path) -> Iterator[Site]:
    """A site whose Temporal, run by somebody else, is down."""
    made = make_site(tmp_path / "home", external_temporal=True)
    try:
        made.up()
        yield made
    finally:
        made.stop()


def test_without_temporal_people_sign_in_and_set_up_and_the_journey_catches_up(cut_off: Site) -> None:
    account_id = cut_off.begin_journey(email=EMAIL)
    person = Person(cut_off, account_id)
    person.set_up(EMAIL)
    person.sign_in_by_passkey()
    facts = cut_off.facts(account_id)
    assert (facts.proven_passkeys, facts.recovery_codes_proven) == (1, True)
    assert not cut_off.answers("/readyz")
    assert facts.sms is SmsState.ON
    cut_off.start_temporal()
    wait_until(lambda: cut_off.sms(account_id) is SmsState.SUSPENDED, "the journey catches up", within=150)
    assert max(Counter(item.key for item in cut_off.inbox()).values()) == 1
