"""What happened at the door and is not written up yet, and whom a code was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "door_note",
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=True),
    )
    # Codes that wait for their answer while this runs know their account already.
    op.add_column("one_time_code", sa.Column("asked_for", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE one_time_code SET asked_for = coalesce(account_id, '')")


def downgrade() -> None:
    op.drop_column("one_time_code", "asked_for")
    op.drop_table("door_note")
