"""What happened at the door and is not written up yet, wrong codes in a row, known browsers, odd passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


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
    op.create_table(
        "guess_count",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("code", sa.String(), primary_key=True),
        sa.Column("browser_id", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_guess_count_last_at", "guess_count", ["last_at"])
    op.create_table(
        "known_browser",
        sa.Column("browser_id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("known_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_known_browser_account_id", "known_browser", ["account_id"])
    op.create_index("ix_known_browser_expires_at", "known_browser", ["expires_at"])
    op.add_column("passkey", sa.Column("suspicion", sa.String(), nullable=True))
    # Codes that wait for their answer while this runs know their account already.
    op.add_column("one_time_code", sa.Column("asked_for", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE one_time_code SET asked_for = coalesce(account_id, '')")


def downgrade() -> None:
    op.drop_column("passkey", "suspicion")
    op.drop_column("one_time_code", "asked_for")
    op.drop_table("known_browser")
    op.drop_table("guess_count")
    op.drop_table("door_note")
