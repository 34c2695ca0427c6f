"""What became of messages: fates, contacts that fail, providers in trouble, and objections."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_QUEUED = sa.text("state = 'queued'")
_NUDGE = sa.text("purpose = 'nudge'")
_OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "contact_fault",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("account_id", "channel"),
    )
    op.create_table(
        "outage",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("hold_seconds", sa.Float(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_probed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("provider"),
    )
    op.create_table(
        "callback_count",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "outcome"),
    )
    op.create_table(
        "objection",
        sa.Column("objection_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passkey_id", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.ForeignKeyConstraint(["passkey_id"], ["passkey.passkey_id"]),
        sa.PrimaryKeyConstraint("objection_id"),
        sa.UniqueConstraint("message_key"),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index("ix_objection_account", ["account_id", "made_at"], unique=False)
        batch_op.create_index(
            "ix_objection_open", ["made_at"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN
        )

    op.add_column("account", sa.Column("phone_zone", sa.String(), nullable=True))
    op.add_column("account", sa.Column("capped_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("disputed_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("passkey", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("waits_for", sa.String(), nullable=True))
    op.add_column("message", sa.Column("fate", sa.String(), nullable=True))
    op.add_column("message", sa.Column("fate_at", sa.DateTime(timezone=True), nullable=True))

    op.drop_index("ix_message_queued", table_name="message")
    op.create_index(
        "ix_message_queued",
        "message",
        ["purpose", "created_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )
    op.create_index(
        "ix_message_nudged",
        "message",
        ["recipient", "created_at"],
        sqlite_where=_NUDGE,
        postgresql_where=_NUDGE,
    )


def downgrade() -> None:
    op.drop_index("ix_message_nudged", table_name="message")
    op.drop_index("ix_message_queued", table_name="message")
    op.create_index(
        "ix_message_queued", "message", ["created_at"], sqlite_where=_QUEUED, postgresql_where=_QUEUED
    )
    for table, column in (
        ("message", "fate_at"),
        ("message", "fate"),
        ("message", "waits_for"),
        ("message", "not_before"),
        ("passkey", "frozen_at"),
        ("account", "disputed_since"),
        ("account", "capped_until"),
        ("account", "phone_zone"),
    ):
        op.drop_column(table, column)
    op.drop_table("objection")
    op.drop_table("callback_count")
    op.drop_table("outage")
    op.drop_table("contact_fault")
