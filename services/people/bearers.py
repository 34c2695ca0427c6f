"""The door to every change of a route or contact: what a session is trusted with, and whether that is enough."""

from dataclasses import dataclass
from datetime import datetime

from domain import trust
from domain.codes import digest
from domain.facts import Channel, Method
from domain.policy import Policy
from domain.safety import guard
from domain.safety.bindings import new_binding
from domain.safety.contact_keys import are_same
from domain.safety.guard import Guard
from domain.trust import Answer, Assurance, Bearer, Change, Trust, Waits
from services.people.admission import Admission
from services.people.visits import Opening, Person, person_of
from store import Session
from store.engine import raised_guards
from store.journeys import waits
from store.messages import notices
from store.people import accounts, contacts, passkeys, sessions
from store.people import trust as kept_trust
from store.people.accounts import Account
from store.people.contacts import KnownContact

_OPENED_BY_TWO = (Method.RECOVERY, Method.RESCUE)


@dataclass(frozen=True, kw_only=True)
class Door:
    """One session at the door of its account, whose row is locked if the session may change something.

    `guarded`: the account has a passkey that is established or on hold. `policy` has the waits of this moment, which
    are longer under guard. `guard` is up, and asks something of the session; of one that two proofs or support have
    opened it asks nothing. `is_beginner`: the account has no passkey that has ever signed in.
    """

    account: Account
    bearer: Bearer
    guarded: bool
    policy: Policy
    now: datetime
    guard: Guard | None = None
    is_beginner: bool = False

    def answer(self, change: Change, target: Trust | None = None) -> Answer:
        """Whether the session may make a change."""
        by_table = trust.answer(
            change,
            self.bearer,
            guarded=self.guarded,
            target=target,
            cooling_off=self.policy.cooling_off,
            now=self.now,
        )
        return guard.answer_under(
            self.guard, by_table, change, self.bearer, is_beginner=self.is_beginner, target=target
        )

    def require(self, change: Change, target: Trust | None = None) -> Waits | None:
        """Raise NotTrusted unless the session may make a change; the answer says if it has to wait first."""
        return trust.require(change, self.answer(change, target))


def look(session: Session, person: Person, *, now: datetime) -> Door:
    """The door as it stands, for pages that say what a session may do."""
    return _door(session, accounts.get(session, person.account_id), person, now=now)


def open_(
    session: Session, person: Person, change: Change, *, target: Trust | None = None, now: datetime
) -> Door:
    """Lock the account and go through the door, for a change that is done at once. Raises NotTrusted."""
    door = _door(session, accounts.lock(session, person.account_id), person, now=now)
    door.require(change, target)
    note_change(session, person, now=now)
    return door


def lock(session: Session, person: Person, *, now: datetime) -> Door:
    """Lock the account, and stand at the door; the caller requires what it is going to change."""
    return _door(session, accounts.lock(session, person.account_id), person, now=now)


def note_change(session: Session, person: Person, *, now: datetime) -> None:
    """Keep the session on record, because it has changed something."""
    sessions.note_change(session, person.session_id, at=now)


def bind(
    session: Session, door: Door, *, besides: KnownContact | None = None
) -> tuple[Trust, dict[str, str]]:
    """The trust of what a session binds now, and the values by which the notice of it lets the waiting begin.

    `besides` is a contact that the session brings along, and which therefore vouches for nothing.
    """
    policy = door.policy
    vouching = [
        contact
        for contact in notices.independent(session, door.account, door.bearer)
        if besides is None or not are_same(contact.address, besides.address)
    ]
    new_trust = new_binding(
        door.bearer,
        guarded=door.guarded,
        told_independently=bool(vouching),
        sim_swap_window=policy.sim_swap_window,
        now=door.now,
    )
    return new_trust, notices.waits(
        new_trust, cooling_off=policy.cooling_off, sim_swap_window=policy.sim_swap_window
    )


def no_more_trusted(session: Session, door: Door) -> set[str]:
    """The account's open sessions that are trusted no more than the one at the door."""
    people = [
        person_of(web_session)
        for web_session in sessions.open_ones(session, door.account.account_id, now=door.now)
    ]
    return {
        person.session_id
        for person in people
        if person
        and door.bearer.assurance.covers(_bearer(session, door.account, person, now=door.now).assurance)
    }


def of_admission(opening: Opening, admission: Admission) -> Bearer:
    """Somebody who has just come in by a text-message or recovery code, for the notice of it."""
    return Bearer(
        assurance=Assurance.LOW,
        root=opening.root,
        rooted_at=opening.rooted_at,
        session_id=digest(admission.token),
    )


def _door(session: Session, account: Account, person: Person, *, now: datetime) -> Door:
    account_id, raised = account.account_id, raised_guards.find_up(session, now=now)
    is_new = raised is not None and not passkeys.is_any_of_use(session, account_id, now=now)
    return Door(
        account=account,
        bearer=_bearer(session, account, person, now=now),
        guarded=passkeys.guards(session, account_id, now=now),
        policy=waits.policy_now(session, account_id, now=now),
        now=now,
        guard=None if person.method in _OPENED_BY_TWO else raised,
        is_beginner=is_new,
    )


def _bearer(session: Session, account: Account, person: Person, *, now: datetime) -> Bearer:
    web_session = sessions.get(session, person.session_id)
    opener = (
        passkeys.find_kept(session, person.account_id, person.passkey_id)
        if person.method is Method.PASSKEY
        else None
    )
    is_established = opener is not None and kept_trust.counted(
        session, kept_trust.of_row(opener), now=now
    ).is_established(now)
    is_lowered = opener is not None and opener.lowered_at is not None
    carried = Assurance(web_session.carries) if web_session.carries else Assurance.LOW
    assurance = trust.assurance_of(
        person.method, is_established=is_established, is_lowered=is_lowered, vouched=carried
    )
    return Bearer(
        assurance=assurance,
        root=person.root,
        rooted_at=person.rooted_at,
        session_id=person.session_id,
        binds_as=carried if assurance is Assurance.ENROLS_ONLY else assurance,
        has_bound=web_session.has_bound,
        is_lowered=is_lowered,
        is_disputed=account.disputed_since is not None,
    )


def email_of(session: Session, account: Account) -> KnownContact | None:
    """The account's e-mail address, with what its trust goes back to."""
    return contacts.present(session, account).get(Channel.EMAIL)
