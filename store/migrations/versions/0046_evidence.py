"""Evidence for auditors: the chain of the journal's days, and the keys that sign packs."""

import sqlalchemy as sa
from alembic import op

from store.migrations.evidence_guards import evidence_guards

revision = "0046"
down_revision = "0045"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "journal_day",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "evidence_key",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.String(), nullable=False, unique=True),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
    )
    for statement in evidence_guards(is_postgresql=op.get_bind().dialect.name == "postgresql"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("evidence_key")
    op.drop_table("journal_day")
