"""Whose check-up is due: of everybody whose text-message codes were removed before, too."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "check_up",
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("invited_at", _INSTANT, nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_check_up_due_at", "check_up", ["due_at"])
    # Whoever is looked at before the first check-up is due is put off until then.
    op.execute(
        "INSERT INTO check_up (account_id, round, due_at) SELECT account_id, 0, sms_since FROM account "
        "WHERE sms = 'removed' AND sms_since IS NOT NULL AND deleted_at IS NULL"
    )
    is_off = sa.text("sms IN ('suspended', 'removed')")
    op.create_index(
        "ix_account_codes_off",
        "account",
        ["sms_since", "account_id"],
        sqlite_where=is_off,
        postgresql_where=is_off,
    )


def downgrade() -> None:
    op.drop_index("ix_account_codes_off", "account")
    op.drop_table("check_up")
