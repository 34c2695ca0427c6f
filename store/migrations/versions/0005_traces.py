"""Which trace entries and messages belong to, so that the relay goes on with it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("journal", "message"):
        op.add_column(table, sa.Column("traceparent", sa.String(), nullable=True))


def downgrade() -> None:
    for table in ("message", "journal"):
        op.drop_column(table, "traceparent")
