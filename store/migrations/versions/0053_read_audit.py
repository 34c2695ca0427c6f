"""The audit by kind and by cohort: people filter it, and a rare kind must not cost a look through all of it."""

from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_index("ix_audit_kind", "audit", ["kind", "entry_id"])
    op.create_index("ix_audit_cohort", "audit", ["cohort_id", "entry_id"])


def downgrade() -> None:
    op.drop_index("ix_audit_cohort", "audit")
    op.drop_index("ix_audit_kind", "audit")
