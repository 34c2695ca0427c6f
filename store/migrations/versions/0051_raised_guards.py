"""Raised guards: when everybody's accounts were harder to change, because of whom, why, and how that ended."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"

_INSTANT = sa.DateTime(timezone=True)
_IS_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "raised_guard",
        sa.Column("guard_id", sa.String(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("guard_id"),
    )
    op.create_index(
        "ix_raised_guard_open",
        "raised_guard",
        [sa.text("(ended_at IS NULL)")],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_index("ix_raised_guard_since", "raised_guard", ["since"])


def downgrade() -> None:
    op.drop_table("raised_guard")
