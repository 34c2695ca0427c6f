"""What identity systems say of accounts by SCIM: what a person is called there, and that an account is not active."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("account", sa.Column("user_name", sa.String(), nullable=True))
    op.add_column("account", sa.Column("user_name_key", sa.String(), nullable=True))
    op.add_column("account", sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_account_user_name_key", "account", ["user_name_key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_account_user_name_key", "account")
    for name in ("deactivated_at", "user_name_key", "user_name"):
        op.drop_column("account", name)
