"""Cohorts and their members."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "cohort",
        sa.Column("cohort_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["policy.policy_id"],
        ),
        sa.PrimaryKeyConstraint("cohort_id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "cohort_journal",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"],
            ["cohort.cohort_id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    with op.batch_alter_table("cohort_journal", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_journal_cohort", ["cohort_id", "entry_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("cohort_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=True),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.account_id"],
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"],
            ["cohort.cohort_id"],
        ),
        sa.PrimaryKeyConstraint("cohort_id", "account_id"),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_member_place", ["cohort_id", "held_out", "bucket", "account_id"], unique=False
        )

    op.create_table(
        "cohort_tally",
        sa.Column("cohort_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessments", sa.JSON(), nullable=False),
        sa.Column("reached", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"],
            ["cohort.cohort_id"],
        ),
        sa.PrimaryKeyConstraint("cohort_id", "at"),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_kind", ["kind", "at", "account_id"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("risk_tier", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("journey", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policy_changes", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE account_id IS NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.String(), nullable=False)
    with op.batch_alter_table("journey", schema=None) as batch_op:
        batch_op.drop_column("policy_changes")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("held_since")
        batch_op.drop_column("last_sign_in_at")
        batch_op.drop_column("risk_tier")
        batch_op.drop_column("country")

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_kind")

    op.drop_table("cohort_tally")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index("ix_member_place")
        batch_op.drop_index(batch_op.f("ix_member_account_id"))

    op.drop_table("member")
    with op.batch_alter_table("cohort_journal", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_journal_cohort")

    op.drop_table("cohort_journal")
    op.drop_table("cohort")
