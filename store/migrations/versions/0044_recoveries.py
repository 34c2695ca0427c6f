"""Recoveries: requests of people to get back in by themselves, with their proofs and browsers."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

_INSTANT = sa.DateTime(timezone=True)
_UNDER_WAY = sa.text("stage IN ('waiting', 'open')")
_UNTOLD = sa.text("told_version < version")


def upgrade() -> None:
    op.create_table(
        "recovery",
        sa.Column("recovery_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("browser_known", sa.Boolean(), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        *(
            sa.Column(name, _INSTANT, nullable=True)
            for name in ("complete_at", "tells_again_at", "opens_at", "opened_at", "ends_at")
        ),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("links_sent", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("codes_made_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("stop_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("recovery_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.UniqueConstraint("account_id", "number"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_recovery_session_id", "recovery", ["session_id"])
    _index("ix_recovery_under_way", "account_id", _UNDER_WAY)
    _index("ix_recovery_untold", "recovery_id", _UNTOLD)
    op.create_table(
        "recovery_proof",
        sa.Column("recovery_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("set_id", sa.String(), nullable=True),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recovery_id", "kind"),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.recovery_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
    )
    op.create_index("ix_recovery_proof_account_id", "recovery_proof", ["account_id"])
    op.create_table(
        "recovery_browser",
        sa.Column("browser_id", sa.String(), nullable=False),
        sa.Column("recovery_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("browser_id"),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.recovery_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
    )
    op.create_index("ix_recovery_browser_recovery_id", "recovery_browser", ["recovery_id"])
    op.create_index("ix_recovery_browser_account_id", "recovery_browser", ["account_id"])


def downgrade() -> None:
    for table in ("recovery_browser", "recovery_proof", "recovery"):
        op.drop_table(table)


def _index(name: str, column: str, condition: sa.TextClause) -> None:
    op.create_index(name, "recovery", [column], sqlite_where=condition, postgresql_where=condition)
