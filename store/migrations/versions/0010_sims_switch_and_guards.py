"""Look-ups of SIMs, the switch that stops retiring, and what the database refuses by itself."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0010"
down_revision = "0009"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("sim_claimed_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_asked_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_answer", sa.String(), nullable=True))
    _make_switch()
    _guard()


def downgrade() -> None:
    _unguard()
    op.drop_table("retiring_switch")
    for column in ("sim_answer", "sim_asked_at", "sim_claimed_at"):
        op.drop_column("account", column)


def _make_switch() -> None:
    """One row, which is there from the first: whoever stops retiring waits for the acts under way that have read it."""
    switch = op.create_table(
        "retiring_switch",
        sa.Column("switch_id", sa.Integer(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("since", _INSTANT, nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("switch_id"),
    )
    blank = {"is_stopped": False, "by": "", "reason": "", "is_automatic": False, "accepted": {}}
    op.bulk_insert(switch, [{"switch_id": 1, "since": None, **blank}])


def _guard() -> None:
    """The promises that hold whatever code runs: see decision 17."""
    for statement in guards.postgresql() if _is_postgresql() else guards.sqlite():
        op.execute(statement)


def _unguard() -> None:
    if _is_postgresql():
        for statement in guards.drop_postgresql():
            op.execute(statement)
        return
    for name in guards.sqlite_names():
        op.execute(f"DROP TRIGGER {name}")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
