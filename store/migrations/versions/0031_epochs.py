"""Epochs of the database, which a restored backup begins, and by which hand-over a message went out.

Everything on record belongs to the first epoch, 0, which has no row. What is handed over now is looked at again soon.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("message", sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("message", sa.Column("handed_again_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("handed_again_at", "epoch"):
        op.drop_column("message", name)
    op.drop_table("epoch")
