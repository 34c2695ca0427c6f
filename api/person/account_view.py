"""What the account page shows: the ways in, what is on and off, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from api.person import objection_view
from api.person.objection_view import ChangeView
from api.person.permissions import Permission, permission
from domain.facts import Channel, Milestone, SmsState
from domain.journey import Plan, plan
from domain.masking import email_hint, phone_hint
from domain.safety.end_of_codes import end_of_codes
from domain.trust import Change, NotFromHere
from domain.words.change_words import WAITING
from providers.authenticators import provider_name
from services.container import Services
from services.people import bearers, found_devices, standing
from services.people.bearers import Door
from services.people.standing import PersonStanding
from services.people.visits import Person
from services.recovery import answers, opening
from services.safety import dispute_answers
from services.safety import waiting_changes as changing
from store import Session
from store.journeys import check_ups
from store.messages import reminders
from store.people import (
    accounts,
    authenticator_apps,
    passkeys,
    provisional,
    sessions,
    trust,
    waiting_changes,
)
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.safety import objections


@dataclass(frozen=True, kw_only=True)
class PasskeyView:
    """One passkey, as its owner knows it; `returns_at` is when a lost one works again by itself."""

    passkey_id: str
    name: str
    provider: str | None
    is_synced: bool
    can_sync: bool
    is_current: bool
    is_on_hold: bool
    is_lost: bool
    returns_at: datetime | None
    is_lowered: bool
    may_remove: Permission
    may_rename: Permission
    may_be_copied: bool
    bound_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AppView:
    """One authenticator app, as its owner sees it."""

    app_id: str
    is_current: bool
    is_on_hold: bool
    may_remove: Permission
    bound_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SmsView:
    """The state of text-message codes, and when it changes by itself; `is_stopped`: the owner has answered STOP.

    Unless `is_certain`, it does not change before `changes_at`, and perhaps not then.
    """

    state: SmsState
    phone: str
    changes_at: datetime | None
    is_certain: bool
    is_stopped: bool


@dataclass(frozen=True, kw_only=True)
class NewsView:
    """Something provisional: its name, and when it becomes final by itself; None if somebody has to confirm it.

    `awaits_notice`: the waiting begins when our message of it has gone out.
    """

    kind: str
    subject_id: str
    name: str
    final_from: datetime | None
    awaits_notice: bool
    can_decide: bool


@dataclass(frozen=True, kw_only=True)
class WaitingView:
    """A change that waits, as the beginning of a sentence, and its moment."""

    change_id: str
    words: str
    due_at: datetime
    can_stop: bool


@dataclass(frozen=True, kw_only=True)
class DisputeView:
    """An open dispute: whether this session may end it, or answer that it was its owner."""

    objection_id: str
    change: str
    can_end: bool
    can_answer: bool
    is_answered: bool


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """Everything on the page; contacts are masked. `unreminded`: channels by which the person wants no reminders.

    `may_bring_device`: a lost device comes back by its own ceremony and a wait. `is_check_up_open`: the person was
    invited to look through their ways in, and has not come to the end.
    """

    email: str
    is_email_verified: bool
    time_zone: str | None
    passkeys: list[PasskeyView]
    apps: list[AppView]
    recovery_codes_left: int
    recovery_codes_proven: bool
    sms: SmsView
    unreminded: frozenset[Channel]
    standing: PersonStanding
    disputed_since: datetime | None
    changes: list[ChangeView]
    news: list[NewsView]
    waiting: list[WaitingView]
    disputes: list[DisputeView]
    is_asked_about_recovery: bool
    is_owed_codes: bool
    may_make_codes: Permission
    may_add_device: Permission
    may_add_app: Permission
    may_restore_sms: Permission
    may_release: Permission
    may_bring_device: bool
    may_change_email: Permission
    is_check_up_open: bool

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
    now = services.clock()
    door = bearers.look(session, person, now=now)
    email = bearers.email_of(session, account)
    returning = waiting_changes.subjects(session, person.account_id, Change.RELEASE_PASSKEY)
    return AccountView(
        email=email_hint(account.email),
        is_email_verified=account.email_verified_at is not None,
        time_zone=account.time_zone,
        passkeys=[_passkey(passkey, person, door, returning.get(passkey.passkey_id)) for passkey in bound],
        apps=_apps(session, person, door),
        recovery_codes_left=person_standing.facts.recovery_codes_left,
        recovery_codes_proven=person_standing.facts.recovery_codes_proven,
        sms=_sms(account, person_standing),
        unreminded=frozenset(reminders.stopped(session, person.account_id)),
        standing=person_standing,
        disputed_since=account.disputed_since,
        changes=objection_view.recent(session, services, person.account_id, bearer=door.bearer, now=now),
        news=_news(session, door),
        waiting=_waiting(session, person, door),
        disputes=_disputes(session, person, door),
        is_owed_codes=opening.owes_codes(session, services, person),
        is_asked_about_recovery=answers.is_asked(session, door, person),
        may_make_codes=permission(door.answer(Change.MAKE_CODES)),
        may_add_device=permission(door.answer(Change.LINK_DEVICE)),
        may_add_app=permission(door.answer(Change.BIND_AUTHENTICATOR_APP)),
        may_release=permission(door.answer(Change.RELEASE_PASSKEY)),
        may_bring_device=found_devices.may_ask(session, door, person),
        may_restore_sms=permission(door.answer(Change.RESTORE_SMS)),
        may_change_email=permission(door.answer(Change.CHANGE_EMAIL, email.trust if email else None)),
        is_check_up_open=check_ups.is_open(session, account),
    )


def _passkey(passkey: Passkey, person: Person, door: Door, returns_at: datetime | None) -> PasskeyView:
    provider = provider_name(passkey.aaguid)
    return PasskeyView(
        passkey_id=passkey.passkey_id,
        name=passkey.name,
        provider=provider if provider != passkey.name else None,
        is_synced=passkey.backed_up,
        can_sync=passkey.backup_eligible,
        is_current=passkey.passkey_id == person.passkey_id,
        is_on_hold=passkey.frozen_at is not None,
        is_lost=passkey.is_lost,
        returns_at=returns_at,
        is_lowered=passkey.lowered_at is not None,
        may_remove=permission(door.answer(Change.REMOVE_PASSKEY, trust.of_row(passkey))),
        may_rename=permission(door.answer(Change.RENAME_PASSKEY, trust.of_row(passkey))),
        may_be_copied=passkey.suspicion is not None,
        bound_at=passkey.bound_at,
        last_used_at=passkey.last_used_at,
    )


def _apps(session: Session, person: Person, door: Door) -> list[AppView]:
    current_id = sessions.get(session, person.session_id).app_id
    return [
        AppView(
            app_id=app.app_id,
            is_current=app.app_id == current_id,
            is_on_hold=app.held_at is not None,
            may_remove=permission(door.answer(Change.REMOVE_AUTHENTICATOR_APP, trust.of_row(app))),
            bound_at=app.bound_at,
            last_used_at=app.last_used_at,
        )
        for app in authenticator_apps.kept(session, person.account_id)
    ]


def _news(session: Session, door: Door) -> list[NewsView]:
    can_decide = not isinstance(door.answer(Change.CONFIRM), NotFromHere)
    return [
        NewsView(
            kind=new.kind,
            subject_id=new.subject_id,
            name=new.name,
            final_from=new.established_from,
            awaits_notice=new.awaits_notice,
            can_decide=can_decide,
        )
        for new in provisional.of_account(session, door.account, now=door.now)
    ]


def _waiting(session: Session, person: Person, door: Door) -> list[WaitingView]:
    may_reject = not isinstance(door.answer(Change.REJECT), NotFromHere)
    lines = []
    for row in waiting_changes.of_account(session, person.account_id):
        passkey = passkeys.look_up(session, row.subject_id)
        words = WAITING[Change(row.change)].format(device=passkey.name if passkey else "a device")
        can_stop = may_reject and changing.may_stop(session, door, row)
        lines.append(WaitingView(change_id=row.change_id, words=words, due_at=row.due_at, can_stop=can_stop))
    return lines


def _disputes(session: Session, person: Person, door: Door) -> list[DisputeView]:
    return [
        DisputeView(
            objection_id=objection.objection_id,
            change=objection_view.changed(session, objection),
            can_end=dispute_answers.may_end(session, door, person, objection),
            can_answer=dispute_answers.may_answer(person, door, objection),
            is_answered=objection.answered_at is not None,
        )
        for objection in objections.of_account(session, person.account_id)
        if objection.settled_at is None
    ]


def _sms(account: Account, person_standing: PersonStanding) -> SmsView:
    # What the SIM comes to is not known yet, and a person is told of acts upon themselves alone.
    planned = plan(account.account_id, person_standing.facts, person_standing.policy)
    if not person_standing.on_journey:
        planned = Plan(act=None)
    end = end_of_codes(
        planned, person_standing.facts, person_standing.policy, person_standing.halt, person_standing.now
    )
    return SmsView(
        state=SmsState(account.sms),
        phone=phone_hint(account.phone),
        changes_at=end.at,
        is_certain=end.is_certain,
        is_stopped=person_standing.facts.texts_stopped,
    )
