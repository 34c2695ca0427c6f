"""`offramp account lift-hold`: lets a passkey sign in again that was on hold because it behaved like a copy."""

from dataclasses import replace

from domain.desk.acts import Act
from domain.errors import Unknown
from domain.staff.staff import Role
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out
from store.acts import doing, refusals
from store.acts.orders import ActOrder
from store.people import passkeys


def lift_hold(passkey_id: str, *, reason: str, by: str, with_member: str) -> None:
    """Lift the hold as two members. Raises Unknown, BadReason, ActRefused."""
    author, now = replace(on_this_machine(by), together_with=with_member), clock()
    with opened_database(runnable_settings()) as database:
        with database.reading() as session:
            passkey = passkeys.look_up(session, passkey_id)
        if passkey is None:
            raise Unknown(f"no passkey {passkey_id}")
        order = ActOrder(
            act=Act.LIFT_HOLD,
            account_id=passkey.account_id,
            author=author,
            role=Role.ADMIN,
            reason=reason,
            target=passkey_id,
        )
        with refusals.acting(database, order, at=now) as session:
            doing.perform_as_two(session, order, at=now)
    out.print("the passkey can sign in again", markup=False)
