"""Authenticator apps: a second way in, and what a session or a known browser goes back to that an app has opened."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0042"
down_revision = "0041"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "authenticator_app",
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("rooted_at", _INSTANT, nullable=False),
        sa.Column("bound_in", sa.String(), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("established_from", _INSTANT, nullable=True),
        sa.Column("bound_at", _INSTANT, nullable=False),
        sa.Column("proven_at", _INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("days_used", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.Column("removed_in", sa.String(), nullable=True),
        sa.Column("removed_as", sa.String(), nullable=True),
        sa.Column("held_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("app_id"),
    )
    op.create_index("ix_authenticator_app_account_id", "authenticator_app", ["account_id"])
    op.create_index("ix_authenticator_app_bound_in", "authenticator_app", ["bound_in"])
    _index("ix_authenticator_app_removed_as", "removed_at", sa.text("removed_as <> 'high'"))
    _index("ix_authenticator_app_notice", "established_from", sa.text("way = 'notice'"))
    op.add_column("account", sa.Column("lacks_device_since", _INSTANT, nullable=True))
    op.add_column("session", sa.Column("app_id", sa.String(), nullable=True))
    op.add_column("known_browser", sa.Column("app_id", sa.String(), nullable=True))
    # Whoever has said so, and has not gone on since, lacks a device.
    op.execute("UPDATE account SET lacks_device_since = cannot_since WHERE cannot_reason = 'no_device'")
    for statement in guards.with_apps(is_postgresql=_is_postgresql()):
        op.execute(statement)


def downgrade() -> None:
    for statement in guards.without_apps(is_postgresql=_is_postgresql()):
        op.execute(statement)
    op.drop_column("known_browser", "app_id")
    op.drop_column("session", "app_id")
    op.drop_column("account", "lacks_device_since")
    op.drop_table("authenticator_app")


def _index(name: str, column: str, condition: sa.TextClause) -> None:
    op.create_index(name, "authenticator_app", [column], sqlite_where=condition, postgresql_where=condition)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
