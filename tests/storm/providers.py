"""The providers of a storm: stand-ins that fail on order, and remember all that they took, for the crowd to read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from domain.facts import Channel
from providers.inbox import Inbox, InboxItem
from tests.providers.standins.callbacks import SendGridSigner, Teller
from tests.providers.standins.http import StandIn
from tests.providers.standins.sendgrid import SENDGRID_KEY
from tests.providers.standins.taken import Records, Taken
from tests.providers.standins.troubles import CLOSE, DROP, GARBLE, HANG, Trouble, status
from tests.providers.standins.twilio import TWILIO_SID, TWILIO_TOKEN
from tests.storm.verdict import Delivery

REFUSAL = "refusal"
"""Nobody listens at the provider's address."""

TROUBLES: Mapping[str, Trouble] = {
    "error": status(500),
    "silence": HANG,
    "loss": DROP,
    "closing": CLOSE,
    "nonsense": GARBLE,
}
"""What happens to every request while it lasts, by the name that a schedule has for it."""

_DELAY = 0.05


class StormProviders:
    """SendGrid and Twilio on one port. What they took outlives their own restarts."""

    def __init__(self, origin: str) -> None:
        self._signer = SendGridSigner()
        self._teller = Teller(self._signer, f"{origin}/callbacks/sendgrid")
        self._records = Records()
        self._stand_in: StandIn | None = self._started(port=0)
        self._port = int(self._stand_in.url.rpartition(":")[2])

    @property
    def settings(self) -> dict[str, str]:
        """How Offramp finds them."""
        url = f"http://127.0.0.1:{self._port}"
        return {
            "OFFRAMP_MAILER": "sendgrid",
            "OFFRAMP_FROM_EMAIL": "hello@example.org",
            "OFFRAMP_SENDGRID_API_KEY": SENDGRID_KEY,
            "OFFRAMP_SENDGRID_WEBHOOK_KEY": self._signer.public_key,
            "OFFRAMP_SENDGRID_BASE_URL": url,
            "OFFRAMP_TEXTER": "twilio",
            "OFFRAMP_TWILIO_ACCOUNT_SID": TWILIO_SID,
            "OFFRAMP_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "OFFRAMP_TWILIO_FROM": "+15005550006",
            "OFFRAMP_TWILIO_BASE_URL": url,
        }

    @property
    def taken(self) -> list[Taken]:
        """All that they took, oldest first."""
        return list(self._records.all)

    @property
    def deliveries(self) -> list[Delivery]:
        """The same, as a verdict wants it."""
        return [Delivery(key=taken.key, at=taken.at) for taken in self.taken]

    def fail(self, trouble: str) -> None:
        """Meet every request with this trouble from now on."""
        if trouble == REFUSAL:
            self.close()
        elif self._stand_in:
            self._stand_in.troubles.lasting = TROUBLES[trouble]

    def recover(self) -> None:
        """Answer as ever."""
        if self._stand_in is None:
            self._stand_in = self._started(port=self._port)
        self._stand_in.troubles.lasting = None

    def close(self) -> None:
        """Listen no more."""
        if self._stand_in:
            self._stand_in.__exit__(None, None, None)
            self._stand_in = None

    def _started(self, port: int) -> StandIn:
        stand_in = StandIn(port=port, delay=_DELAY, teller=self._teller)
        stand_in.taken = self._records
        return stand_in.__enter__()


class TakenInbox(Inbox):
    """What providers took, read as an inbox by a crowd's people."""

    def __init__(self, providers: StormProviders) -> None:
        super().__init__(Path("nowhere"), lambda: datetime.now(UTC))
        self._providers = providers

    def since(self, place: int) -> tuple[list[InboxItem], int]:
        taken = self._providers.taken[place:]
        return [_item(each) for each in taken], place + len(taken)

    @property
    def end(self) -> int:
        return len(self._providers.taken)


def _item(taken: Taken) -> InboxItem:
    at = datetime.fromtimestamp(taken.at, UTC)
    if taken.provider == "sendgrid":
        contents = {content["type"]: content["value"] for content in taken.fields["content"]}
        subject, text, html = taken.fields["subject"], contents["text/plain"], contents.get("text/html", "")
        channel = Channel.EMAIL
    else:
        subject, text, html, channel = "", taken.fields["Body"], "", Channel.SMS
    return InboxItem(
        key=taken.key, channel=channel, to=taken.to, subject=subject, text=text, html=html, arrived_at=at
    )
