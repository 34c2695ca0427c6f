"""Lets another device in by a single-use link. The device may make one passkey, and nothing else."""

from dataclasses import dataclass, replace

import structlog

from domain.codes import DEVICE_LINK_LIFETIME, new_token
from domain.errors import LinkRejected
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.masking import account_hint
from domain.trust import Assurance, Change, Root
from providers.qr import qr_svg
from services.container import Services
from services.people import bearers, first_answers
from services.people.admission import Admission, Destination, admit
from services.people.visits import Opening, Person, Visit
from services.throttling import require_attempts
from store import Session
from store.people import accounts, journal, links, passkeys
from store.people.first_answers import SecretKind
from store.people.links import Link, LinkPurpose

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class DeviceLink:
    """A new link, and how many passkeys the account had before."""

    url: str
    passkeys: int

    @property
    def qr(self) -> str:
        """The link as a QR code (SVG)."""
        return qr_svg(self.url)


def make(services: Services, visit: Visit, person: Person) -> DeviceLink:
    """Make a link; the account's earlier link is void. Raises Throttled, NotTrusted.

    What is bound by the link is trusted as much as the session that made the link was when it made it.
    """
    require_attempts(services, ceremonies_per_address=visit.place)
    token, now = new_token(), services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.LINK_DEVICE, now=now)
        link = Link(
            link_id="",
            purpose=LinkPurpose.ADD_DEVICE,
            account_id=person.account_id,
            root=person.root,
            rooted_at=person.rooted_at,
            made_in=person.session_id,
            carries=door.bearer.assurance,
            made_at=now,
            expires_at=now + DEVICE_LINK_LIFETIME,
        )
        links.make(session, token, link)
        before = len(passkeys.active(session, person.account_id))
        kind = EventKind.DEVICE_LINK_MADE
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON)
    log.info("device_link_made", account_id=person.account_id)
    url = f"{services.site.origin}/device?token={token}"
    return DeviceLink(url=url, passkeys=before)


def whose(services: Services, visit: Visit, token: str) -> str:
    """The masked contact of the link's account, so that nobody adds a device to a stranger's. Raises LinkRejected.

    A browser that has just used the link may look at it once more.
    """
    secret = first_answers.sent(services, SecretKind.DEVICE_LINK, visit.door_id, token)
    with services.database.transaction() as session:
        if first_answers.find_admission(session, services, visit, secret):
            link = links.look_back(session, token)
        else:
            link = links.look(session, token, LinkPurpose.ADD_DEVICE, now=services.clock())
        account = accounts.get(session, link.account_id)
        return account_hint(email=account.email, phone=account.phone)


def use(services: Services, visit: Visit, token: str) -> Admission:
    """Use the link up, and start the session that may add a passkey. Raises LinkRejected.

    A browser that is signed in to the same account keeps its session, because that session may do more. A browser
    that sends the link twice within a minute is given one session both times.
    """
    secret = first_answers.sent(services, SecretKind.DEVICE_LINK, visit.door_id, token)
    with services.database.transaction() as session:
        try:
            link = links.use(session, token, LinkPurpose.ADD_DEVICE, now=services.clock())
        except LinkRejected:
            if first := first_answers.find_admission(session, services, visit, secret):
                return first
            raise
        admission = _admit(session, services, visit, link)
        first_answers.keep_admission(session, services, secret, admission)
    return admission


def _admit(session: Session, services: Services, visit: Visit, link: Link) -> Admission:
    if visit.token and _is_signed_in_to(visit, link.account_id):
        return Admission(token=visit.token, destination=Destination.MAKE_PASSKEY)
    admission = admit(session, services, visit, _opening(link))
    return replace(admission, destination=Destination.MAKE_ONLY_PASSKEY)


def _opening(link: Link) -> Opening:
    return Opening(
        account_id=link.account_id,
        method=Method.DEVICE_LINK,
        root=Root(link.root or Root.SMS),
        rooted_at=link.rooted_at or link.made_at,
        parent_id=link.made_in,
        carries=Assurance(link.carries) if link.carries else None,
    )


def _is_signed_in_to(visit: Visit, account_id: str) -> bool:
    person = visit.person
    return person is not None and person.account_id == account_id and not person.method.only_enrols
