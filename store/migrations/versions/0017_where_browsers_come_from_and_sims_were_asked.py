"""By which session a browser became known, and who was asked about a SIM.

Of browsers that are known already it is not known where they come from. Where no look-up of a SIM ever began, nobody
was asked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"

_COLUMNS = ("session_id", "passkey_id", "set_id")


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("known_browser", sa.Column(column, sa.String(), nullable=True))
    op.add_column("account", sa.Column("sim_source", sa.String(), nullable=True))
    op.execute(
        "UPDATE account SET sim_source = 'none' WHERE sim_answer = 'unknown' AND sim_claimed_at IS NULL"
    )
    is_unknown = sa.text("sim_answer = 'unknown'")
    op.create_index(
        "ix_account_sim_source",
        "account",
        ["sim_source"],
        sqlite_where=is_unknown,
        postgresql_where=is_unknown,
    )


def downgrade() -> None:
    op.drop_index("ix_account_sim_source", "account")
    op.drop_column("account", "sim_source")
    for column in reversed(_COLUMNS):
        op.drop_column("known_browser", column)
