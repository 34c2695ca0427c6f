"""Attempts: prompts, ceremonies and sign-ins with their ends and software, for a short time."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

_CAPABILITIES = ("platform_authenticator", "conditional_get", "conditional_create", "hybrid")


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "occasion", "outcome", "reason", "method", "provider", "browser", "system")
        ),
        sa.Column("holds_passkey", sa.Boolean(), nullable=False),
        sa.Column("browser_major", sa.Integer(), nullable=True),
        sa.Column("system_major", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=True) for name in _CAPABILITIES),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_index("ix_attempt_account_id", "attempt", ["account_id", "at"])


def downgrade() -> None:
    op.drop_table("attempt")
