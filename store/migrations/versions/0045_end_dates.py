"""End dates: which one each person was told last, and requests to move one nearer."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("told_end_at", "told_end_since"):
        op.add_column("account", sa.Column(name, _INSTANT, nullable=True))
    op.create_table(
        "end_request",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("cohort_id", sa.String(), nullable=False),
        sa.Column("end_at", _INSTANT, nullable=False),
        sa.Column("after_end", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_in", sa.String(), nullable=False),
        sa.Column("asked_with", sa.String(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.cohort_id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.staff_id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.staff_id"]),
    )
    op.create_index("ix_end_request_cohort_id", "end_request", ["cohort_id"])


def downgrade() -> None:
    op.drop_table("end_request")
    for name in ("told_end_since", "told_end_at"):
        op.drop_column("account", name)
