"""A person with a phone, over plain HTTP: does what people do on the pages, with a real authenticator in software."""

import re
from typing import Any

import httpx2 as httpx

from domain.facts import Channel
from providers.software_authenticator import Authenticator
from tests.journeys.site import ADDRESSES, Site
from tests.waiting import wait_until

JSON = {"accept": "application/json"}


class Person:
    """One account's owner. Pages are retried while a process is being started again, as people do."""

    def __init__(self, site: Site, account_id: str) -> None:
        self.site = site
        self.account_id = account_id
        self.device = Authenticator(origin=site.origin, rp_id="localhost")
        self.client = httpx.Client(
            base_url=site.origin,
            headers={"origin": site.origin, "x-forwarded-for": next(ADDRESSES)},
            timeout=20,
            # A kept connection to a process that was killed would fail in ways that leave open what was received.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._codes_seen: set[str] = set()

    def stolen(self) -> "Person":
        """A stranger who gets this person's text messages from now on, with a device of their own."""
        stranger = Person(self.site, self.account_id)
        stranger._codes_seen = self._codes_seen
        return stranger

    def sign_in_by_code(self) -> httpx.Response:
        """Ask for a code, wait for the text message, type it."""
        self.ask_for_code()
        return self.post("/sign-in/code", code=self.next_code())

    def ask_for_code(self) -> None:
        """Type the phone number."""
        self.post("/sign-in", identifier=self.site.phone(self.account_id))

    def next_code(self) -> str:
        """The code of the next text message that was not read yet."""
        codes: list[str] = []

        def arrived() -> bool:
            texts = [item for item in self.site.inbox() if item.channel is Channel.SMS]
            mine = [item for item in texts if item.to == self.site.phone(self.account_id)]
            codes[:] = [
                item.text[:6] for item in mine if item.text[:6].isdigit() and item.key not in self._codes_seen
            ]
            self._codes_seen.update(item.key for item in mine if codes)
            return bool(codes)

        wait_until(arrived, "a code arrives by text message", within=150)
        return codes[0]

    def verify_email(self, email: str) -> None:
        """Confirm the address by the code in the e-mail."""
        self.post("/setup/email", email=email)
        letter = self.site.arrival(email, "confirms your e-mail", channel=Channel.EMAIL)
        self.post("/setup/email/code", code=letter.subject[:6])

    def make_passkey(self) -> None:
        """Create a passkey on this device."""
        options = self.send("/passkeys/options")
        self.send("/passkeys", self.device.create(options))

    def prove_passkey(self) -> None:
        """Try it once."""
        options = self.send("/passkeys/prove/options")
        self.send("/passkeys/prove", self.device.get(options))

    def sign_in_by_passkey(self) -> None:
        """Sign in at the door."""
        options = self.send("/sign-in/passkey/options")
        self.send("/sign-in/passkey", self.device.get(options))

    def new_recovery_codes(self) -> list[str]:
        """Have another set of recovery codes made, type one back, and sign out; returns the codes."""
        self.sign_in_by_passkey()
        codes = re.findall(r"<code>([0-9a-z-]+)</code>", self.post("/setup/recovery-codes").text)
        self.post("/setup/recovery-codes/check", code=codes[0])
        self.post("/sign-out")
        return codes

    def keep_recovery_codes(self) -> None:
        """Have recovery codes made, and type one back."""
        page = self.post("/setup/recovery-codes").text
        codes = re.findall(r"<code>([0-9a-z-]+)</code>", page)
        self.post("/setup/recovery-codes/check", code=codes[0])

    def set_up(self, email: str) -> None:
        """The whole guided set-up."""
        self.sign_in_by_code()
        self.verify_email(email)
        self.make_passkey()
        self.prove_passkey()
        self.keep_recovery_codes()

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._insist(lambda: self.client.get(path, follow_redirects=True))

    def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form, and follow where it leads."""
        return self._insist(lambda: self.client.post(path, data=form, follow_redirects=True))

    def send(self, path: str, body: Any = None) -> Any:
        """What a page's script does; returns the answer, which must be a success."""
        answer = self._insist(lambda: self.client.post(path, json=body or {}, headers=JSON))
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def _insist(self, request: Any) -> httpx.Response:
        """Make a request; while nobody listens it was not received, and may be made again."""
        answers: list[httpx.Response] = []

        def answered() -> bool:
            try:
                answers.append(request())
            except httpx.ConnectError:
                return False
            return True

        wait_until(answered, "the pages answer", within=150)
        return answers[-1]
