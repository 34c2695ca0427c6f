"""By which session a browser became known, and what opened that; of browsers that are known already it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"

_COLUMNS = ("session_id", "passkey_id", "set_id")


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("known_browser", sa.Column(column, sa.String(), nullable=True))


def downgrade() -> None:
    for column in reversed(_COLUMNS):
        op.drop_column("known_browser", column)
