"""Notices that are gathered into one message, an index of what each contact got, and a count of text messages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

IS_PART = sa.text("gathered_in IS NOT NULL")
IS_NUDGE = sa.text("purpose = 'nudge'")


def upgrade() -> None:
    op.add_column("message", sa.Column("gathered_in", sa.String(), nullable=True))
    op.create_index(
        "ix_message_gathered_in", "message", ["gathered_in"], sqlite_where=IS_PART, postgresql_where=IS_PART
    )
    # It also answers what the index of nudges alone answered.
    op.create_index("ix_message_recipient", "message", ["recipient", "created_at"])
    op.drop_index("ix_message_nudged", "message")
    op.create_table(
        "text_count",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("country", sa.String(), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("text_count")
    op.create_index(
        "ix_message_nudged",
        "message",
        ["recipient", "created_at"],
        sqlite_where=IS_NUDGE,
        postgresql_where=IS_NUDGE,
    )
    op.drop_index("ix_message_recipient", "message")
    op.drop_index("ix_message_gathered_in", "message")
    # Older code knows no gathered notices; what waited for a gathered message goes out by itself.
    op.execute("UPDATE message SET state = 'sent' WHERE state = 'gathered' AND settled_at IS NOT NULL")
    op.execute("UPDATE message SET state = 'queued' WHERE state = 'gathered'")
    op.execute(
        "UPDATE message SET state = 'skipped', settled_at = created_at, reason = 'gathered'"
        " WHERE template = 'several_changes' AND state IN ('queued', 'handed')"
    )
    op.drop_column("message", "gathered_in")
