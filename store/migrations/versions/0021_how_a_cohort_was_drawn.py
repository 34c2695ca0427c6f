"""Each tally keeps whether the cohort is drawn as it was planned; tallies of before do not know."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("cohort_tally", sa.Column("draw", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("cohort_tally", "draw")
