"""Hosts send people here and get them back: clients, sign-ons, signing keys, and the host's word on sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "host_client",
        sa.Column("client_id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=True),
        sa.Column("former_digest", sa.String(), nullable=True),
        sa.Column("former_until", _INSTANT, nullable=True),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("most_assurance", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
    )
    _create_sign_on()
    op.create_table(
        "spent_statement",
        sa.Column("client_id", sa.String(), primary_key=True),
        sa.Column("jti_digest", sa.String(), primary_key=True),
        sa.Column("expires_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_spent_statement_expires_at", "spent_statement", ["expires_at"])
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kid", sa.String(), nullable=False, unique=True),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("signs_from", _INSTANT, nullable=False),
    )
    op.add_column("session", sa.Column("sign_on_id", sa.String(), nullable=True))
    op.add_column("session", sa.Column("vouched_at", _INSTANT, nullable=True))
    op.add_column("session", sa.Column("vouched_amr", sa.String(), nullable=True))


def _create_sign_on() -> None:
    op.create_table(
        "sign_on",
        sa.Column("sign_on_id", sa.String(), primary_key=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("code_challenge", sa.String(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("not_before", _INSTANT, nullable=True),
        sa.Column("sealed_hint", sa.LargeBinary(), nullable=True),
        sa.Column("expected_id", sa.String(), nullable=True),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("left_at", _INSTANT, nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("acr", sa.String(), nullable=True),
        sa.Column("amr", sa.String(), nullable=True),
        sa.Column("shown_at", _INSTANT, nullable=True),
        sa.Column("code_digest", sa.String(), nullable=True, unique=True),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("token_digest", sa.String(), nullable=True, unique=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_sign_on_expires_at", "sign_on", ["expires_at"])
    op.create_index("ix_sign_on_account_id", "sign_on", ["account_id"])


def downgrade() -> None:
    # The earlier release knows no session that the host's word has opened.
    op.execute("UPDATE session SET method = 'sms' WHERE method = 'host'")
    for column in ("vouched_amr", "vouched_at", "sign_on_id"):
        op.drop_column("session", column)
    op.drop_table("signing_key")
    op.drop_index("ix_spent_statement_expires_at", "spent_statement")
    op.drop_table("spent_statement")
    op.drop_index("ix_sign_on_account_id", "sign_on")
    op.drop_index("ix_sign_on_expires_at", "sign_on")
    op.drop_table("sign_on")
    op.drop_table("host_client")
