"""Alive and ready."""

from dataclasses import replace

from structlog.testing import capture_logs

from services.container import Readiness
from tests.api.world import Browser, World


def test_alive_and_ready(browser: Browser) -> None:
    assert browser.get("/healthz").json() == {"alive": True}
    answer = browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": {"database": {"ready": True, "detail": ""}}}


def test_one_thing_that_is_not_ready_is_named(world: World) -> None:
    down = Readiness(name="temporal", ready=False, detail="it does not answer")
    up = Readiness(name="database", ready=True)
    world.services = replace(world.services, readiness=lambda: [up, down])
    answer = world.browser().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["temporal"] == {"ready": False, "detail": "it does not answer"}


def test_a_mistake_of_ours_is_a_calm_page_too(world: World) -> None:
    def broken() -> list[Readiness]:
        raise RuntimeError("a mistake")

    world.services = replace(world.services, readiness=broken)
    browser = world.browser()
    browser.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    with capture_logs() as logged:
        answer = browser.get("/readyz")
    assert [line["event"] for line in logged] == ["request_failed"]
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
