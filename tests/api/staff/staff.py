"""Staff at the console: how they join, sign in and step up, as their browsers do it."""

from dataclasses import dataclass, field

from httpx2 import Response

from domain.staff.staff import Author, Role
from providers.software_authenticator import Authenticator
from services.staff.staff_invitations import Invitations
from store.staff import audit, staff
from store.staff.audit import AuditEntry, Sought
from store.staff.staff import StaffMember
from tests.api.world import Browser, World

ROOT = Author(by="root")


@dataclass
class Desk:
    """One member's browser and their authenticator."""

    world: World
    address: str
    browser: Browser
    key: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.world.authenticator()

    def join(self, link: str) -> Response:
        """Accept an invitation."""
        options = self.browser.send(f"{link}/options").json()
        return self.browser.send(link, self.key.create(options))

    def sign_in(self, key: Authenticator | None = None, next_page: str = "/console") -> Response:
        """Come in by a passkey."""
        options = self.browser.send("/console/sign-in/options").json()
        return self.browser.send(f"/console/sign-in?next={next_page}", (key or self.key).get(options))

    def step_up(self, key: Authenticator | None = None) -> Response:
        """Show again who it is."""
        options = self.browser.send("/console/step-up/options").json()
        return self.browser.send("/console/step-up?next=/console/staff", (key or self.key).get(options))

    def sign_out(self) -> Response:
        """Leave."""
        return self.browser.post("/console/sign-out")


def invited(world: World, address: str, role: Role) -> str:
    """The path of a new invitation's link."""
    invitations = Invitations(clock=world.clock, seal=world.services.seal, origin="")
    with world.database.transaction() as session:
        return invitations.invite(session, ROOT, address=address, name="", role=role)


def at_desk(world: World, role: Role, address: str = "") -> Desk:
    """Somebody of a role who has joined and is signed in."""
    address = address or f"{role}@example.com"
    desk = Desk(world=world, address=address, browser=world.browser())
    joined = desk.join(invited(world, address, role))
    assert joined.status_code == 200, joined.text
    return desk


def member(world: World, address: str) -> StaffMember:
    """A member as they are now."""
    with world.database.reading() as session:
        row = staff.find(session, address)
    assert row
    return row


def audited(world: World) -> list[AuditEntry]:
    """What was written down, oldest first."""
    with world.database.reading() as session:
        return list(audit.read(session, Sought()))


def kinds(world: World) -> list[str]:
    """What was written down, by kind."""
    return [entry.kind for entry in audited(world)]
