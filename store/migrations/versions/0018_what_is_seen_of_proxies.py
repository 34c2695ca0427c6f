"""What the pages see of the proxies in front of them; of requests that came before nothing is known."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "proxy_sighting",
        sa.Column("entries", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("is_readable", sa.Boolean(), primary_key=True),
        sa.Column("has_other_header", sa.Boolean(), primary_key=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("proxy_sighting")
