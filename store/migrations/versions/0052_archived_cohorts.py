"""When a cohort was archived, and how far the people held out were at each look.

Both are NULL so far: all cohorts are on the lists, and nobody has counted the holdout over time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.add_column("cohort", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cohort_tally", sa.Column("held_out", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("cohort_tally", "held_out")
    op.drop_column("cohort", "archived_at")
