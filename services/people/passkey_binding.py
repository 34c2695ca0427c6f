"""Binds, renames and removes the passkeys of an account."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from domain.attempts import AttemptKind
from domain.errors import CeremonyRejected, Refused
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.passkeys import MOST_PASSKEYS, NewPasskey, is_on_phone
from domain.remaining import Remaining, RemovesOnlyPasskey, without_passkey
from domain.trust import Assurance, Change, Trust
from providers.authenticators import provider_name
from services.ceremonies import known_credentials
from services.container import Services
from services.people import attempts, bearers, recovered, waiting_notices
from services.people.admission import took
from services.people.bearers import Door
from services.people.passkey_sign_in import take_challenge
from services.people.passkey_signals import hinted_label, label
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.journeys import facts
from store.messages import notices
from store.people import challenges, journal, passkeys, sessions, trust, waiting_changes
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey
from store.safety import passkey_removal

log = structlog.get_logger()

LONGEST_NAME = 40
"""The most characters of a passkey's name."""


def options(services: Services, visit: Visit, person: Person) -> str:
    """Ask this browser for a new passkey. Returns the options as JSON. Raises Throttled, NotTrusted."""
    require_attempts(services, ceremonies_per_address=visit.place)
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.look(session, person, now=now)
        door.require(Change.BIND_PASSKEY)
        account = door.account
        bound = passkeys.kept(session, account.account_id)
        _require_room(bound, person)
        creation_options = services.passkeys.registration_options(
            account_id=account.account_id,
            label=_label(services, door),
            exclude=known_credentials(bound),
        )
        challenges.issue(
            session, person.session_id, Ceremony.REGISTRATION, creation_options.challenge, now=now
        )
    return creation_options.json


def bind(services: Services, visit: Visit, person: Person, credential: str, *, is_elsewhere: bool) -> str:
    """Keep the passkey in a browser's answer (JSON), and return its id. Raises CeremonyRejected, NotTrusted.

    `is_elsewhere`: the passkey is on a security key or on a phone nearby, and not on this device.
    """
    with attempts.refusals_kept(services, visit, AttemptKind.REGISTRATION):
        return _bind(services, visit, person, credential, is_elsewhere=is_elsewhere)


def _bind(services: Services, visit: Visit, person: Person, credential: str, *, is_elsewhere: bool) -> str:
    answered = services.passkeys.answered_challenge(credential)
    asked_at = take_challenge(services, visit, Ceremony.REGISTRATION, answered)
    new = services.passkeys.verify_registration(credential=credential, expected_challenge=answered)
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.BIND_PASSKEY, now=services.clock())
        account = door.account
        if passkeys.on_record(session, new.credential_id):
            raise CeremonyRejected("already_bound")
        bound = passkeys.kept(session, account.account_id)
        _require_room(bound, person)
        platform = _elsewhere(new) if is_elsewhere else visit.platform
        name = _free_name(platform, bound)
        is_recovered = person.method is Method.RECOVERY
        new_trust, waits = (recovered if is_recovered else bearers).bind(session, door)
        passkey = _passkey(person, new, new_trust, name=name, platform=platform)
        passkey_id = _keep(session, door, passkey, waits)
        attempts.keep_ceremony(
            session,
            visit,
            AttemptKind.REGISTRATION,
            account.account_id,
            aaguid=new.aaguid,
            milliseconds=took(asked_at, door.now),
            at=door.now,
        )
        if person.method.only_enrols:
            sessions.note_bound(session, person.session_id, passkey_id)
        if is_recovered:
            recovered.finish(session, door)
    return passkey_id


def rename(services: Services, person: Person, passkey_id: str, name: str) -> None:
    """Give a passkey another name; a blank one changes nothing. Raises Unknown, NotTrusted."""
    name = " ".join("".join(letter for letter in name if letter.isprintable()).split())[:LONGEST_NAME]
    now = services.clock()
    with services.database.transaction() as session:
        passkey = passkeys.get(session, person.account_id, passkey_id)
        target = trust.of_row(passkey)
        bearers.look(session, person, now=now).require(Change.RENAME_PASSKEY, target)
        if not name or name == passkey.name:
            return
        passkeys.rename(session, passkey, name)
        kind = EventKind.PASSKEY_RENAMED
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, passkey_id=passkey_id)


def would_remain(services: Services, person: Person, passkey_id: str) -> tuple[str, Remaining | None]:
    """A passkey's name, and what would be left without it, if too little. Raises Unknown, NotTrusted."""
    with services.database.reading() as session:
        door = bearers.look(session, person, now=services.clock())
        passkey = passkeys.get_removable(session, person.account_id, passkey_id)
        door.require(Change.REMOVE_PASSKEY, trust.of_row(passkey))
        account_facts = facts.read(session, person.account_id)
        return passkey.name, without_passkey(account_facts, is_active=passkey.is_active)


def remove(services: Services, person: Person, passkey_id: str, *, is_sure: bool) -> datetime | None:
    """Take a passkey out of use, and end the sessions that go back to it. Raises Unknown, LastRoute, NotTrusted.

    A passkey that is older than what this session goes back to is removed later: the moment is returned. If too little
    would be left, the person has to be sure; else RemovesOnlyPasskey is raised.
    """
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        passkey = passkeys.get_removable(session, person.account_id, passkey_id)
        waits = door.require(Change.REMOVE_PASSKEY, trust.of_row(passkey))
        if passkey.is_active:
            passkey_removal.require_another_way(session, passkey)
        elif door.account.disputed_since:
            raise Refused("a passkey on hold is not removed before the dispute is settled")
        if not is_sure:
            _require_enough_left(session, passkey)
        bearers.note_change(session, person, now=now)
        if waits:
            _ask_to_remove(session, door, passkey, until=waits.until)
            return waits.until
        passkey_removal.carry_out(session, door.account, passkey, door.bearer, at=now, actor=Actor.PERSON)
    log.info("passkey_removed", account_id=person.account_id, passkey_id=passkey_id)
    return None


def _require_enough_left(session: Session, passkey: Passkey) -> None:
    account_facts = facts.read(session, passkey.account_id)
    if remaining := without_passkey(account_facts, is_active=passkey.is_active):
        raise RemovesOnlyPasskey(remaining)


def _ask_to_remove(session: Session, door: Door, passkey: Passkey, *, until: datetime) -> None:
    account_id, change, session_id = passkey.account_id, Change.REMOVE_PASSKEY, door.bearer.session_id
    waiting_changes.ask(
        session, account_id, change, passkey.passkey_id, session_id=session_id, at=door.now, due_at=until
    )
    waiting_notices.tell(session, door, change, until=until)


def _label(services: Services, door: Door) -> str:
    is_stranger_perhaps = door.guarded and door.bearer.assurance is not Assurance.HIGH
    return (hinted_label if is_stranger_perhaps else label)(services, door.account)


def _require_room(bound: Sequence[Passkey], person: Person) -> None:
    """Whoever comes back by recovery or rescue makes one passkey all the same: a thief may have filled the account."""
    if len(bound) >= MOST_PASSKEYS and person.method not in (Method.RECOVERY, Method.RESCUE):
        raise CeremonyRejected("too_many_passkeys")


def _elsewhere(new: NewPasskey) -> str:
    """What holds a passkey that is not on this device."""
    if is_on_phone(new.transports):
        return "Phone or tablet"
    return provider_name(new.aaguid) or "Security key"


def _passkey(person: Person, new: NewPasskey, new_trust: Trust, *, name: str, platform: str) -> Passkey:
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
        bound_at=new_trust.bound_at,
        bound_by=person.method,
        **trust.columns(new_trust, bound_in=person.session_id),
    )


def _free_name(platform: str, bound: Sequence[Passkey]) -> str:
    """The platform's name; from its second passkey on with a number."""
    taken = {passkey.name for passkey in bound}
    numbered = (f"{platform} {number}" for number in range(2, len(taken) + 3))
    return platform if platform not in taken else next(name for name in numbered if name not in taken)


def _keep(session: Session, door: Door, passkey: Passkey, waits: dict[str, str]) -> str:
    account_id, passkey_id, name, now = passkey.account_id, passkey.passkey_id, passkey.name, door.now
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
    values, template = {"device": name, "passkey_id": passkey_id} | waits, Template.PASSKEY_BOUND
    notices.tell(session, door.account, template, event=passkey_id, at=now, values=values, by=door.bearer)
    log.info("passkey_bound", account_id=account_id, passkey_id=passkey_id)
    return passkey_id
