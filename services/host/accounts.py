"""What a host does with its accounts one by one: it tells of them, changes them, and asks how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.asking import answer_due_at
from domain.desk.cases import Case
from domain.errors import Refused, Unknown
from domain.facts import Facts, HostChange, Milestone, SmsState
from domain.journey import JourneyAct
from domain.masking import masked_email, masked_phone
from domain.policy import InsteadOfPasskey
from domain.words.names import capital
from domain.words.standings import upcoming
from services.container import Services
from services.host import deletions
from services.imports import account_merges, told_fields
from services.people import host_imports
from store import Session
from store.desk import cases
from store.people import accounts, host_bindings
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount

_CONTACTS = frozenset({"email", "phone"})


class ContactStays(Refused):
    """A contact cannot be taken away; the message names it, and says why."""


@dataclass(frozen=True, kw_only=True)
class HostContact:
    """One contact, masked. `verified`: by its owner here, or by the host; of a phone number, what the host says."""

    value: str
    verified: bool


@dataclass(frozen=True, kw_only=True)
class HostMethods:
    """The ways in that the account has at the host, by the host's own word; None while it has said nothing."""

    sms: str | None
    others: list[str] | None


@dataclass(frozen=True, kw_only=True)
class ReachedMilestone:
    """Whether a milestone is reached."""

    milestone: Milestone
    reached: bool


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What the journey does if nothing happens: an act and its moment if there is one, and the same in words."""

    act: JourneyAct | None
    at: datetime | None
    words: str


@dataclass(frozen=True, kw_only=True)
class OpenRequest:
    """What the host was asked last and has not answered, and until when it is awaited."""

    change: HostChange
    at: datetime
    deadline: datetime | None


@dataclass(frozen=True, kw_only=True)
class SmsStanding:
    """How far text-message codes are switched off, since when, and what the host is asked about them."""

    state: SmsState
    since: datetime | None
    open_request: OpenRequest | None


@dataclass(frozen=True, kw_only=True)
class HostAccount:
    """One account as its host sees it. `journey` is `none`, `under_way`, or how it ended."""

    external_id: str
    account_id: str
    email: HostContact | None
    phone: HostContact | None
    methods: HostMethods
    journey: str
    milestones: list[ReachedMilestone]
    next: NextStep
    instead_of_passkey: InsteadOfPasskey
    facts: Facts
    sms: SmsStanding


@dataclass(frozen=True, kw_only=True)
class PutAccount:
    """What became of an account that was told of, and whether it is new."""

    account: HostAccount
    is_new: bool


def show(services: Services, external_id: str) -> HostAccount:
    """One account: its milestones, what is next, and its facts. Raises Unknown."""
    now = services.clock()
    with services.database.reading() as session:
        account = _get(session, external_id)
        return _seen(account, cases.draw(session, account.account_id, now=now), now)


def put(services: Services, external_id: str, fields: Mapping[str, Any]) -> PutAccount:
    """Create the account, or change it; what is not told stays as it is. Raises BadRow."""
    imported = account_merges.stated(external_id, fields, countries=services.sms_countries)
    with services.database.transaction() as session:
        at = services.clock()
        total = host_imports.take(session, [imported], at=at)
        told_fields.heed_statement(session, _get(session, imported.external_id), fields, at=at)
    return PutAccount(account=show(services, imported.external_id), is_new=total.new > 0)


def patch(services: Services, external_id: str, merge_patch: Mapping[str, Any]) -> HostAccount:
    """Change an account by a JSON Merge Patch (RFC 7396). Raises Unknown, BadRow and ContactStays."""
    with services.database.transaction() as session:
        account = accounts.lock(session, _get(session, external_id).account_id)
        at = services.clock()
        told_fields.heed_request(session, account, merge_patch, at=at)
        change(session, account, merge_patch, countries=services.sms_countries, at=at)
    return show(services, external_id)


def delete(services: Services, external_id: str) -> None:
    """Delete an account, and forget who it was. Raises Unknown."""
    with services.database.transaction() as session:
        account = accounts.lock(session, _get(session, external_id).account_id)
        if account.deleted_at is not None:
            raise Unknown("the account was deleted in the meantime")
        deletions.delete(session, account, at=services.clock())


def change(
    session: Session,
    account: Account,
    merge_patch: Mapping[str, Any],
    *,
    countries: frozenset[str],
    at: datetime,
) -> bool:
    """Change a locked account by a JSON Merge Patch; returns whether that changed anything.

    The row of `account` is older than the change afterwards. Raises BadRow and ContactStays.
    """
    imported = account_merges.merged(account, merge_patch, countries=countries)
    is_dropped = _drop_contacts(session, account, imported, at=at)
    kept = replace(imported, removed=imported.removed - _CONTACTS)
    return host_imports.take(session, [kept], at=at).changed > 0 or is_dropped


def _drop_contacts(session: Session, account: Account, imported: ImportedAccount, *, at: datetime) -> bool:
    if "phone" in imported.removed and account.phone is not None:
        raise ContactStays(
            "phone: it stays as long as text messages may be a way in; tell another one instead"
        )
    if "email" not in imported.removed or account.email is None:
        return False
    if account.email_verified_at is not None:
        raise ContactStays("email: it is verified, so it is replaced by another one, and not taken away")
    if account.phone is None:
        raise ContactStays("email: it is the only way to reach the person")
    if account.disputed_since is not None:
        raise ContactStays(
            "email: an objection of the owner is open, and all contacts stay until it is settled"
        )
    host_bindings.drop_email(session, account, at=at)
    return True


def _get(session: Session, external_id: str) -> Account:
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown("no account has this external id")
    return account


def _seen(account: Account, case: Case, now: datetime) -> HostAccount:
    is_over = case.ended_at is not None
    return HostAccount(
        external_id=account.external_id,
        account_id=account.account_id,
        email=_contact(masked_email(account.email), is_verified=account.email_verified_at is not None),
        phone=_contact(masked_phone(account.phone), is_verified=account.host_verified_phone is True),
        methods=HostMethods(sms=account.sms_method, others=account.other_methods),
        journey="none" if case.started_at is None else (case.outcome or "ended" if is_over else "under_way"),
        milestones=[
            ReachedMilestone(milestone=milestone, reached=is_reached)
            for milestone, is_reached in case.milestones.items()
        ],
        next=NextStep(act=case.next.act, at=case.next_at, words=capital(upcoming(case, now))),
        instead_of_passkey=case.instead_of_passkey,
        facts=case.facts,
        sms=SmsStanding(
            state=SmsState(account.sms), since=account.sms_since, open_request=_open_request(case)
        ),
    )


def _open_request(case: Case) -> OpenRequest | None:
    facts = case.facts
    if facts.host_asked is None or facts.host_asked_at is None or facts.host_confirmed_at:
        return None
    deadline = answer_due_at(facts, case.policy)
    return OpenRequest(change=facts.host_asked, at=facts.host_asked_at, deadline=deadline)


def _contact(masked: str | None, *, is_verified: bool) -> HostContact | None:
    return HostContact(value=masked, verified=is_verified) if masked else None
