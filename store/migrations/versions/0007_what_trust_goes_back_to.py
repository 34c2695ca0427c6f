"""What routes, contacts and sessions go back to, and from when they are established; and changes that wait.

What is on record decides. A passkey or a set of codes counts as established a week after it was bound, the longest wait
there was. Doubtful ones stay provisional until somebody confirms them: those of accounts with an open objection, and
those that were bound less than 30 days ago, while notices can still be objected to, beside an older passkey that had
signed in.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)
_LONGEST_WAIT = timedelta(days=7)
_OBJECTIONS_FOR = timedelta(days=30)
_UNCOMMON_WAYS = ("confirmation", "sim_window")
_HAS_CODE = sa.text("short_code IS NOT NULL")
_BEFORE_ALL = "1970-01-01 00:00:00"
_WAITS = sa.text("settled_at IS NULL")
_ROOTED = sa.text("rooted_in_sms_at IS NOT NULL")


def upgrade() -> None:
    _make_tables()
    _add_columns()
    _say_what_trust_goes_back_to()
    _keep_who_brought_addresses()


def _make_tables() -> None:
    op.create_table(
        "contact",
        sa.Column("contact_id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("bound_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.Column("ended_in", sa.String()),
        sa.Column("held_at", _INSTANT),
        sa.Column("verified_at", _INSTANT),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("rooted_at", _INSTANT, nullable=False),
        sa.Column("bound_in", sa.String()),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("established_from", _INSTANT),
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id"])
    op.create_index("ix_contact_bound_in", "contact", ["bound_in"])
    op.create_table(
        "waiting_change",
        sa.Column("change_id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String()),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT),
        sa.Column("outcome", sa.String()),
    )
    op.create_index("ix_waiting_change_account_id", "waiting_change", ["account_id"])
    op.create_index(
        "ix_waiting_change_due", "waiting_change", ["due_at"], sqlite_where=_WAITS, postgresql_where=_WAITS
    )


def _add_columns() -> None:
    op.drop_index("ix_passkey_rooted", "passkey")
    for table in ("session", "link"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN rooted_in_sms_at TO rooted_at")
        op.add_column(table, sa.Column("root", sa.String()))
    for table in ("passkey", "recovery_code"):
        # With a default, because SQLite cannot add the condition to a column that is there.
        op.add_column(table, sa.Column("root", sa.String(), nullable=False, server_default="sms"))
        op.add_column(table, sa.Column("rooted_at", _INSTANT, nullable=False, server_default=_BEFORE_ALL))
        op.add_column(table, sa.Column("way", sa.String(), nullable=False, server_default="sim_window"))
        op.add_column(table, sa.Column("bound_in", sa.String()))
        op.add_column(table, sa.Column("established_from", _INSTANT))
        op.create_index(f"ix_{table}_bound_in", table, ["bound_in"])
    op.create_index("ix_passkey_established", "passkey", ["established_from", "account_id"])
    for way in _UNCOMMON_WAYS:
        is_way, columns = sa.text(f"way = '{way}'"), ["rooted_at", "account_id"]
        op.create_index(f"ix_passkey_{way}", "passkey", columns, sqlite_where=is_way, postgresql_where=is_way)
    op.add_column("passkey", sa.Column("removed_in", sa.String()))
    op.add_column("passkey", sa.Column("is_lost", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("passkey", sa.Column("lowered_at", _INSTANT))
    op.add_column("recovery_code", sa.Column("voided_in", sa.String()))
    op.add_column("recovery_code", sa.Column("held_at", _INSTANT))
    op.add_column("session", sa.Column("set_id", sa.String()))
    op.add_column("session", sa.Column("parent_id", sa.String()))
    op.create_index("ix_session_parent_id", "session", ["parent_id"])
    op.add_column("session", sa.Column("carries", sa.String()))
    op.add_column("session", sa.Column("has_bound", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("session", sa.Column("changed_at", _INSTANT))
    op.add_column("link", sa.Column("made_in", sa.String()))
    op.add_column("link", sa.Column("carries", sa.String()))
    op.add_column("account", sa.Column("contacts_changed_at", _INSTANT))
    op.add_column("message", sa.Column("by_session", sa.String()))
    op.add_column("message", sa.Column("by_assurance", sa.String()))
    op.add_column("message", sa.Column("vouches", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("message", sa.Column("short_code", sa.String()))
    op.create_index(
        "ix_message_short_code",
        "message",
        ["short_code"],
        unique=True,
        sqlite_where=_HAS_CODE,
        postgresql_where=_HAS_CODE,
    )
    op.add_column("objection", sa.Column("session_id", sa.String()))
    op.add_column("objection", sa.Column("effects", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("objection", sa.Column("due_at", _INSTANT))
    op.add_column("objection", sa.Column("answered_at", _INSTANT))


def _say_what_trust_goes_back_to() -> None:
    op.execute("UPDATE passkey SET root = 'staff' WHERE bound_by = 'rescue'")
    op.execute("UPDATE passkey SET rooted_at = COALESCE(rooted_in_sms_at, bound_at)")
    op.execute("UPDATE recovery_code SET rooted_at = COALESCE(rooted_in_sms_at, made_at)")
    op.drop_column("passkey", "rooted_in_sms_at")
    op.drop_column("recovery_code", "rooted_in_sms_at")
    op.execute(
        "UPDATE session SET root = CASE WHEN method = 'rescue' THEN 'staff' ELSE 'sms' END"
        " WHERE account_id IS NOT NULL"
    )
    op.execute("UPDATE session SET rooted_at = started_at WHERE account_id IS NOT NULL AND rooted_at IS NULL")
    # A session that only enrols noted the passkey that it had made as its own.
    op.execute(
        "UPDATE session SET has_bound = true"
        " WHERE method IN ('rescue', 'device_link') AND passkey_id IS NOT NULL"
    )
    op.execute("UPDATE link SET root = 'sms', rooted_at = COALESCE(rooted_at, made_at)")
    # Those whose address the host had told were told by e-mail, too, which the holder of a SIM does not read.
    for table in ("passkey", "recovery_code"):
        op.execute(
            f"UPDATE {table} SET way = 'notice' WHERE account_id IN"  # noqa: S608 -- one of two names of ours
            " (SELECT account_id FROM account WHERE host_email IS NOT NULL)"
        )
    _establish("passkey", "passkey_id", "bound_at")
    _establish("recovery_code", "code_id", "made_at")


def _establish(table: str, key: str, bound_at: str) -> None:
    connection = op.get_bind()
    rows = sa.table(
        table, *(sa.column(name) for name in (key, "account_id", "way")),
        sa.column(bound_at, _INSTANT), sa.column("established_from", _INSTANT),
    )  # fmt: skip
    passkey = sa.table(
        "passkey",
        sa.column("account_id"),
        sa.column("bound_at", _INSTANT),
        sa.column("last_used_at", _INSTANT),
    ).alias("older")
    account = sa.table("account", sa.column("account_id"), sa.column("disputed_since", _INSTANT))
    disputed = sa.select(account.c.account_id).where(account.c.disputed_since.is_not(None))
    is_beside_older = sa.exists().where(
        passkey.c.account_id == rows.c.account_id,
        passkey.c.bound_at < rows.c[bound_at],
        passkey.c.last_used_at.is_not(None),
    )
    is_doubtful = sa.or_(
        rows.c.account_id.in_(disputed),
        sa.and_(rows.c[bound_at] > datetime.now(UTC) - _OBJECTIONS_FOR, is_beside_older),
    )
    sound = sa.select(rows.c[key], rows.c[bound_at]).where(~is_doubtful)
    moments = [{"key": row[0], "from": _aware(row[1]) + _LONGEST_WAIT} for row in connection.execute(sound)]
    update = rows.update().where(rows.c[key] == sa.bindparam("key"))
    if moments:
        connection.execute(update.values(established_from=sa.bindparam("from")), moments)
    connection.execute(rows.update().where(is_doubtful).values(way="confirmation"))


def _keep_who_brought_addresses() -> None:
    """An address that differs from the host's was brought by the person, in a session by text message."""
    connection = op.get_bind()
    account = sa.table(
        "account",
        *(sa.column(name) for name in ("account_id", "email", "host_email")),
        *(sa.column(name, _INSTANT) for name in ("created_at", "email_verified_at", "contacts_changed_at")),
    )
    contact = sa.table(
        "contact",
        *(
            sa.column(name)
            for name in ("contact_id", "account_id", "channel", "address", "origin", "root", "way")
        ),
        *(sa.column(name, _INSTANT) for name in ("bound_at", "ended_at", "rooted_at", "established_from")),
    )
    brought = sa.select(account).where(
        account.c.email.is_not(None),
        sa.or_(account.c.host_email.is_(None), account.c.host_email != account.c.email),
    )
    for row in connection.execute(brought).mappings().all():
        created_at = _aware(row["created_at"])
        at = _aware(row["email_verified_at"]) if row["email_verified_at"] else created_at
        common = {"account_id": row["account_id"], "channel": "email"}
        if row["host_email"]:
            former = {
                "contact_id": f"{row['account_id']}-host",
                "address": row["host_email"],
                "origin": "host",
                "root": "host",
                "way": "vouched",
                "bound_at": created_at,
                "rooted_at": created_at,
                "established_from": created_at,
                "ended_at": at,
            }
            connection.execute(contact.insert().values(**common, **former))
        brought_one = {
            "contact_id": f"{row['account_id']}-own",
            "address": row["email"],
            "origin": "person",
            "root": "sms",
            "way": "sim_window",
            "bound_at": at,
            "rooted_at": at,
            "established_from": at + _LONGEST_WAIT,
        }
        connection.execute(contact.insert().values(**common, **brought_one))
        changed = account.update().where(account.c.account_id == row["account_id"])
        connection.execute(changed.values(contacts_changed_at=at))


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def downgrade() -> None:
    for column in ("session_id", "effects", "due_at", "answered_at"):
        op.drop_column("objection", column)
    op.drop_index("ix_message_short_code", "message")
    for column in ("by_session", "by_assurance", "vouches", "short_code"):
        op.drop_column("message", column)
    op.drop_column("account", "contacts_changed_at")
    for column in ("made_in", "carries"):
        op.drop_column("link", column)
    op.drop_index("ix_session_parent_id", "session")
    for column in ("set_id", "parent_id", "carries", "has_bound", "changed_at"):
        op.drop_column("session", column)
    for column in ("voided_in", "held_at"):
        op.drop_column("recovery_code", column)
    for column in ("removed_in", "is_lost", "lowered_at"):
        op.drop_column("passkey", column)
    _forget_what_trust_goes_back_to()
    for table in ("session", "link"):
        op.drop_column(table, "root")
        op.execute(f"ALTER TABLE {table} RENAME COLUMN rooted_at TO rooted_in_sms_at")
    op.create_index(
        "ix_passkey_rooted",
        "passkey",
        ["rooted_in_sms_at", "account_id"],
        sqlite_where=_ROOTED,
        postgresql_where=_ROOTED,
    )
    op.drop_table("waiting_change")
    op.drop_table("contact")


def _forget_what_trust_goes_back_to() -> None:
    for name in ("established", *_UNCOMMON_WAYS):
        op.drop_index(f"ix_passkey_{name}", "passkey")
    for table in ("passkey", "recovery_code"):
        op.drop_index(f"ix_{table}_bound_in", table)
        op.add_column(table, sa.Column("rooted_in_sms_at", _INSTANT))
        op.execute(f"UPDATE {table} SET rooted_in_sms_at = rooted_at")  # noqa: S608 -- two names of ours
        for column in ("bound_in", "way", "established_from", "root", "rooted_at"):
            op.drop_column(table, column)
