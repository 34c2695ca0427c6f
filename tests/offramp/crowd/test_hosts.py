"""Customers of a sample host: who plays, and whether their word and the host's database agree."""

import pytest
from rich.console import Console

from domain.journal import EventKind
from offramp.config.settings import NotConfigured
from offramp.crowd import hosts, pictures
from offramp.crowd.counting import End, LifeReport, Summary
from offramp.crowd.hosts import HostCustomer
from offramp.crowd.kinds import PersonKind
from services.container import NobodyThere
from tests.offramp.conftest import Run


def customer(number: int, *, sms_enabled: bool) -> HostCustomer:
    return HostCustomer(
        customer_id=f"customer-{number:03}",
        email=f"customer-{number:03}@example.com",
        phone=f"+442920180{number:03}",
        sms_enabled=sms_enabled,
    )


def report(number: int, *, end: End = End.DONE, removed: int = 1) -> LifeReport:
    made = LifeReport(
        external_id=f"customer-{number:03}", account_id=str(number), kind=PersonKind.SWIFT, end=end
    )
    made.event_counts[EventKind.SMS_REMOVED] = removed
    return made


def summary_of(reports: list[LifeReport], customers: list[HostCustomer]) -> Summary:
    return Summary(
        rows=[],
        differences=[],
        broken={},
        seconds=1,
        waits=None,
        is_whole=True,
        at_host=hosts.tally(reports, customers),
    )


def shown(summary: Summary) -> str:
    console = Console(width=80, record=True)
    console.print(pictures.picture(summary))
    return console.export_text()


def test_a_host_that_agrees_is_well() -> None:
    reports = [report(1), report(2, removed=0)]
    summary = summary_of(reports, [customer(1, sms_enabled=False), customer(2, sms_enabled=True)])
    assert summary.is_well
    assert "off by its database" in shown(summary)


@pytest.mark.parametrize(("removed", "sms_enabled"), [(1, True), (0, False)])
def test_a_host_that_says_otherwise_is_an_error_that_is_told(removed: int, *, sms_enabled: bool) -> None:
    summary = summary_of([report(1, removed=removed)], [customer(1, sms_enabled=sms_enabled)])
    assert not summary.is_well
    assert "customer-001: the host says otherwise" in shown(summary)


def test_who_came_to_no_end_differs_from_nobody() -> None:
    summary = summary_of([report(1, end=End.STOPPED)], [customer(1, sms_enabled=True)])
    assert summary.at_host
    assert (summary.at_host.people, summary.at_host.differing) == (0, [])


def test_a_host_elsewhere_is_left_alone() -> None:
    with pytest.raises(NotConfigured, match="on this machine only"):
        hosts.read_customers("http://shop.example.com")


def test_a_host_that_does_not_answer_is_to_be_started() -> None:
    with pytest.raises(NobodyThere, match="start the sample host first"):
        hosts.read_customers("http://localhost:1")


def test_customers_are_no_cohort(offramp: Run) -> None:
    assert offramp("crowd", "--host", "http://localhost:1", "--cohort", "autumn").code == 2
