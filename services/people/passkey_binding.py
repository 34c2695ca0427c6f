"""Binds, renames and removes the passkeys of an account."""

from collections.abc import Sequence

import structlog

from domain.errors import CeremonyRejected, Refused
from domain.journal import Actor, EventKind
from domain.masking import phone_hint
from domain.messages.messages import Template
from domain.passkeys import NewPasskey
from domain.routes import require_route_without_passkey
from providers.authenticators import provider_name
from services.ceremonies import known_credentials
from services.container import Services
from services.people.passkey_sign_in import take_challenge
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.journeys import facts
from store.messages import notices
from store.people import accounts, challenges, journal, passkeys, sessions
from store.people.accounts import Account
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey

log = structlog.get_logger()

LONGEST_NAME = 40
"""The most characters of a passkey's name."""


def options(services: Services, visit: Visit, person: Person) -> str:
    """Ask this browser for a new passkey. Returns the options as JSON. Raises Throttled, CeremonyRejected."""
    _require_right_to_bind(person)
    require_attempts(services, ceremonies_per_address=visit.place)
    with services.database.transaction() as session:
        account = accounts.get(session, person.account_id)
        creation_options = services.passkeys.registration_options(
            account_id=account.account_id,
            label=_label(services, account),
            exclude=known_credentials(passkeys.kept(session, account.account_id)),
        )
        now = services.clock()
        challenges.issue(
            session, person.session_id, Ceremony.REGISTRATION, creation_options.challenge, now=now
        )
    return creation_options.json


def bind(services: Services, visit: Visit, person: Person, credential: str, *, is_elsewhere: bool) -> str:
    """Keep the passkey in a browser's answer (JSON), and return its id. Raises CeremonyRejected.

    `is_elsewhere`: the passkey is on a security key or on a phone nearby, and not on this device.
    """
    _require_right_to_bind(person)
    challenge = take_challenge(services, visit, Ceremony.REGISTRATION)
    new = services.passkeys.verify_registration(credential=credential, expected_challenge=challenge)
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        if passkeys.on_record(session, new.credential_id):
            raise CeremonyRejected("already_bound")
        platform = _elsewhere(new) if is_elsewhere else visit.platform
        name = _free_name(platform, passkeys.kept(session, account.account_id))
        passkey = _passkey(services, person, new, name=name, platform=platform)
        passkey_id = _keep(session, services, account, passkey)
        if person.method.only_enrols:
            sessions.note_passkey(session, person.session_id, passkey_id)
    return passkey_id


def rename(services: Services, person: Person, passkey_id: str, name: str) -> None:
    """Give a passkey another name; a blank one changes nothing. Raises Unknown."""
    name = " ".join("".join(letter for letter in name if letter.isprintable()).split())[:LONGEST_NAME]
    with services.database.transaction() as session:
        passkey = passkeys.get(session, person.account_id, passkey_id)
        if not name or name == passkey.name:
            return
        passkeys.rename(session, passkey, name)
        now = services.clock()
        kind = EventKind.PASSKEY_RENAMED
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, passkey_id=passkey_id)


def remove(services: Services, person: Person, passkey_id: str) -> None:
    """Take a passkey out of use, and end the sessions it signed in. Raises Unknown, LastRoute."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        passkey = passkeys.get_removable(session, person.account_id, passkey_id)
        account_facts = facts.read(session, person.account_id)
        if passkey.is_active:
            require_route_without_passkey(account_facts, proven=passkey.last_used_at is not None)
        elif account.disputed_since:
            raise Refused("a passkey on hold is not removed before the dispute is settled")
        name = passkey.name
        passkeys.remove(session, passkey, at=now)
        sessions.end_of_passkey(session, passkey_id, at=now)
        kind = EventKind.PASSKEY_REMOVED
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, passkey_id=passkey_id)
        values = {"device": name, "passkey_id": passkey_id}
        notices.tell(session, account, Template.PASSKEY_REMOVED, event=passkey_id, at=now, values=values)
    log.info("passkey_removed", account_id=person.account_id, passkey_id=passkey_id)


def _require_right_to_bind(person: Person) -> None:
    """A device link, or a rescue pass, is good for one passkey."""
    if person.method.only_enrols and person.passkey_id:
        raise CeremonyRejected("link_used_up")


def _label(services: Services, account: Account) -> str:
    return account.email or phone_hint(account.phone) or services.site.service_name


def _elsewhere(new: NewPasskey) -> str:
    """What holds a passkey that is not on this device. Its transports tell how the browser reached it."""
    if "hybrid" in new.transports or "internal" in new.transports:
        return "Phone or tablet"
    return provider_name(new.aaguid) or "Security key"


def _passkey(services: Services, person: Person, new: NewPasskey, *, name: str, platform: str) -> Passkey:
    return Passkey(
        credential_id=new.credential_id,
        account_id=person.account_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        aaguid=new.aaguid,
        transports=list(new.transports),
        backup_eligible=new.backup_eligible,
        backed_up=new.backed_up,
        name=name,
        platform=platform,
        bound_at=services.clock(),
        bound_by=person.method,
        rooted_in_sms_at=person.rooted_in_sms_at,
    )


def _free_name(platform: str, bound: Sequence[Passkey]) -> str:
    """The platform's name; from its second passkey on with a number."""
    taken = {passkey.name for passkey in bound}
    numbered = (f"{platform} {number}" for number in range(2, len(taken) + 3))
    return platform if platform not in taken else next(name for name in numbered if name not in taken)


def _keep(session: Session, services: Services, account: Account, passkey: Passkey) -> str:
    account_id, passkey_id, name, now = account.account_id, passkey.passkey_id, passkey.name, services.clock()
    passkeys.add(session, passkey)
    journal.append(
        session,
        account_id,
        EventKind.PASSKEY_BOUND,
        at=now,
        actor=Actor.PERSON,
        passkey_id=passkey_id,
        method=passkey.bound_by,
        platform=passkey.platform,
        synced=passkey.backed_up,
    )
    values = {"device": name, "passkey_id": passkey_id}
    notices.tell(session, account, Template.PASSKEY_BOUND, event=passkey_id, at=now, values=values)
    log.info("passkey_bound", account_id=account_id, passkey_id=passkey_id)
    return passkey_id
