"""Which code of a set is asked for, and the digest of its last letters; sets from before are asked for a whole code."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.add_column("recovery_code", sa.Column("number_in_set", sa.Integer(), nullable=True))
    op.add_column("recovery_code", sa.Column("ending", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("recovery_code", "ending")
    op.drop_column("recovery_code", "number_in_set")
