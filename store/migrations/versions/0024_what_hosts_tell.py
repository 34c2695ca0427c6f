"""The events of hosts and what they have told of each account; who may send security events; disowned contacts."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0024"
down_revision = "0023"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "host_event",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
    )
    op.create_index("ix_host_event_account_id", "host_event", ["account_id"])
    op.create_index("ix_host_event_taken_at", "host_event", ["taken_at"])
    op.create_table(
        "host_event_count",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("outcome", sa.String(), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
    )
    op.create_table(
        "heard_account",
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("sms_sign_ins", sa.Integer(), nullable=False),
        sa.Column("other_sign_ins", sa.Integer(), nullable=False),
        sa.Column("last_sms_sign_in_at", _INSTANT, nullable=True),
        sa.Column("passkey_device_at", _INSTANT, nullable=True),
        sa.Column("risk", sa.String(), nullable=True),
        sa.Column("risk_at", _INSTANT, nullable=True),
    )
    op.create_table(
        "transmitter",
        sa.Column("transmitter_id", sa.String(), primary_key=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=True),
        sa.Column("keys_url", sa.String(), nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("last_heard_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_transmitter_issuer", "transmitter", ["issuer"])
    op.add_column("contact", sa.Column("disowned_at", _INSTANT, nullable=True))
    _guard_number()


def downgrade() -> None:
    _guard_number_as_before()
    op.drop_column("contact", "disowned_at")
    op.drop_index("ix_transmitter_issuer", "transmitter")
    op.drop_table("transmitter")
    op.drop_table("heard_account")
    op.drop_table("host_event_count")
    op.drop_index("ix_host_event_taken_at", "host_event")
    op.drop_index("ix_host_event_account_id", "host_event")
    op.drop_table("host_event")


def _guard_number() -> None:
    if _is_postgresql():
        op.execute("DROP TRIGGER account_last_route ON account")
        for statement in guards.postgresql_but_for_disowned():
            op.execute(statement)
        return
    op.execute("DROP TRIGGER account_last_route")
    op.execute(guards.sqlite_but_for_disowned())


def _guard_number_as_before() -> None:
    on_sqlite, on_postgresql = guards.number_guard()
    if _is_postgresql():
        op.execute("DROP FUNCTION offramp_keep_number() CASCADE")
        op.execute(on_postgresql)
        return
    op.execute("DROP TRIGGER account_last_route")
    op.execute(on_sqlite)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
