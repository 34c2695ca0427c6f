"""Events on their way keep the host's id of an account that is deleted meanwhile, and answers keep their headers.

Of accounts that were deleted before, the id is forgotten: their events stay as they are. Answers of before have none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("webhook_delivery", sa.Column("external_id", sa.String(), nullable=True))
    op.add_column("host_request", sa.Column("headers", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("host_request", "headers")
    op.drop_column("webhook_delivery", "external_id")
