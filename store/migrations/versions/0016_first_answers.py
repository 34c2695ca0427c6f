"""Answers to one-time secrets, which are given again for a minute when they get lost."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "first_answer",
        sa.Column("browser_id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_first_answer_expires_at", "first_answer", ["expires_at"])


def downgrade() -> None:
    op.drop_table("first_answer")
