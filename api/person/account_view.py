"""What the account page shows: the ways in, what is on and off, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from api.person import objection_view
from api.person.objection_view import ChangeView
from domain.facts import Channel, Milestone, SmsState
from domain.journey import JourneyAct, plan
from domain.masking import email_hint, phone_hint
from providers.authenticators import provider_name
from services.container import Services
from services.people import standing
from services.people.standing import PersonStanding
from services.people.visits import Person
from store import Session
from store.messages import reminders
from store.people import accounts, passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey


@dataclass(frozen=True, kw_only=True)
class PasskeyView:
    """One passkey, as its owner knows it."""

    passkey_id: str
    name: str
    provider: str | None
    is_synced: bool
    can_sync: bool
    is_current: bool
    is_on_hold: bool
    may_be_copied: bool
    bound_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SmsView:
    """The state of text-message codes, and when it changes by itself."""

    state: SmsState
    phone: str
    changes_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """Everything on the page; contacts are masked. `unreminded`: channels by which the person wants no reminders."""

    email: str
    is_email_verified: bool
    time_zone: str | None
    passkeys: list[PasskeyView]
    recovery_codes_left: int
    recovery_codes_proven: bool
    sms: SmsView
    unreminded: frozenset[Channel]
    standing: PersonStanding
    disputed_since: datetime | None
    changes: list[ChangeView]

    @property
    def next_step(self) -> Milestone | None:
        """What the person could do now."""
        return self.standing.next_step


def view(services: Services, person: Person) -> AccountView:
    """The account page of a person."""
    with services.database.reading() as session:
        return _view(session, services, person)


def _view(session: Session, services: Services, person: Person) -> AccountView:
    account = accounts.get(session, person.account_id)
    person_standing = standing.read(session, person.account_id, now=services.clock())
    bound = passkeys.kept(session, person.account_id)
    return AccountView(
        email=email_hint(account.email),
        is_email_verified=account.email_verified_at is not None,
        time_zone=account.time_zone,
        passkeys=[_passkey(passkey, person) for passkey in bound],
        recovery_codes_left=person_standing.facts.recovery_codes_left,
        recovery_codes_proven=person_standing.facts.recovery_codes_proven,
        sms=_sms(account, person_standing),
        unreminded=frozenset(reminders.stopped(session, person.account_id)),
        standing=person_standing,
        disputed_since=account.disputed_since,
        changes=objection_view.recent(session, services, person.account_id),
    )


def _passkey(passkey: Passkey, person: Person) -> PasskeyView:
    provider = provider_name(passkey.aaguid)
    return PasskeyView(
        passkey_id=passkey.passkey_id,
        name=passkey.name,
        provider=provider if provider != passkey.name else None,
        is_synced=passkey.backed_up,
        can_sync=passkey.backup_eligible,
        is_current=passkey.passkey_id == person.passkey_id,
        is_on_hold=passkey.frozen_at is not None,
        may_be_copied=passkey.suspicion is not None,
        bound_at=passkey.bound_at,
        last_used_at=passkey.last_used_at,
    )


def _sms(account: Account, person_standing: PersonStanding) -> SmsView:
    planned = plan(account.account_id, person_standing.facts, person_standing.policy)
    is_coming = person_standing.on_journey and planned.act in (JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS)
    return SmsView(
        state=SmsState(account.sms),
        phone=phone_hint(account.phone),
        changes_at=planned.at if is_coming else None,
    )
