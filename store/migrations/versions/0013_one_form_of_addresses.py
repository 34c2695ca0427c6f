"""The form in which e-mail addresses are looked up, compared and counted, beside the spelling to which mail goes.

Accounts whose addresses differed in their spelling only now share one address. Nothing is taken from them; the
migration says which accounts they are, and `offramp doctor` goes on saying it.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_MOST_NAMED = 20


def upgrade() -> None:
    in_bytes = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.add_column("account", sa.Column("email_key", in_bytes, nullable=True))
    op.add_column("message", sa.Column("recipient_key", sa.String(), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("mailbox", sa.String(), nullable=False, server_default=""))
    # The indexes of the spellings are dropped last, because they find the rows whose key is another text.
    _fill("account", "email", "email_key")
    _fill("message", "recipient", "recipient_key")
    _name_faults_by_key()
    _keep_mailboxes()
    op.create_index("ix_account_email_key", "account", ["email_key", "account_id"])
    op.create_index("ix_message_recipient_key", "message", ["recipient_key", "created_at"])
    op.drop_index("ix_account_email", "account")
    op.drop_index("ix_account_email_lower", "account")
    op.drop_index("ix_message_recipient", "message")
    _report_clashes()


def downgrade() -> None:
    op.create_index("ix_message_recipient", "message", ["recipient", "created_at"])
    op.create_index("ix_account_email_lower", "account", [sa.text('lower(email COLLATE "C")'), "account_id"])
    op.create_index("ix_account_email", "account", ["email"])
    _name_faults_by_spelling()
    op.drop_index("ix_message_recipient_key", "message")
    op.drop_index("ix_account_email_key", "account")
    op.drop_column("staff", "mailbox")
    op.drop_column("message", "recipient_key")
    op.drop_column("account", "email_key")


def _fill(table: str, spelling: str, key: str) -> None:
    """Most addresses are their own keys, and so are all phone numbers."""
    op.execute(f"UPDATE {table} SET {key} = {spelling} WHERE {spelling} IS NOT NULL")  # noqa: S608 -- names of ours
    _set_keys(table, spelling, key)


def _name_faults_by_key() -> None:
    _set_keys("contact_fault", "contact", "contact")


def _name_faults_by_spelling() -> None:
    """Earlier releases find the fault of a present address by its spelling."""
    op.execute(
        "UPDATE contact_fault SET contact = (SELECT email FROM account WHERE account_id = contact_fault.account_id)"
        " WHERE channel = 'email' AND contact ="
        " (SELECT email_key FROM account WHERE account_id = contact_fault.account_id)"
    )


def _keep_mailboxes() -> None:
    """So far addresses of staff were kept in small letters; a member whose key another one has keeps the address."""
    op.execute("UPDATE staff SET mailbox = address")
    staff = sa.table("staff", *(sa.column(name) for name in ("staff_id", "address", "ended_at")))
    query = sa.select(staff).where(staff.c.address.contains("@"))
    members = op.get_bind().execute(query.order_by(staff.c.ended_at.is_not(None))).all()
    taken = {member.address for member in members if member.ended_at is None}
    for staff_id, address, ended_at in members:
        key = _key(address)
        if key != address and (ended_at is not None or key not in taken):
            taken.add(key)
            op.get_bind().execute(staff.update().where(staff.c.staff_id == staff_id).values(address=key))


def _set_keys(table: str, spelling: str, key: str) -> None:
    """Write the keys of those addresses that are not their own: with capitals, or with letters outside ASCII."""
    rows, connection = sa.table(table, sa.column(spelling), sa.column(key)), op.get_bind()
    column = rows.c[spelling]
    is_odd = (
        column.regexp_match("[A-Z]|[^ -~]")
        if connection.dialect.name == "postgresql"
        else sa.or_(column.op("GLOB")("*[A-Z]*"), column.op("GLOB")("*[^ -~]*"))
    )
    odd = connection.execute(sa.select(column).where(column.contains("@"), is_odd).distinct()).scalars().all()
    keys = [{"spelled": address, "named": _key(address)} for address in odd if _key(address) != address]
    if keys:
        statement = rows.update().where(column == sa.bindparam("spelled"))
        connection.execute(statement.values({key: sa.bindparam("named")}), keys)


def _report_clashes() -> None:
    account = sa.table("account", *(sa.column(name) for name in ("account_id", "email", "email_key")))
    clashing = (
        sa.select(account.c.email_key)
        .where(account.c.email_key.is_not(None))
        .group_by(account.c.email_key)
        .having(sa.func.count(account.c.email.distinct()) > 1)
    )
    query = sa.select(account.c.account_id).where(account.c.email_key.in_(clashing))
    account_ids = (
        op.get_bind().execute(query.order_by(account.c.email_key, account.c.account_id)).scalars().all()
    )
    if not account_ids:
        return
    more = f" and {len(account_ids) - _MOST_NAMED} more" if len(account_ids) > _MOST_NAMED else ""
    remark = (
        f"{len(account_ids)} accounts have an e-mail address that another account has in another spelling."
        f" The address now leads to none of them: {', '.join(account_ids[:_MOST_NAMED])}{more}"
    )
    config = op.get_context().config
    if config:
        config.attributes.setdefault("remarks", []).append(remark)


def _key(address: str) -> str:
    """The key as this release makes it; domains have always been kept in their normal form."""
    local, _, domain = address.rpartition("@")
    plain = unicodedata.normalize("NFC", local).lower().replace("ς", "σ")
    return f"{unicodedata.normalize('NFC', plain)}@{domain.lower()}"
