"""Staff and their work: who they are, how they sign in, and what they did."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)
_CURRENT = sa.text("ended_at IS NULL")
_ONLY_ADDED_TO = "the audit is only ever added to"
_SEARCHED = ("external_id", "email")
_SINCE = ("stuck_since", "held_since", "disputed_since", "cannot_since", "rests_until", "sim_changed_at")
"""The columns that say since when an account does not get on; few accounts have one."""

_LONG_LISTS = ("stuck_since", "held_since", "cannot_since")
"""Those of them that many accounts can have at once, so that their lists need an index for every order."""

_ACTED = ("rest", "rests_until", "extended_until", "rescued_at")
_OPEN = sa.text("decided_at IS NULL")


def upgrade() -> None:
    _make_staff()
    _make_sessions()
    _make_audit()
    _make_keys()
    _make_acts()
    _make_requests()
    _make_rescues()
    _make_obstacles()
    _index_obstacles()
    _index_searches()
    _fill_obstacles()


def downgrade() -> None:
    _drop_obstacles()
    for column in _ACTED:
        op.drop_column("account", column)
    for table in ("rescue", "staff_request", "staff_key", "audit"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_only_added_to()")
    for table in ("staff_challenge", "staff_session", "staff_passkey", "staff_invitation", "staff"):
        op.drop_table(table)


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("invited_at", _INSTANT, nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("joined_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    for column in ("address", "subject"):
        op.create_index(
            f"ix_staff_{column}",
            "staff",
            [column],
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        )
    op.create_table(
        "staff_invitation",
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.staff_id"]),
        sa.PrimaryKeyConstraint("invitation_id"),
    )
    op.create_index("ix_staff_invitation_staff_id", "staff_invitation", ["staff_id"])
    op.create_table(
        "staff_passkey",
        sa.Column("passkey_id", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("aaguid", sa.String(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bound_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.staff_id"]),
        sa.PrimaryKeyConstraint("passkey_id"),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_index("ix_staff_passkey_staff_id", "staff_passkey", ["staff_id"])


def _make_sessions() -> None:
    op.create_table(
        "staff_session",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=True),
        sa.Column("passkey_id", sa.String(), nullable=True),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("came_from", sa.String(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("stepped_up_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.staff_id"]),
        sa.ForeignKeyConstraint(["passkey_id"], ["staff_passkey.passkey_id"]),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_expires_at", "staff_session", ["expires_at"])
    op.create_table(
        "staff_challenge",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("ceremony", sa.String(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["staff_session.session_id"]),
        sa.PrimaryKeyConstraint("session_id", "ceremony"),
    )
    op.create_index("ix_staff_challenge_expires_at", "staff_challenge", ["expires_at"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("came_from", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("cohort_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.staff_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_account", "audit", ["account_id", "entry_id"])
    op.create_index("ix_audit_by", "audit", ["by", "entry_id"])
    _guard_audit()


def _guard_audit() -> None:
    """What was written down is neither changed nor taken away, by whatever code."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_ONLY_ADDED_TO}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stays_on_{change.lower()} BEFORE {change} ON audit "
            f"BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDED_TO}'); END"
        )


def _make_keys() -> None:
    op.create_table(
        "staff_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.staff_id"]),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_staff_key_staff_id", "staff_key", ["staff_id"])


def _make_acts() -> None:
    op.add_column("account", sa.Column("rest", sa.String(), nullable=True))
    for column in _ACTED[1:]:
        op.add_column("account", sa.Column(column, _INSTANT, nullable=True))


def _make_requests() -> None:
    op.create_table(
        "staff_request",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_in", sa.String(), nullable=False),
        sa.Column("asked_with", sa.String(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.staff_id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.staff_id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_staff_request_account", "staff_request", ["account_id", "asked_at"])
    op.create_index("ix_staff_request_asked", "staff_request", ["asked_by", "asked_at"])
    op.create_index(
        "ix_staff_request_open", "staff_request", ["asked_at"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def _make_rescues() -> None:
    op.create_table(
        "rescue",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("approved_at", _INSTANT, nullable=False),
        sa.Column("opens_at", _INSTANT, nullable=False),
        sa.Column("shown_at", _INSTANT, nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("stopped_at", _INSTANT, nullable=True),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["staff_request.request_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_rescue_account", "rescue", ["account_id", "approved_at"])


def _make_obstacles() -> None:
    op.create_table(
        "failed_ceremony",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("ceremony", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "journey_trouble",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.add_column("account", sa.Column("cannot_since", _INSTANT, nullable=True))


def _index_obstacles() -> None:
    op.create_index("ix_failed_ceremony_at", "failed_ceremony", ["at", "account_id"])
    op.create_index("ix_journey_trouble_since", "journey_trouble", ["since", "account_id"])
    op.create_index("ix_contact_fault_since", "contact_fault", ["since", "account_id"])
    for column in _SINCE:
        before = ["stuck_reason"] if column == "stuck_since" else []
        _index_set(f"ix_account_{column}", "account", column, before)
    progress = sa.text("coalesce(progress_at, created_at)")
    for column in _LONG_LISTS:
        before = ["stuck_reason"] if column == "stuck_since" else []
        name = f"ix_account_{column.removesuffix('_since')}_progress"
        _index_set(name, "account", column, before, progress)
    _index_set("ix_passkey_rooted", "passkey", "rooted_in_sms_at", [])


def _index_set(name: str, table: str, column: str, before: list[Any], order: Any = None) -> None:
    there = sa.text(f"{column} IS NOT NULL")
    by = [*before, column if order is None else order, "account_id"]
    op.create_index(name, table, by, sqlite_where=there, postgresql_where=there)


def _index_searches() -> None:
    end = sa.text("substr(phone, length(phone) - 3)")
    op.create_index("ix_account_phone_end", "account", [end, "account_id"])
    # Only in the order of bytes do all texts with one beginning stand together; SQLite knows no other.
    in_bytes = ' COLLATE "C"' if op.get_bind().dialect.name == "postgresql" else ""
    for column in _SEARCHED:
        lower = sa.text(f"lower({column}{in_bytes})")
        op.create_index(f"ix_account_{column}_lower", "account", [lower, "account_id"])


def _fill_obstacles() -> None:
    """What the journal already tells: of ceremonies that failed last, and of people who cannot go on."""
    op.execute(
        """
        INSERT INTO failed_ceremony (account_id, at, ceremony, name, platform)
        SELECT account_id, at, COALESCE(detail->>'ceremony', ''), COALESCE(detail->>'name', ''),
            COALESCE(detail->>'platform', '')
        FROM journal AS failed
        WHERE kind = 'ceremony_failed' AND NOT EXISTS (
            SELECT 1 FROM journal AS later
            WHERE later.account_id = failed.account_id AND later.entry_id > failed.entry_id
            AND later.kind IN ('ceremony_failed', 'passkey_bound', 'passkey_signed_in', 'passkey_proven')
        )
        """
    )
    op.execute(
        """
        UPDATE account SET cannot_since = (
            SELECT MAX(at) FROM journal WHERE journal.account_id = account.account_id AND kind = 'cannot_now'
        )
        WHERE cannot_reason IS NOT NULL
        """
    )
    op.execute(
        """
        UPDATE account SET cannot_reason = NULL, cannot_since = NULL
        WHERE cannot_reason IS NOT NULL AND (cannot_since IS NULL OR cannot_since < progress_at)
        """
    )


def _drop_obstacles() -> None:
    for column in _SEARCHED:
        op.drop_index(f"ix_account_{column}_lower", table_name="account")
    op.drop_index("ix_account_phone_end", table_name="account")
    for column in _LONG_LISTS:
        op.drop_index(f"ix_account_{column.removesuffix('_since')}_progress", table_name="account")
    op.drop_index("ix_passkey_rooted", table_name="passkey")
    for column in _SINCE:
        op.drop_index(f"ix_account_{column}", table_name="account")
    op.drop_index("ix_contact_fault_since", table_name="contact_fault")
    op.drop_column("account", "cannot_since")
    op.drop_table("journey_trouble")
    op.drop_table("failed_ceremony")
