"""The register of exemptions, with those that accounts have now, and what a request of staff has as evidence."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("ended_at IS NULL")
_REVIEWED_AFTER = timedelta(days=90)
_BEFORE_END = timedelta(days=14)

_EXEMPT = sa.text(
    "SELECT account_id, rest, rests_until FROM account WHERE rests_until IS NOT NULL AND deleted_at IS NULL "
    "AND rest IN ('machine_account', 'no_capable_device', 'other')"
).columns(rests_until=_INSTANT)
_GRANTED = sa.text(
    "SELECT at, detail FROM journal WHERE account_id = :account_id AND kind = 'exempted' "
    "ORDER BY entry_id DESC LIMIT 1"
).columns(at=_INSTANT)


def upgrade() -> None:
    op.create_table(
        "exemption",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("exemption_id", "account_id", "basis", "reason", "evidence", "asked_by")
        ),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("granted_at", _INSTANT, nullable=False),
        sa.Column("review_at", _INSTANT, nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", _INSTANT, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("renews", sa.String(), nullable=True),
        *(sa.Column(name, _INSTANT, nullable=True) for name in ("tell_at", "told_at", "ended_at")),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("exemption_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
    )
    op.create_index("ix_exemption_account", "exemption", ["account_id", "granted_at"])
    _index("ix_exemption_open", ["account_id"], unique=True)
    _index("ix_exemption_expires", ["expires_at", "account_id"])
    _index("ix_exemption_review", ["review_at"])
    _index("ix_exemption_tell", ["tell_at"])
    op.add_column("staff_request", sa.Column("evidence", sa.String(), nullable=False, server_default=""))
    _keep_what_lasts()


def downgrade() -> None:
    op.drop_column("staff_request", "evidence")
    op.drop_table("exemption")


def _index(name: str, columns: list[str], *, unique: bool = False) -> None:
    op.create_index(name, "exemption", columns, unique=unique, sqlite_where=_OPEN, postgresql_where=_OPEN)


def _keep_what_lasts() -> None:
    """A row for each exemption that an account's row names: one that is over by now has expired."""
    connection, now = op.get_bind(), datetime.now(UTC)
    rows = [
        _row(account, connection.execute(_GRANTED, {"account_id": account["account_id"]}).first(), now)
        for account in connection.execute(_EXEMPT).mappings().all()
    ]
    if rows:
        instants = ("granted_at", "review_at", "expires_at", "tell_at", "ended_at")
        table = sa.table(
            "exemption", *(sa.column(name, _INSTANT if name in instants else None) for name in rows[0])
        )
        op.bulk_insert(table, rows)


def _row(account: sa.RowMapping, granted: Any, now: datetime) -> dict[str, Any]:
    """The journal knows who granted it, and when; where it does not, the row says so by empty words."""
    expires_at = _aware(account["rests_until"])
    granted_at = min(_aware(granted.at) if granted else now, expires_at)
    detail = _detail(granted.detail) if granted else {}
    by, asked_by = detail.get("by") or "", detail.get("together_with")
    is_over = expires_at <= now
    before_end = max(expires_at - _BEFORE_END, granted_at + (expires_at - granted_at) / 2)
    return {
        "exemption_id": str(uuid4()),
        "account_id": account["account_id"],
        "basis": account["rest"],
        "reason": detail.get("reason") or "",
        "evidence": "",
        "asked_by": asked_by or by,
        "approved_by": by if asked_by else None,
        "granted_at": granted_at,
        "review_at": min(granted_at + _REVIEWED_AFTER, before_end),
        "review_days": _REVIEWED_AFTER.days,
        "expires_at": expires_at,
        "tell_at": None if is_over else before_end,
        "ended_at": expires_at if is_over else None,
        "ended_because": "expired" if is_over else None,
    }


def _detail(detail: Any) -> dict[str, Any]:
    words = json.loads(detail) if isinstance(detail, str) else detail
    return words if isinstance(words, dict) else {}


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
