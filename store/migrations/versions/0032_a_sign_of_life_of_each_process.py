"""A sign of life of each process: what it does, and how far the clock of its machine is ahead of the database's.

The row that is there was the worker's. A worker of the release before this one goes on writing it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("heartbeat", sa.Column("kind", sa.String(), nullable=False, server_default="worker"))
    op.add_column("heartbeat", sa.Column("offset_seconds", sa.Float(), nullable=False, server_default="0"))


def downgrade() -> None:
    for name in ("offset_seconds", "kind"):
        op.drop_column("heartbeat", name)
