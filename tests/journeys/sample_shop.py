"""A sample host on a process of its own, beside a whole Offramp: it can be killed, broken and asked what it knows."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx

from examples.shop.customers import Customer, ShopDatabase
from examples.shop.populating import PASSWORD, PEOPLE
from providers.software_authenticator import Authenticator
from store.journeys import journeys, policies
from store.people import accounts
from tests.journeys.site import SWIFT, Site, free_port, running_site
from tests.journeys.visitors import Visitor
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
CONFIRMED = replace(SWIFT, name="confirmed", host_confirms=True)
"""The policy of these journeys: codes are off when the host says so."""


@dataclass
class SampleShop:
    """One of `examples/`: its process, and its own database, looked at from outside."""

    module: str
    site: Site
    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Where its people sign in."""
        return f"http://localhost:{self.port}"

    @property
    def database(self) -> ShopDatabase:
        """Its database."""
        return ShopDatabase(self.home / "shop.db")

    def start(self) -> None:
        """Start it, and wait until it answers; the first start gets what it needs of Offramp."""
        with (self.site.home / "shop.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=self._environment(),
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        wait_until(self._is_up, self.site.log, within=90)

    def kill(self) -> None:
        """`kill -9` it: nobody answers any more."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def populate(self, *words: str) -> None:
        """Let a few people be customers, or as many as the words say, and Offramp know of them."""
        command = [sys.executable, "-m", f"{self.module}.populate", *words]
        done = subprocess.run(
            command,
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    def launch(self) -> None:
        """Begin everybody's journey."""
        with self.site.database.transaction() as session:
            policy_id = policies.store(session, CONFIRMED, at=datetime.now(UTC))
            for person in PEOPLE:
                account = accounts.by_external_id(session, person.customer_id)
                assert account
                journeys.open_(session, account.account_id, policy_id, at=datetime.now(UTC))

    def account_id(self, customer_id: str) -> str:
        """Offramp's id of a customer."""
        with self.site.database.reading() as session:
            account = accounts.by_external_id(session, customer_id)
        assert account
        return account.account_id

    def has_codes(self, customer_id: str) -> bool:
        """Whether codes by text message are on, by the shop's own database."""
        return self.database.customer(customer_id).sms_enabled

    def code(self, customer: Customer) -> str:
        """The last code that the shop has texted to a customer."""
        return next(text[:6] for number, text in self.database.texts() if number == customer.phone)

    def told(self, customer_id: str) -> list[str]:
        """The types of what Offramp was told of a customer, oldest first."""
        with self.database.transaction() as rows:
            told_rows = rows.execute(
                "SELECT type FROM told WHERE customer_id = ? AND sent = 1 ORDER BY rowid", (customer_id,)
            ).fetchall()
        return [row["type"] for row in told_rows]

    def tell_again(self) -> None:
        """Tell everything anew, as if no answer had ever come."""
        with self.database.transaction() as rows:
            rows.execute("UPDATE told SET sent = 0")

    def is_all_told(self) -> bool:
        """Whether nothing waits to be told."""
        with self.database.transaction() as rows:
            return rows.execute("SELECT 1 FROM told WHERE sent = 0").fetchone() is None

    def break_hearing(self) -> None:
        """Let its database fail whenever a webhook comes, so that the shop answers 500."""
        with self.database.transaction() as rows:
            rows.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON heard BEGIN SELECT RAISE(ABORT, 'full'); END"
            )

    def mend_hearing(self) -> None:
        """Let it hear again."""
        with self.database.transaction() as rows:
            rows.execute("DROP TRIGGER broken")

    def _environment(self) -> dict[str, str]:
        own = {"SHOP_HOME": str(self.home), "SHOP_PORT": str(self.port), "SHOP_OFFRAMP": self.site.origin}
        # A machine that does much else keeps people waiting for longer than they would wait.
        own["SHOP_PATIENCE"] = "20"
        return {**self.site.environment(), **own, "PYTHONPATH": str(ROOT / "clients" / "python")}

    def _is_up(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.site.log()
        try:
            with urllib.request.urlopen(f"{self.origin}/sign-in", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class PlainShopper:
    """A customer of the orchestrated shop over plain HTTP, with an authenticator in software."""

    def __init__(self, shop: SampleShop, customer: Customer) -> None:
        self.shop = shop
        self.customer = customer
        self.device = Authenticator(origin=shop.origin, rp_id="localhost")
        self.client = httpx.Client(base_url=shop.origin, timeout=60, follow_redirects=True)

    def set_up(self) -> None:
        """Password and code, a passkey, its first use, recovery codes."""
        self.client.post("/sign-in", data={"email": self.customer.email, "password": PASSWORD})
        self.client.post("/sign-in/code", data={"code": self.shop.code(self.customer)})
        options = self.client.post("/passkeys/new/options").json()
        assert self.client.post("/passkeys/new", json=self.device.create(options)).is_success
        options = self.client.post("/passkeys/use/options").json()
        assert self.client.post("/passkeys/use", json=self.device.get(options)).is_success
        page = self.client.post("/codes/new").text
        kept = self.client.post("/codes", data={"code": re.findall(r"<code>(.+?)</code>", page)[0]})
        assert kept.is_success
        self.client.close()


class Shopper(Visitor):
    """A customer in front of a browser, at the shop's pages and at Offramp's."""

    def __init__(self, shop: SampleShop, customer: Customer, visitor: Visitor) -> None:
        super().__init__(visitor.site, visitor.account_id, visitor.device, visitor.phone)
        self.shop = shop
        self.customer = customer

    async def signs_in_at_the_shop(self) -> None:
        """Password, then the code by text message."""
        await self.types_password()
        await self.sees("Your code")
        await self.types(self.shop.code(self.customer), into="The code that we have sent you")
        await self.presses("Sign in")

    async def types_password(self) -> None:
        """Type address and password at the shop's door."""
        await self.open(f"{self.shop.origin}/sign-in")
        await self.types(self.customer.email, into="E-mail")
        await self.types(PASSWORD, into="Password")
        await self.presses("Sign in")


@contextmanager
def running_shop(module: str, home: Path) -> Iterator[SampleShop]:
    """A sample host and an Offramp of its own, with a few people on their journeys."""
    port = free_port()
    with running_site(home / "offramp", settings=settings_of(module.replace(".", "/"), port=port)) as site:
        shop = SampleShop(module=module, site=site, home=home / "shop", port=port)
        shop.home.mkdir()
        try:
            shop.start()
            shop.populate()
            shop.launch()
            yield shop
        finally:
            shop.kill()


def settings_of(folder: str, *, port: int) -> dict[str, str]:
    """What Offramp is told for a sample host at a port."""
    text = (ROOT / folder / "settings.env").read_text().replace(":8500", f":{port}")
    return dict(re.findall(r"^(OFFRAMP_\w+)=(.*)$", text, re.M))
