"""A member's browser may have several challenges of one ceremony under way, as people's browsers may."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "new_staff_challenge",
        sa.Column("challenge_id", sa.String(), nullable=False),
        *_columns(),
        sa.ForeignKeyConstraint(["session_id"], ["staff_session.session_id"]),
        sa.PrimaryKeyConstraint("challenge_id"),
    )
    op.execute(
        "INSERT INTO new_staff_challenge (challenge_id, session_id, ceremony, challenge, expires_at)"
        " SELECT session_id || ':' || ceremony, session_id, ceremony, challenge, expires_at FROM staff_challenge"
    )
    _put_new_in_place()
    op.create_index("ix_staff_challenge_session_id", "staff_challenge", ["session_id"])


def downgrade() -> None:
    op.create_table(
        "new_staff_challenge",
        *_columns(),
        sa.ForeignKeyConstraint(["session_id"], ["staff_session.session_id"]),
        sa.PrimaryKeyConstraint("session_id", "ceremony"),
    )
    # The release before knows one challenge of each ceremony: the newest.
    op.execute(
        "INSERT INTO new_staff_challenge (session_id, ceremony, challenge, expires_at)"
        " SELECT session_id, ceremony, challenge, expires_at FROM staff_challenge AS kept"
        " WHERE NOT EXISTS (SELECT 1 FROM staff_challenge AS other"
        "  WHERE other.session_id = kept.session_id AND other.ceremony = kept.ceremony"
        "  AND (other.expires_at > kept.expires_at"
        "   OR (other.expires_at = kept.expires_at AND other.challenge_id > kept.challenge_id)))"
    )
    op.drop_index("ix_staff_challenge_session_id", "staff_challenge")
    _put_new_in_place()


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("ceremony", sa.String(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
    ]


def _put_new_in_place() -> None:
    op.drop_table("staff_challenge")
    op.rename_table("new_staff_challenge", "staff_challenge")
    op.create_index("ix_staff_challenge_expires_at", "staff_challenge", ["expires_at"])
