"""What a host says of an account: its ways in there, which contacts the host has verified, and that it was deleted."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("account", sa.Column("sms_method", sa.String(), nullable=True))
    op.add_column("account", sa.Column("other_methods", sa.JSON(), nullable=True))
    op.add_column("account", sa.Column("host_verified_email", sa.Boolean(), nullable=True))
    op.add_column("account", sa.Column("host_verified_phone", sa.Boolean(), nullable=True))
    op.add_column("account", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    for statement in (
        guards.postgresql_with_deletions() if _is_postgresql() else guards.sqlite_with_deletions()
    ):
        op.execute(statement)


def downgrade() -> None:
    before = guards.postgresql_without_deletions if _is_postgresql() else guards.sqlite_without_deletions
    for statement in before():
        op.execute(statement)
    for name in ("deleted_at", "host_verified_phone", "host_verified_email", "other_methods", "sms_method"):
        op.drop_column("account", name)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
