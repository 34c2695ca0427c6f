"""What is forgotten of people: whose traces are gone, how erased people are counted, and what goes by its age."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0041"
down_revision = "0040"

_INSTANT = sa.DateTime(timezone=True)
_TO_FORGET = sa.text("deleted_at IS NOT NULL AND forgotten_at IS NULL")
_FROM_SOMEWHERE = sa.text("came_from <> ''")


def upgrade() -> None:
    op.add_column("account", sa.Column("forgotten_at", _INSTANT, nullable=True))
    _index("ix_account_to_forget", "account", "deleted_at", _TO_FORGET)
    op.create_table(
        "erased_tally",
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("likeness", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("figure", "likeness"),
    )
    op.create_index(
        "ix_message_named",
        "message",
        ["settled_at"],
        sqlite_where=sa.text("recipient <> '' OR values_ <> '{}'"),
        postgresql_where=sa.text("recipient <> '' OR values_::text <> '{}'"),
    )
    _index("ix_audit_came_from", "audit", "at", _FROM_SOMEWHERE)
    for statement in guards.postgresql_with_erasure() if _is_postgresql() else guards.sqlite_with_erasure():
        op.execute(statement)


def downgrade() -> None:
    before = guards.postgresql_without_erasure if _is_postgresql() else guards.sqlite_without_erasure
    for statement in before():
        op.execute(statement)
    op.drop_index("ix_audit_came_from", "audit")
    op.drop_index("ix_message_named", "message")
    op.drop_table("erased_tally")
    op.drop_index("ix_account_to_forget", "account")
    op.drop_column("account", "forgotten_at")


def _index(name: str, table: str, column: str, condition: sa.TextClause) -> None:
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
