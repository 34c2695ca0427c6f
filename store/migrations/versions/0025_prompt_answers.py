"""The answers to prompts that a host has shown, so that each is taken once."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "prompt_answer",
        sa.Column("prompt", sa.String(), primary_key=True),
        sa.Column("answer", sa.String(), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_prompt_answer_asked_at", "prompt_answer", ["asked_at"])


def downgrade() -> None:
    op.drop_index("ix_prompt_answer_asked_at", "prompt_answer")
    op.drop_table("prompt_answer")
