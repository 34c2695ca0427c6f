"""What hosts were asked about text-message codes in their own systems, and what they have said."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "host_word",
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("asked_since", instant, nullable=True),
        sa.Column("asked_at", instant, nullable=True),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("said_at", instant, nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.Column("refused_at", instant, nullable=True),
        sa.Column("refused_reason", sa.String(), nullable=True),
    )
    op.create_table(
        "sms_request",
        sa.Column("request_id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("deadline", instant, nullable=False),
    )
    op.create_index("ix_sms_request_account_id", "sms_request", ["account_id"])
    op.create_table(
        "host_comparison",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("ended_at", instant, nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("under_way", sa.Integer(), nullable=False),
        sa.Column("bad_lines", sa.Integer(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("host_comparison")
    op.drop_index("ix_sms_request_account_id", "sms_request")
    op.drop_table("sms_request")
    op.drop_table("host_word")
