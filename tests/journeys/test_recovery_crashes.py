"""Whoever gets back in gets back in once, whatever is killed meanwhile."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from domain.facts import Channel
from tests.journeys.people import Person
from tests.journeys.site import LONG_NOTICE, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

EMAIL = "ada@example.org"


def test_a_recovery_survives_every_process_being_killed(site: Site) -> None:
    account_id = site.begin_journey(LONG_NOTICE, email=EMAIL)
    person = Person(site, account_id)
    person.set_up(EMAIL)
    codes = person.new_recovery_codes()

    ada = person.stolen()  # another device of hers, on which nothing is known
    ada.post("/recover/code", identifier=EMAIL, code=codes[1])
    site.kill("worker")
    ada.post("/recover/email")
    letter = site.arrival(EMAIL, "get back into your", channel=Channel.EMAIL)
    site.kill("temporal")
    page = ada.post("/recover/email/code", code=re.findall(r"^\d{6}$", letter.text, re.MULTILINE)[0])
    assert "Now we wait a little" in page.text
    site.kill_supervisor()
    site.up()
    link = re.findall(r"https?://\S+/recover/open/\S+", site.arrival(EMAIL, "The way back into").text)[0]
    site.kill("api")
    assert "Set up this device" in ada.post(urlsplit(link).path).text
    site.kill("worker")
    ada.make_passkey()
    ada.prove_passkey()
    wait_until(lambda: site.kinds(account_id)["recovered"] == 1, "the request is done")
    ada.post("/sign-out")
    ada.sign_in_by_passkey()

    happened = site.kinds(account_id)
    assert happened["recovery_asked"] == happened["recovery_opened"] == 1
    arrived = Counter(item.key for item in site.inbox())
    assert {key: times for key, times in arrived.items() if times > 1} == {}
    report = site.offramp("doctor")
    assert report.returncode == 0, report.stdout + report.stderr
