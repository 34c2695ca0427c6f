"""Held slices: people of a cohort to whom the prompt is not shown, by country, platform, browser or provider."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

_INSTANT = sa.DateTime(timezone=True)
_IS_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "held_slice",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("hold_id", "cohort_id", "dimension", "value", "metric")
        ),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.cohort_id"]),
    )
    op.create_index(
        "ix_held_slice_open",
        "held_slice",
        ["cohort_id", "dimension", "value", "metric"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_index("ix_held_slice_cohort_id", "held_slice", ["cohort_id", "since"])


def downgrade() -> None:
    op.drop_table("held_slice")
