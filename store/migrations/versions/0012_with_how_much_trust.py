"""With how much trust a session has removed or replaced a route or contact; what was done before is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_DOUBTFUL = (
    ("passkey", "removed_as", "removed_at"),
    ("contact", "ended_as", "ended_at"),
    ("recovery_code", "voided_as", "voided_at"),
)
_TOLD = ("contact", "recovery_code")


def upgrade() -> None:
    for table, column, at in _DOUBTFUL:
        op.add_column(table, sa.Column(column, sa.String(), nullable=True))
        is_doubtful = sa.text(f"{column} <> 'high'")
        op.create_index(
            f"ix_{table}_{column}", table, [at], sqlite_where=is_doubtful, postgresql_where=is_doubtful
        )
    is_told = sa.text("way = 'notice'")
    for table in _TOLD:
        op.create_index(
            f"ix_{table}_notice", table, ["established_from"], sqlite_where=is_told, postgresql_where=is_told
        )


def downgrade() -> None:
    for table in _TOLD:
        op.drop_index(f"ix_{table}_notice", table)
    for table, column, _ in _DOUBTFUL:
        op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)
