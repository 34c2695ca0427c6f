"""What providers report: STOP closes a number, what the account is to blame for blames no number, and late bounces."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_STOP = ("twilio_21610",)
_NOT_THE_NUMBERS = tuple(
    f"twilio_{code}"
    for code in (
        *(21408, 21606, 21608, 21612, 21659, 30001, 30002, 30007, 30010, 30018, 30022, 30023, 30024, 30027),
        *(30032, 30033, 30034, 30035, 30036, 30038, 30040, 30450, 30453, 60410, 60605),
    )
)
_RENAMED = (("unsubscribed", "stopped", _STOP), ("blocked", "withheld", _NOT_THE_NUMBERS))
"""The fate before, the fate since, and the reasons that have it."""


def upgrade() -> None:
    is_known = sa.text("provider_id IS NOT NULL")
    op.create_index(
        "ix_message_provider_id", "message", ["provider_id"], sqlite_where=is_known, postgresql_where=is_known
    )
    for before, since, reasons in _RENAMED:
        _rename(before, since, reasons)
    _complete_notices()


def downgrade() -> None:
    for before, since, _ in _RENAMED:
        _rename(since, before, None)
    op.drop_index("ix_message_provider_id", "message")


def _rename(old: str, new: str, reasons: tuple[str, ...] | None) -> None:
    for name in ("contact_fault", "message"):
        table = sa.table(name, sa.column("fate", sa.String()), sa.column("reason", sa.String()))
        change = sa.update(table).where(table.c.fate == old).values(fate=new)
        op.execute(change.where(table.c.reason.in_(reasons)) if reasons else change)


def _complete_notices() -> None:
    """Notices that are under way get the value that their words have since."""
    table = sa.table(
        "message",
        *(sa.column("key", sa.String()), sa.column("template", sa.String())),
        sa.column("values_", sa.JSON()),
        *(sa.column("state", sa.String()), sa.column("gathered_in", sa.String())),
    )
    under_way = sa.or_(table.c.state.in_(("queued", "handed", "sending")), table.c.gathered_in.is_not(None))
    connection = op.get_bind()
    query = sa.select(table.c.key, table.c.values_).where(table.c.template == "sms_restored", under_way)
    for key, values in connection.execute(query).all():
        complete = {"stopped": "no"} | (values or {})
        connection.execute(sa.update(table).where(table.c.key == key).values(values_=complete))
