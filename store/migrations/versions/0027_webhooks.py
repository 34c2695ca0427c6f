"""Subscriptions of hosts, and the deliveries of journal entries to them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_OPEN = sa.text("state IN ('behind', 'waiting', 'handed', 'sending')")
_PARTIAL = {
    "ix_webhook_delivery_lane": (["subscription_id", "account_id", "is_request", "delivery_id"], _OPEN),
    "ix_webhook_delivery_open": (["created_at"], _OPEN),
    "ix_webhook_delivery_waiting": (["subscription_id", "not_before"], sa.text("state = 'waiting'")),
    "ix_webhook_delivery_under_way": (
        ["subscription_id", "state"],
        sa.text("state IN ('handed', 'sending')"),
    ),
    "ix_webhook_delivery_dead": (["delivery_id"], sa.text("state = 'dead'")),
}


def upgrade() -> None:
    _make_subscriptions()
    _make_deliveries()
    for name, (columns, where) in _PARTIAL.items():
        op.create_index(name, "webhook_delivery", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_webhook_delivery_settled_at", "webhook_delivery", ["settled_at"])
    op.create_index("ix_webhook_delivery_account", "webhook_delivery", ["account_id"])


def _make_subscriptions() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("subscription_id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("former_secret", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
    )
    is_current = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_webhook_subscription_name",
        "webhook_subscription",
        ["name"],
        unique=True,
        sqlite_where=is_current,
        postgresql_where=is_current,
    )


def _make_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("replay", sa.Integer(), nullable=False),
        sa.Column("hook_type", sa.String(), nullable=False),
        sa.Column("is_request", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["subscription_id"], ["webhook_subscription.subscription_id"]),
        sa.UniqueConstraint("subscription_id", "entry_id", "replay"),
    )


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_subscription")
