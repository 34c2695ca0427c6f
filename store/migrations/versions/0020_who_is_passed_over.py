"""Since when, and why, a launch has passed a member over; of launches that were before, that is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("member", sa.Column("passed_over_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("member", sa.Column("passed_over_because", sa.String(), nullable=True))
    is_passed_over = sa.text("passed_over_because IS NOT NULL")
    op.create_index(
        "ix_member_passed_over",
        "member",
        ["cohort_id", "account_id"],
        sqlite_where=is_passed_over,
        postgresql_where=is_passed_over,
    )


def downgrade() -> None:
    op.drop_index("ix_member_passed_over", "member")
    op.drop_column("member", "passed_over_because")
    op.drop_column("member", "passed_over_at")
