"""Whose share of a queue a nudge takes, in which order nudges go, and since when Temporal has a message."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUDGES_QUEUED = sa.text("state = 'queued' AND purpose = 'nudge'")
UNDER_WAY = sa.text("state IN ('handed', 'sending')")


def upgrade() -> None:
    op.add_column("message", sa.Column("cohort_id", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_nudges_queued",
        "message",
        ["channel", "cohort_id", sa.text("coalesce(not_before, created_at)")],
        sqlite_where=NUDGES_QUEUED,
        postgresql_where=NUDGES_QUEUED,
    )
    op.create_index(
        "ix_message_under_way",
        "message",
        ["state", "purpose", "channel"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )


def downgrade() -> None:
    op.drop_index("ix_message_under_way", "message")
    op.drop_index("ix_message_nudges_queued", "message")
    op.drop_column("message", "handed_at")
    op.drop_column("message", "cohort_id")
