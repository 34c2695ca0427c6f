"""Providers that record what they are given, and misbehave on request."""

from dataclasses import dataclass, field

from domain.host.webhooks import Hook
from domain.ports import Letter, Rendered, TextMessage, Wording
from domain.safety.sim import SimReport


@dataclass
class FakeMailer:
    """Takes e-mails; raises `trouble` once for each error in it, before or after taking the letter."""

    trouble: list[Exception] = field(default_factory=list)
    taken: list[Letter] = field(default_factory=list)
    provider: str = "mail"

    def send(self, letter: Letter) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append(letter)
        return f"mail-{len(self.taken)}"


@dataclass
class FakeTexter:
    """Takes text messages."""

    trouble: list[Exception] = field(default_factory=list)
    taken: list[TextMessage] = field(default_factory=list)
    provider: str = "text"

    def send(self, message: TextMessage) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append(message)
        return f"text-{len(self.taken)}"


@dataclass
class FakeSimChecker:
    """Answers with `report`; raises `trouble` once for each error in it. `asked` holds the numbers."""

    report: SimReport = SimReport(reason="carrier_tells_nothing")  # noqa: RUF009
    trouble: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    provider: str = "carrier"

    def ask(self, phone: str) -> SimReport:
        self.asked.append(phone)
        if self.trouble:
            raise self.trouble.pop(0)
        return self.report


@dataclass
class FakeCourier:
    """Takes events; raises `trouble` once for each error in it, without taking the event."""

    trouble: list[BaseException] = field(default_factory=list)
    taken: list[Hook] = field(default_factory=list)

    def objection(self, url: str) -> str:
        return "private_address" if "//10." in url else ""

    def bring(self, hook: Hook) -> int:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append(hook)
        return 204


class FakeWriter:
    """Writes the values themselves, so that a test sees what would have been said."""

    def render(self, wording: Wording) -> Rendered:
        words = " ".join([wording.template, *wording.values.values()])
        return Rendered(subject=words, text=words, html=f"<p>{words}</p>")
