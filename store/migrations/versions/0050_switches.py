"""Switches for nudges, prompts, retiring and launches, with every stop on record; the one of retiring moves over.

Where retiring was resumed, the stop before it is known from the audit.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import RowMapping
from uuid_utils.compat import uuid7

revision = "0050"
down_revision = "0049"

_INSTANT = sa.DateTime(timezone=True)
_IS_OPEN = sa.text("ended_at IS NULL")
_SWITCHES = ("nudges", "prompts", "retiring", "launches")
_EVERYBODY = {"switch": "retiring", "dimension": "", "value": "", "aaguids": []}

_SWITCH = sa.table("switch", sa.column("switch", sa.String()), sa.column("accepted", sa.JSON()))
_STOP = sa.table(
    "switch_stop",
    *(sa.column(name, sa.String()) for name in ("stop_id", "switch", "dimension", "value")),
    sa.column("aaguids", sa.JSON()),
    sa.column("since", _INSTANT),
    *(sa.column(name, sa.String()) for name in ("by", "reason")),
    sa.column("is_automatic", sa.Boolean()),
    sa.column("ended_at", _INSTANT),
    *(sa.column(name, sa.String()) for name in ("ended_by", "ended_because")),
)
_RETIRING = sa.table(
    "retiring_switch",
    sa.column("switch_id", sa.Integer()),
    sa.column("is_stopped", sa.Boolean()),
    sa.column("since", _INSTANT),
    *(sa.column(name, sa.String()) for name in ("by", "reason")),
    sa.column("is_automatic", sa.Boolean()),
    sa.column("accepted", sa.JSON()),
)
_AUDIT = sa.table(
    "audit",
    sa.column("at", _INSTANT),
    *(sa.column(name, sa.String()) for name in ("kind", "by", "reason")),
)


def upgrade() -> None:
    _make_tables()
    before = op.get_bind().execute(sa.select(_RETIRING)).mappings().first()
    accepted = before["accepted"] if before else {}
    rows = [{"switch": name, "accepted": accepted if name == "retiring" else {}} for name in _SWITCHES]
    op.bulk_insert(_SWITCH, rows)
    if before and before["since"]:
        op.bulk_insert(_STOP, [_open_stop(before) if before["is_stopped"] else _ended_stop(before)])
    op.drop_table("retiring_switch")


def downgrade() -> None:
    op.create_table(
        "retiring_switch",
        sa.Column("switch_id", sa.Integer(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("since", _INSTANT, nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("switch_id"),
    )
    op.bulk_insert(_RETIRING, [_row_before()])
    op.drop_table("switch_stop")
    op.drop_table("switch")


def _make_tables() -> None:
    op.create_table(
        "switch",
        sa.Column("switch", sa.String(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("switch"),
    )
    op.create_table(
        "switch_stop",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in (
                "stop_id",
                "switch",
                "dimension",
                "value",
                "by",
                "reason",
                "ended_by",
                "ended_because",
            )
        ),
        sa.Column("aaguids", sa.JSON(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("stop_id"),
        sa.ForeignKeyConstraint(["switch"], ["switch.switch"]),
    )
    op.create_index(
        "ix_switch_stop_open",
        "switch_stop",
        ["switch", "dimension", "value"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_index("ix_switch_stop_switch", "switch_stop", ["switch", "since"])


def _open_stop(before: RowMapping) -> dict[str, Any]:
    kept = {name: before[name] for name in ("since", "by", "reason", "is_automatic")}
    ending = {"ended_at": None, "ended_by": "", "ended_because": ""}
    return {"stop_id": str(uuid7()), **_EVERYBODY, **kept, **ending}


def _ended_stop(before: RowMapping) -> dict[str, Any]:
    """The stop that ended when retiring was resumed; without an entry in the audit, it began as it ended."""
    query = sa.select(_AUDIT).where(_AUDIT.c.kind == "retiring_stopped", _AUDIT.c.at <= before["since"])
    entry = op.get_bind().execute(query.order_by(_AUDIT.c.at.desc()).limit(1)).mappings().first()
    begun = entry or {"at": before["since"], "by": before["by"], "reason": before["reason"]}
    return {
        "stop_id": str(uuid7()),
        **_EVERYBODY,
        "since": begun["at"],
        "by": begun["by"],
        "reason": begun["reason"],
        "is_automatic": begun["by"] == "offramp",
        "ended_at": before["since"],
        "ended_by": before["by"],
        "ended_because": before["reason"],
    }


def _row_before() -> dict[str, Any]:
    accepted = sa.select(_SWITCH.c.accepted).where(_SWITCH.c.switch == "retiring")
    row = {"switch_id": 1, "accepted": op.get_bind().execute(accepted).scalar_one_or_none() or {}}
    blank = {"is_stopped": False, "since": None, "by": "", "reason": "", "is_automatic": False}
    # Who was stopped for some alone is stopped for everybody now: nobody's codes go who should have kept them.
    is_meant = sa.or_(_STOP.c.dimension == "", _STOP.c.ended_at.is_(None))
    query = sa.select(_STOP).where(_STOP.c.switch == "retiring", is_meant)
    newest_first = query.order_by(
        _STOP.c.ended_at.is_not(None), _STOP.c.dimension != "", _STOP.c.ended_at.desc()
    )
    stop = op.get_bind().execute(newest_first.limit(1)).mappings().first()
    if stop is None:
        return row | blank
    if stop["ended_at"] is None:
        kept = {name: stop[name] for name in ("since", "by", "reason", "is_automatic")}
        return row | kept | {"is_stopped": True}
    ended = {"since": stop["ended_at"], "by": stop["ended_by"], "reason": stop["ended_because"]}
    return row | blank | ended
