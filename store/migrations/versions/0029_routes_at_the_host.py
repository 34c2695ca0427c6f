"""Passkeys and recovery codes that live with the host, and the host's events on which their facts rest.

Everything that is on record already lives here. The guard of the last way in spares what lives with the host.
"""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "host_route_event",
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("host_id", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("codes_left", sa.Integer(), nullable=True),
    )
    for table in ("passkey", "recovery_code"):
        op.add_column(table, sa.Column("host_id", sa.String(), nullable=True))
    op.create_index("ix_passkey_host_id", "passkey", ["account_id", "host_id"], unique=True)
    _make_guards(spares_host=True)


def downgrade() -> None:
    _make_guards(spares_host=False)
    op.drop_index("ix_passkey_host_id", "passkey")
    for table in ("recovery_code", "passkey"):
        op.drop_column(table, "host_id")
    op.drop_table("host_route_event")


def _make_guards(*, spares_host: bool) -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in guards.last_routes(is_postgresql=is_postgresql, spares_host=spares_host):
        op.execute(statement)
