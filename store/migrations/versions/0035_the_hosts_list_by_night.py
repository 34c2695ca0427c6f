"""Which worker compares the host's list tonight, and why it did not work the last time."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "host_list_run",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_because", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("host_list_run")
