"""Look-ups of SIMs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("sim_claimed_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_asked_at", _INSTANT, nullable=True))
    op.add_column("account", sa.Column("sim_answer", sa.String(), nullable=True))


def downgrade() -> None:
    for column in ("sim_answer", "sim_asked_at", "sim_claimed_at"):
        op.drop_column("account", column)
