"""Digests name the secret key that they hang on, and keys are noted by when they were the newest.

Which key the digests of before hang on, only the key itself could say, so they name none. They count for the key that
is noted first, if it is the only one then, and else for every key that is not the newest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_TABLES = ("recovery_code", "rescue", "one_time_code", "guess_count", "first_answer")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("key_id", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "one_time_code", sa.Column("subject_key_id", sa.String(), nullable=False, server_default="")
    )
    op.create_table(
        "secret_key",
        sa.Column("key_id", sa.String(), primary_key=True),
        sa.Column("newest_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_alone", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_message_sealed",
        "message",
        ["key"],
        sqlite_where=sa.text("sealed IS NOT NULL"),
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_sealed", table_name="message")
    op.drop_table("secret_key")
    op.drop_column("one_time_code", "subject_key_id")
    for table in reversed(_TABLES):
        op.drop_column(table, "key_id")
