"""Asks axe-core what keeps people out of a page, by the rules of WCAG 2.2 A and AA."""

import json
from importlib.resources import files
from typing import Any

from playwright.async_api import CDPSession

from tests.journeys.browser import Device

_AXE = (files("axe_core_python") / "axe.min.js").read_text()
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_EVERYTHING = {
    "runOnly": {"type": "tag", "values": _STANDARDS},
    "resultTypes": ["violations"],
    # axe knows no `webauthn`, which WebAuthn Level 3 adds to the last place of this attribute.
    "rules": {"autocomplete-valid": {"enabled": False}},
}
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


async def barriers(device: Device) -> list[str]:
    """What is wrong with the page that is open, by light and in the dark; the structure is the same in both."""
    page = device.page
    # Not before its style sheets are there: until then every colour is the browser's own.
    await page.wait_for_load_state("load")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    violations = await _violations(device.cdp, _EVERYTHING)
    await page.emulate_media(color_scheme="dark")
    violations += await _violations(device.cdp, _COLOURS)
    await page.emulate_media(color_scheme="light")
    return violations


async def _violations(cdp: CDPSession, options: dict[str, Any]) -> list[str]:
    # The debugger may run what the page's content security policy rightly refuses to the page.
    expression = f"if (!window.axe) {{ {_AXE} }}; axe.run(document, {json.dumps(options)})"
    answer = await cdp.send(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    assert "exceptionDetails" not in answer, answer
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in answer["result"]["value"]["violations"]
        for node in violation["nodes"]
    ]
