"""A crowd of either sample host's customers, by the command itself: from its sign-in page to no codes any more."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from domain.host.ceremonies import Ceremonies
from tests.journeys.sample_shop import SampleShop, running_shop

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


@pytest.fixture(params=Ceremonies)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleShop]:
    """The shop whose people set up passkeys on Offramp's pages, and the one that has passkeys of its own."""
    with running_shop(f"examples.{request.param}", tmp_path_factory.mktemp(request.param)) as shop:
        yield shop


def crowd(shop: SampleShop, *words: str) -> subprocess.CompletedProcess[str]:
    """Play three customers of the shop."""
    return subprocess.run(
        [sys.executable, "-m", "offramp", "crowd", "--host", shop.origin, "--accounts", "3", *words],
        env=shop.site.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=480,
    )


def test_customers_come_from_the_shops_sign_in_page_to_codes_that_are_off_there(host: SampleShop) -> None:
    nobody = crowd(host)
    assert nobody.returncode == 2
    assert f"{host.module}.populate --customers 3" in nobody.stderr
    host.populate("--customers", "3")
    ran = crowd(host, "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr + host.site.log()
    summary = json.loads(ran.stdout)
    assert {row["kind"]: row["ends"] for row in summary["rows"]} == {
        "swift": {"done": 1},
        "lazy": {"done": 1},
        "unable": {"done": 1},
    }
    assert summary["at_host"] == {"people": 3, "off_by_people": 2, "off_by_host": 2, "differing": []}
    assert [host.has_codes(f"customer-{number:03}") for number in (1, 2, 3)] == [False, False, True]
    assert {"sms.suspended", "sms.removed"} <= set(host.told("customer-002"))
    again = crowd(host)
    assert "populate --customers 6" in again.stderr
