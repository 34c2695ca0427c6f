"""Takes what a host tells of contacts: an address that it has verified, a number that it has changed."""

from collections.abc import Callable
from datetime import datetime

from domain.errors import BadContact
from domain.host.events import EventOutcome, HostEvent
from domain.host.words import BadEvent, Word
from domain.journal import Actor, EventKind
from domain.safety.contact_keys import are_same
from providers.contacts import email_address, phone_country, phone_time_zone
from services.imports import told_fields
from services.imports.account_phones import PhoneRules, phone_of
from services.people import host_imports, standing
from store import Session
from store.people import accounts, host_routes, journal
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount, texted_countries


def email_verified(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """The host has verified an address. One that is not the account's yet is a change by the host, as in an import.

    The account is locked by the caller. An address that the person has replaced here since stays replaced.
    Raises BadEvent for what is no address.
    """
    email, at = _checked(email_address, "email", event), min(event.at, now)
    is_news = _heed_news(session, account, "email", event, now=now)
    if not are_same(account.email, email):
        if not is_news or are_same(account.host_email, email):
            return EventOutcome.OVERTAKEN
        _change(session, account, email=email, now=now)
        account = accounts.lock(session, account.account_id)
    if account.email_verified_at:
        return EventOutcome.OVERTAKEN
    accounts.verify_email(session, account, account.email, at=at)
    day = standing.today(account.time_zone, at)
    host_routes.note(session, account.account_id, event, at=at, day=day)
    kind = EventKind.EMAIL_VERIFIED
    journal.append(session, account.account_id, kind, at=now, actor=Actor.HOST, by="host")
    return EventOutcome.HEEDED


def phone_changed(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """The host has another number of the account: a new binding, told to all contacts, as in an import.

    Raises BadEvent for what is no number with its country code, or of a country that is not texted.
    """
    rules = PhoneRules(countries=texted_countries(session))
    phone = _checked(lambda text: phone_of(text, rules), "phone", event)
    if not _heed_news(session, account, "phone", event, now=now) or account.phone == phone:
        return EventOutcome.OVERTAKEN
    _change(session, account, phone=phone, now=now)
    is_taken = accounts.lock(session, account.account_id).phone == phone
    return EventOutcome.HEEDED if is_taken else EventOutcome.IGNORED


def _checked(read: Callable[[str], str], name: str, event: HostEvent) -> str:
    """A contact in its canonical form. Raises BadEvent if it is none."""
    try:
        return read(str(event.data[name]))
    except (BadContact, ValueError) as error:
        raise BadEvent(f"{name}: {error}") from None


def _heed_news(session: Session, account: Account, name: str, event: HostEvent, *, now: datetime) -> bool:
    """Whether an event is the newest word on a contact, changed or not; if so, nothing older overwrites it."""
    word = Word(at=event.at, event_id=event.event_id)
    if not told_fields.is_news(session, account, (name,), word):
        return False
    told_fields.heed(session, account.account_id, [(name,)], word, now=now)
    return True


def _change(
    session: Session, account: Account, *, email: str | None = None, phone: str | None = None, now: datetime
) -> None:
    renewal = ImportedAccount(
        external_id=account.external_id,
        email=email,
        phone=phone,
        phone_country=phone_country(phone) if phone else None,
        phone_zone=phone_time_zone(phone) if phone else None,
    )
    host_imports.take(session, [renewal], at=now, is_locked=True)
