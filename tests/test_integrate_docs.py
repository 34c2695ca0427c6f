"""`docs/integrate.md` leads from nothing to the first migrated account: its commands and code run in their order."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from store.people import accounts
from tests.journeys.people import Person
from tests.journeys.site import Site, free_port, running_site
from tests.waiting import wait_until

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "integrate.md").read_text()
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", PAGE, re.M | re.S)
OFFRAMP, HOST = "http://localhost:8400", "http://localhost:8500"

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


class Reader:
    """Somebody who does what the page says, against a site of their own."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.names: dict[str, Any] = {}
        self._port = free_port()
        self._folder = folder
        (folder / "examples").symlink_to(ROOT / "examples")

    def do(self, language: str, block: str) -> None:
        """Run one block."""
        own = block.replace(OFFRAMP, self.site.origin).replace(HOST, f"http://localhost:{self._port}")
        if language == "python":
            exec(compile(own, "docs/integrate.md", "exec"), self.names)
        else:
            self._in_shell(own.replace(".venv/bin/", f"{Path(sys.executable).parent}/"))

    def _in_shell(self, commands: str) -> None:
        after = self._folder / "environment"
        done = subprocess.run(
            ["bash", "-euc", f"{commands}\nenv -0 > {after}"],
            cwd=self._folder,
            env={**self.site.environment(), **self._exported()},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        for line in after.read_text().split("\0"):
            name, _, value = line.partition("=")
            if name.startswith("SHOP_"):
                os.environ[name] = value

    def _exported(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name.startswith("SHOP_")}

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve the application that the page has written so far."""
        server = uvicorn.Server(
            uvicorn.Config(self.names["app"], host="127.0.0.1", port=self._port, log_level="warning")
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            wait_until(lambda: server.started, "the host serves")
            yield
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with running_site(tmp_path / "home", settings={"OFFRAMP_WEBHOOKS_ALLOW_PRIVATE": "true"}) as site:
        yield Reader(site, folder)


def test_the_page_leads_from_nothing_to_the_first_migrated_account(reader: Reader) -> None:
    site = reader.site
    before, after = until("app = FastAPI()"), BLOCKS[len(until("app = FastAPI()")) :]
    for block in before:
        reader.do(*block)
    with reader.serving():
        launch, *looking = after
        reader.do(*launch)
        account_id = account_of(site, "customer-1")
        wait_until(lambda: site.kinds(account_id)["journey_started"] > 0, "the journey starts", within=120)
        ada = Person(site, account_id)
        ada.sign_in_by_code()
        ada.make_passkey()
        ada.prove_passkey()
        ada.keep_recovery_codes()
        wait_until(lambda: site.outcome(account_id) == "migrated", lambda: site.log(), within=200)
        for block in looking:
            reader.do(*block)
    assert reader.names["ada"].journey == "migrated"
    assert reader.names["ada"].sms.state == "removed"
    assert reader.names["sms_enabled"] == {"customer-1": False}
    reader.names["offramp"].close()


def until(words: str) -> list[tuple[str, str]]:
    """The blocks up to the block with these words."""
    (last,) = [number for number, (_, block) in enumerate(BLOCKS) if words in block]
    return BLOCKS[: last + 1]


def account_of(site: Site, external_id: str) -> str:
    with site.database.reading() as session:
        account = accounts.by_external_id(session, external_id)
    assert account
    return account.account_id
