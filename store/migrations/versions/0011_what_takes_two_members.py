"""What a request of staff is about: a passkey or an objection, its outcome, and what an exemption is for."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("staff_request", sa.Column("rest", sa.String(), nullable=True))
    op.add_column("staff_request", sa.Column("target", sa.String(), nullable=False, server_default=""))
    op.add_column("staff_request", sa.Column("outcome", sa.String(), nullable=True))


def downgrade() -> None:
    for column in ("outcome", "target", "rest"):
        op.drop_column("staff_request", column)
