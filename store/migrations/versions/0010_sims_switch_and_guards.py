"""Look-ups of SIMs, and the switch that stops retiring."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("sim_claimed_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_asked_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_answer", sa.String(), nullable=True))
    _make_switch()


def downgrade() -> None:
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
