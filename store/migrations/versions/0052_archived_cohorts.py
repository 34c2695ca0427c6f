"""When a cohort was archived, which takes it off the lists; NULL while it is on them, as all cohorts are so far."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"


def upgrade() -> None:
    op.add_column("cohort", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cohort", "archived_at")
