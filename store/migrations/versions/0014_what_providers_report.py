"""Messages are found by the id that their provider gave them, for reports that name no key."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    is_known = sa.text("provider_id IS NOT NULL")
    op.create_index(
        "ix_message_provider_id", "message", ["provider_id"], sqlite_where=is_known, postgresql_where=is_known
    )


def downgrade() -> None:
    op.drop_index("ix_message_provider_id", "message")
