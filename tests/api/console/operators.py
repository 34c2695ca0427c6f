"""Operators at the console, and what they see there."""

import re
from typing import Any

from httpx2 import Response

from domain.rollouts.rollout import Command
from store.rollouts import cohorts
from store.rollouts.cohorts import CohortEntry
from tests.api.console.rollouts import FakeRollouts
from tests.api.world import Browser, World

SITE: dict[str, Any] = {"origin": "http://localhost:8400", "secure": False}
SMALL = 'name = "small"\n[[waves]]\npercent = 100\n'
"""The description of a cohort that is everybody, in one wave."""


def operator(world: World, name: str = "") -> Browser:
    """Somebody at this machine, who may have said their name."""
    browser = world.browser(address="127.0.0.1", origin=world.services.site.origin)
    if name:
        browser.post("/console/name", name=name)
    return browser


def order(browser: Browser, cohort_id: str, command: Command, **form: str) -> Response:
    """Look at a cohort, and give it an order with a reason; the form says what else."""
    version = re.search(r'data-version="(\d+)"', browser.get(f"/console/cohorts/{cohort_id}").text)
    assert version
    said: dict[str, Any] = {"seen": version[1], "reason": "a <b>test</b>", "extend_by": "2 days"} | form
    return browser.post(f"/console/cohorts/{cohort_id}/orders/{command}", **said)


def stage(world: World, cohort_id: str) -> str:
    """Where a rollout stands."""
    with world.database.reading() as session:
        return cohorts.get(session, cohort_id).stage


def log(world: World, cohort_id: str) -> list[CohortEntry]:
    """What has happened to it, newest first."""
    with world.database.reading() as session:
        return list(cohorts.entries(session, cohort_id))


def away(world: World) -> None:
    """From now on Temporal does not answer."""
    rollouts = world.services.rollouts
    assert isinstance(rollouts, FakeRollouts)
    rollouts.is_away = True


def text(answer: Response) -> str:
    """What is read on a page."""
    return text_of(answer.text[answer.text.index("<main") :])


def text_of(html: str) -> str:
    """What is read, with single spaces."""
    words = re.sub(r"<[^>]+>", " ", html)
    for entity, letter in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        words = words.replace(entity, letter)
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(words.split()))


def parts(html: str) -> dict[str, str]:
    """The marks of a page's live parts, by their ids."""
    return dict(re.findall(r'id="(part-[\w-]+)"[^>]* data-live data-digest="(\w+)"', html))


def changed(before: str, after: str) -> set[str]:
    """The parts that differ between two fragments."""
    first, other = parts(before), parts(after)
    return {name for name in other if first[name] != other[name]}
