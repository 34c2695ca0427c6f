"""What the database refuses about sealed days and keys of evidence: both are only ever added to."""

from collections.abc import Iterator

_TABLES = {
    "journal_day": ("UPDATE", "DELETE"),
    "evidence_key": ("DELETE",),
}
"""What nobody does with a table's rows. A key's private half is closed again when secret keys change."""


def evidence_guards(*, is_postgresql: bool) -> Iterator[str]:
    """The statements that put the guards in place; they go with their tables."""
    for table, changes in _TABLES.items():
        words = f"the {table} is only ever added to"
        for change in changes:
            on = f"CREATE TRIGGER {table}_stays_{change.lower()} BEFORE {change} ON {table}"
            if is_postgresql:
                yield f"{on} FOR EACH ROW EXECUTE FUNCTION offramp_refuse('{words}')"
            else:
                yield f"{on} BEGIN SELECT RAISE(ABORT, '{words}'); END"
