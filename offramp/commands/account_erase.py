"""`offramp account erase`: forgets a person, as two members of staff."""

from dataclasses import replace

import typer

from domain.desk.acts import LEAVE_SMS, RESTORE_SMS, Act
from domain.errors import Unknown
from domain.staff.staff import Role
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out
from store import Database
from store.acts import doing, refusals
from store.acts.orders import ActOrder
from store.people import accounts


def erase(
    external_id: str, *, restores_sms: bool, reason: str, by: str, with_member: str, asks_back: bool
) -> None:
    """Erase the person behind a host's id. Raises Unknown, BadReason, ActRefused."""
    with opened_database(runnable_settings()) as database:
        order = ActOrder(
            act=Act.ERASE,
            account_id=_account_id(database, external_id),
            author=replace(on_this_machine(by), together_with=with_member),
            role=Role.ADMIN,
            reason=reason,
            target=RESTORE_SMS if restores_sms else LEAVE_SMS,
        )
        if asks_back:
            typer.confirm(f"Erase {external_id}? This cannot be undone", abort=True, err=True)
        now = clock()
        with refusals.acting(database, order, at=now) as session:
            doing.perform_as_two(session, order, at=now)
    out.print(f"erased {external_id}", markup=False)


def _account_id(database: Database, external_id: str) -> str:
    with database.reading() as session:
        account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown(f"no account is called {external_id}")
    return account.account_id
