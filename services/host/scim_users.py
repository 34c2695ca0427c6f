"""An identity system's users are the host's accounts: created, changed, deactivated and deleted by SCIM 2.0."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from domain.errors import Unknown
from providers.scim_users import BadScim, ScimError, ScimQuestion, ScimUser
from services.container import Services
from services.host import accounts as host_accounts
from services.host import deletions
from services.imports import account_merges, told_fields
from services.people import host_imports
from store import Session
from store.people import accounts, deactivations, user_names
from store.people.accounts import Account

log = structlog.get_logger()

LONGEST_USER_NAME = 255

_PATH = "/v1/scim/v2"


def base(services: Services) -> str:
    """The address of SCIM here."""
    return f"{services.site.origin}{_PATH}"


def show(services: Services, user_id: str) -> ScimUser:
    """One user. Raises Unknown."""
    with services.database.reading() as session:
        return _seen(services, _there(accounts.get(session, user_id)))


def find(services: Services, question: ScimQuestion) -> tuple[list[ScimUser], int]:
    """A page of users, and how many there are in all."""
    with services.database.reading() as session:
        rows, total = user_names.page(
            session,
            user_name=question.user_name,
            external_id=question.external_id,
            offset=question.start_index - 1,
            limit=question.count,
        )
        return [_seen(services, row) for row in rows], total


def create(services: Services, user: ScimUser) -> ScimUser:
    """Create an account. One that was told of otherwise is taken over. Raises BadScim and BadRow."""
    external_id = user.external_id or user.user_name
    fields = _changes(ScimUser(user_name=""), user)
    imported = account_merges.stated(external_id, fields, countries=services.sms_countries)
    with services.database.transaction() as session:
        at = services.clock()
        earlier = accounts.by_external_id(session, imported.external_id)
        if earlier and earlier.user_name is not None:
            raise BadScim(
                "another user has this externalId, or this userName", kind=ScimError.UNIQUENESS, status=409
            )
        _require_name(session, user.user_name, besides=earlier.account_id if earlier else None)
        host_imports.take(session, [imported], at=at)
        account_id = _found(session, imported.external_id).account_id
        account = accounts.lock(session, account_id)
        told_fields.heed_request(session, account, fields, at=at)
        user_names.name(session, account, user.user_name)
        _switch(session, account, is_active=user.is_active, at=at)
        return _seen(services, account)


def change(services: Services, user_id: str, read: Callable[[ScimUser], ScimUser]) -> ScimUser:
    """Change an account to what `read` makes of it. Raises Unknown, BadScim, BadRow and ContactStays."""
    with services.database.transaction() as session:
        at = services.clock()
        account = _there(accounts.lock(session, user_id))
        current = _seen(services, account)
        wanted = read(current)
        if wanted.external_id != current.external_id:
            raise BadScim("externalId: it never changes", kind=ScimError.MUTABILITY)
        if changes := _changes(current, wanted):
            told_fields.heed_request(session, account, changes, at=at)
            host_accounts.change(session, account, changes, countries=services.sms_countries, at=at)
            account = accounts.lock(session, user_id)
        if wanted.user_name != current.user_name:
            _require_name(session, wanted.user_name, besides=user_id)
            user_names.name(session, account, wanted.user_name)
        _switch(session, account, is_active=wanted.is_active, at=at)
        return _seen(services, account)


def delete(services: Services, user_id: str) -> None:
    """Delete an account, and forget who it was. Raises Unknown."""
    with services.database.transaction() as session:
        deletions.delete(session, _there(accounts.lock(session, user_id)), at=services.clock())


def _switch(session: Session, account: Account, *, is_active: bool, at: datetime) -> None:
    if is_active is (account.deactivated_at is None):
        return
    if is_active:
        deactivations.reactivate(session, account, at=at)
    else:
        deactivations.deactivate(session, account, at=at)
    log.info("account_switched", account_id=account.account_id, is_active=is_active)


def _require_name(session: Session, user_name: str, *, besides: str | None) -> None:
    if not user_name.strip() or len(user_name) > LONGEST_USER_NAME or not user_name.isprintable():
        raise BadScim(
            f"userName: it has from 1 to {LONGEST_USER_NAME} characters, all of which can be printed",
            kind=ScimError.INVALID_VALUE,
        )
    if not user_names.is_free(session, user_name, besides=besides):
        raise BadScim("another user has this userName", kind=ScimError.UNIQUENESS, status=409)


def _changes(current: ScimUser, wanted: ScimUser) -> dict[str, Any]:
    """What is different, as a JSON Merge Patch of an account."""
    values = {
        "email": (current.email, wanted.email),
        "phone": (current.phone, wanted.phone),
        "locale": (current.locale, wanted.locale),
        "time_zone": (current.time_zone, wanted.time_zone),
    }
    return {field: new for field, (old, new) in values.items() if new != old}


def _there(account: Account) -> Account:
    if account.deleted_at is not None:
        raise Unknown("the account is deleted")
    return account


def _found(session: Session, external_id: str) -> Account:
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown("the account was deleted in the meantime")
    return account


def _seen(services: Services, account: Account) -> ScimUser:
    return ScimUser(
        user_id=account.account_id,
        external_id=account.external_id,
        user_name=user_names.name_of(account),
        is_active=account.deactivated_at is None,
        email=account.email,
        phone=account.phone,
        locale=account.locale,
        time_zone=account.time_zone,
        created_at=account.created_at,
        location=f"{base(services)}/Users/{account.account_id}",
    )
