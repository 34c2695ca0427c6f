"""What people were told holds, whatever their policy becomes: the end of probation, of cooling off, and of skips."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter

revision = "0019"
down_revision = "0018"

_MOMENTS = ("removal_not_before", "cools_off_until", "skips_told_until")
_DURATION: TypeAdapter[timedelta] = TypeAdapter(timedelta)


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("skips_told", sa.Integer(), nullable=True))
    _keep_probations()


def downgrade() -> None:
    # Older code does not know the template; its nearest words have the same values.
    message = sa.table("message", sa.column("template", sa.String()))
    op.execute(sa.update(message).where(message.c.template == "sms_kept").values(template="sms_restored"))
    for name in ("skips_told", *reversed(_MOMENTS)):
        op.drop_column("account", name)


def _keep_probations() -> None:
    """Whoever can still restore codes keeps the longest time that the policy has promised since their suspension."""
    moment = sa.DateTime(timezone=True)
    account = sa.table(
        "account",
        *(sa.column("account_id", sa.String()), sa.column("sms", sa.String())),
        *(sa.column("sms_since", moment), sa.column("removal_not_before", moment)),
    )
    connection = op.get_bind()
    query = sa.select(account.c.account_id, account.c.sms_since).where(
        account.c.sms == "suspended", account.c.sms_since.is_not(None)
    )
    policies, names = _policies(connection), _policy_names(connection)
    for account_id, since in connection.execute(query).all():
        promised = list(_promised(policies, names.get(account_id, set()), since))
        if promised:
            change = sa.update(account).where(account.c.account_id == account_id)
            connection.execute(change.values(removal_not_before=since + max(promised)))


def _policies(connection: sa.Connection) -> dict[str, list[tuple[datetime, timedelta]]]:
    """From when each version of a policy is on record, and its probation, by the policy's name."""
    policy = sa.table(
        "policy",
        *(sa.column("name", sa.String()), sa.column("version", sa.Integer()), sa.column("body", sa.JSON())),
        sa.column("stored_at", sa.DateTime(timezone=True)),
    )
    versions: dict[str, list[tuple[datetime, timedelta]]] = {}
    query = sa.select(policy.c.name, policy.c.stored_at, policy.c.body).order_by(policy.c.version)
    for name, stored_at, body in connection.execute(query):
        versions.setdefault(name, []).append((stored_at, _DURATION.validate_python(body["probation"])))
    return versions


def _policy_names(connection: sa.Connection) -> dict[str, set[str]]:
    """The names of the policies by which each account was suspended, as its proofs say."""
    proof: Any = sa.table(
        "off_proof",
        *(sa.column("account_id", sa.String()), sa.column("state", sa.String())),
        sa.column("evidence", sa.JSON()),
    )
    names: dict[str, set[str]] = {}
    query = sa.select(proof.c.account_id, proof.c.evidence).where(proof.c.state == "suspended")
    for account_id, evidence in connection.execute(query):
        names.setdefault(account_id, set()).add(evidence.get("policy", ""))
    return names


def _promised(
    versions: dict[str, list[tuple[datetime, timedelta]]], names: set[str], since: datetime
) -> Iterator[timedelta]:
    """The probations of the version that was in force at the suspension, and of the versions since."""
    for name in names:
        of_name = versions.get(name, [])
        before = [probation for stored_at, probation in of_name if stored_at <= since]
        yield from before[-1:]
        yield from (probation for stored_at, probation in of_name if stored_at > since)
