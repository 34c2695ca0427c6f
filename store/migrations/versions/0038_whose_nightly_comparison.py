"""Which claim of the nightly comparison holds, and since when the host's list has been wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("host_list_run", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("host_list_run", sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE host_list_run SET wanted_since = COALESCE(done_at, tried_at, rests_until)")


def downgrade() -> None:
    op.drop_column("host_list_run", "wanted_since")
    op.drop_column("host_list_run", "claimed_at")
