"""What the database refuses by itself, in the words of SQLite and of PostgreSQL, for migrations to put in place.

A SQLite table that is made anew, as by `op.batch_alter_table`, loses its triggers: whoever does that drops the guards
first, and makes them again. A released version of a guard is never changed; a new version gets a new function here.
"""

from collections.abc import Iterator

STATES = "('on', 'notice', 'suspended', 'removed')"
_OFF = "('suspended', 'removed')"
_LAST_ROUTE = "the last proven way in stays"
_ON_PROOF = "text-message codes go only on a stored proof"
_STAYS = "the %s is only ever added to"

_SMS_OPENS = "{row}.sms IN ('on', 'notice') AND {row}.phone IS NOT NULL"
_PASSKEY_OPENS = "{row}.removed_at IS NULL AND {row}.frozen_at IS NULL AND {row}.last_used_at IS NOT NULL"
_CODE_OPENS = "{row}.proven_at IS NOT NULL AND {row}.voided_at IS NULL"

# A code that is used up has signed its owner in, so only voiding takes a way in away from somebody.
_ROUTES = {
    "account": ("sms, phone", _SMS_OPENS),
    "passkey": ("removed_at, frozen_at, last_used_at, account_id", _PASSKEY_OPENS),
    "recovery_code": ("proven_at, voided_at, account_id", _CODE_OPENS),
}
_APP_OPENS = "{row}.proven_at IS NOT NULL AND {row}.removed_at IS NULL"
_APP_COLUMNS = "proven_at, removed_at, account_id"
_IS_DELETED = (
    "(SELECT gone.deleted_at FROM account AS gone WHERE gone.account_id = OLD.account_id) IS NOT NULL"
)
_DISOWNED = (
    "(NEW.phone IS NULL AND EXISTS (SELECT 1 FROM contact WHERE contact.account_id = OLD.account_id "
    "AND contact.channel = 'sms' AND contact.address = OLD.phone AND contact.disowned_at IS NOT NULL))"
)
"""Whether a number goes because the host says that it is another person's: a stranger reads what is sent there."""
_FIXED = {
    "journal": "entry_id, account_id, version, kind, actor, at, detail, traceparent",
    "off_proof": "proof_id, account_id, state, at, evidence",
    "member": "cohort_id, account_id, bucket, held_out, enrolled_at",
}
"""The columns that nobody changes. The relay notes what it has published, and a launch notes its wave."""

_JOURNAL_FRAME = "entry_id, account_id, version, kind, actor, at, traceparent"
_AUDIT_FRAME = 'entry_id, at, kind, "by", staff_id, role, account_id, cohort_id, detail'
_KEEPS_REASON = f"NEW.reason <> '' OR NOT ({_IS_DELETED})"
"""Whether a change of a reason in the audit does more than forget it, or forgets it of an account that is there."""

_KEPT = ("journal", "off_proof", "member", "passkey", "recovery_code")
"""Rows that nobody deletes: NIST SP 800-63B-4, 4.1 asks for a record of every authenticator ever bound."""


def sqlite() -> Iterator[str]:
    """The statements that put the guards in place on SQLite."""
    unknown = f"NEW.sms NOT IN {STATES}"
    for change in ("INSERT", "UPDATE OF sms"):
        yield _refusal(
            f"account_sms_{_slug(change)}", f"BEFORE {change} ON account", unknown, "no such SMS state"
        )
    off = f"NEW.sms IN {_OFF}"
    yield _refusal("account_proof_insert", "BEFORE INSERT ON account", off, _ON_PROOF)
    unproven = f"{off} AND NOT {_proven('NEW')}"
    yield _refusal("account_proof_update", "BEFORE UPDATE OF sms, sms_since ON account", unproven, _ON_PROOF)
    for table, (columns, opens) in _ROUTES.items():
        lost = f"{_lost(table, opens)} AND NOT {_has_route('OLD.account_id')}"
        yield _refusal(f"{table}_last_route", f"AFTER UPDATE OF {columns} ON {table}", lost, _LAST_ROUTE)
    for table, columns in _FIXED.items():
        yield _refusal(
            f"{table}_stays_as_it_is", f"BEFORE UPDATE OF {columns} ON {table}", "1", _STAYS % table
        )
    for table in _KEPT:
        yield _refusal(f"{table}_stays", f"BEFORE DELETE ON {table}", "1", _STAYS % table)


def sqlite_names() -> Iterator[str]:
    """The names of the triggers on SQLite."""
    for statement in sqlite():
        yield statement.split()[2]


def postgresql() -> Iterator[str]:
    """The statements that put the guards in place on PostgreSQL."""
    yield f"ALTER TABLE account ADD CONSTRAINT ck_account_sms CHECK (sms IN {STATES})"
    yield _function("offramp_refuse", "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = '23000';")
    yield _function("offramp_need_proof", _if_not(_proven("NEW"), _ON_PROOF) + " RETURN NEW;")
    # Two transactions that each take another way in away would not see each other, so they take turns.
    turn = "PERFORM 1 FROM account WHERE account_id = OLD.account_id FOR NO KEY UPDATE;"
    yield _function(
        "offramp_keep_route", f"{turn} {_if_not(_has_route('OLD.account_id'), _LAST_ROUTE)} RETURN NULL;"
    )
    off = f"NEW.sms IN {_OFF}"
    yield _trigger("account_proof_insert", "BEFORE INSERT ON account", off, "offramp_refuse", _ON_PROOF)
    yield _trigger(
        "account_proof_update", "BEFORE UPDATE OF sms, sms_since ON account", off, "offramp_need_proof"
    )
    for table, (columns, opens) in _ROUTES.items():
        on = f"AFTER UPDATE OF {columns} ON {table}"
        yield _trigger(f"{table}_last_route", on, _lost(table, opens), "offramp_keep_route")
    for table, columns in _FIXED.items():
        on = f"BEFORE UPDATE OF {columns} ON {table}"
        yield _trigger(f"{table}_stays_as_it_is", on, "true", "offramp_refuse", _STAYS % table)
    for table in _KEPT:
        yield _trigger(
            f"{table}_stays", f"BEFORE DELETE ON {table}", "true", "offramp_refuse", _STAYS % table
        )
        yield (
            f"CREATE TRIGGER {table}_stays_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION offramp_refuse('{_STAYS % table}')"
        )


def sqlite_but_for_disowned() -> str:
    """The guard of the number, which may go as the last way in if the host says that it is another person's."""
    columns, opens = _ROUTES["account"]
    stays = f"{_has_route('OLD.account_id')} OR {_IS_DELETED} OR {_DISOWNED}"
    lost = f"{_lost('account', opens)} AND NOT ({stays})"
    return _refusal("account_last_route", f"AFTER UPDATE OF {columns} ON account", lost, _LAST_ROUTE)


def postgresql_but_for_disowned() -> Iterator[str]:
    """The same; a trigger's condition can ask no other table, so its function does."""
    turn = "PERFORM 1 FROM account WHERE account_id = OLD.account_id FOR NO KEY UPDATE;"
    kept = f"({_has_route('OLD.account_id')} OR {_IS_DELETED} OR {_DISOWNED})"
    yield _function("offramp_keep_number", f"{turn} {_if_not(kept, _LAST_ROUTE)} RETURN NULL;")
    columns, opens = _ROUTES["account"]
    on = f"AFTER UPDATE OF {columns} ON account"
    yield _trigger("account_last_route", on, _lost("account", opens), "offramp_keep_number")


def number_guard() -> tuple[str, str]:
    """That guard before the host could say so, on SQLite and on PostgreSQL."""
    columns, opens = _ROUTES["account"]
    on, lost = f"AFTER UPDATE OF {columns} ON account", _lost("account", opens)
    on_sqlite = f"{lost} AND NOT ({_has_route('OLD.account_id')} OR {_IS_DELETED})"
    return (
        _refusal("account_last_route", on, on_sqlite, _LAST_ROUTE),
        _trigger("account_last_route", on, lost, "offramp_keep_route"),
    )


def drop_postgresql() -> Iterator[str]:
    """The statements that take the guards away on PostgreSQL."""
    yield "ALTER TABLE account DROP CONSTRAINT ck_account_sms"
    for function in ("offramp_refuse", "offramp_need_proof", "offramp_keep_route"):
        yield f"DROP FUNCTION {function}() CASCADE"


def sqlite_with_deletions() -> Iterator[str]:
    """The statements after which an account that its host has deleted may lose its last way in, on SQLite."""
    for table, (columns, opens) in _ROUTES.items():
        yield f"DROP TRIGGER {table}_last_route"
        lost = f"{_lost(table, opens)} AND NOT {_has_route('OLD.account_id')} AND NOT {_IS_DELETED}"
        yield _refusal(f"{table}_last_route", f"AFTER UPDATE OF {columns} ON {table}", lost, _LAST_ROUTE)


def sqlite_without_deletions() -> Iterator[str]:
    """The statements that take that back."""
    for table, (columns, opens) in _ROUTES.items():
        yield f"DROP TRIGGER {table}_last_route"
        lost = f"{_lost(table, opens)} AND NOT {_has_route('OLD.account_id')}"
        yield _refusal(f"{table}_last_route", f"AFTER UPDATE OF {columns} ON {table}", lost, _LAST_ROUTE)


def postgresql_with_deletions() -> Iterator[str]:
    """The same on PostgreSQL."""
    yield _kept_route(f"({_has_route('OLD.account_id')} OR {_IS_DELETED})")


def postgresql_without_deletions() -> Iterator[str]:
    """The statement that takes that back."""
    yield _kept_route(_has_route("OLD.account_id"))


def _kept_route(condition: str) -> str:
    turn = "PERFORM 1 FROM account WHERE account_id = OLD.account_id FOR NO KEY UPDATE;"
    function = _function("offramp_keep_route", f"{turn} {_if_not(condition, _LAST_ROUTE)} RETURN NULL;")
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def last_routes(*, is_postgresql: bool, spares_host: bool) -> Iterator[str]:
    """The statements that make the guards of the last way in anew, for routes that have a `host_id` or not.

    `spares_host`: what lives with the host is gone when the host says so, and no database can refuse that.
    """
    spared = "NEW.host_id IS NULL AND " if spares_host else ""
    for table in ("passkey", "recovery_code"):
        columns, opens = _ROUTES[table]
        name, on = f"{table}_last_route", f"AFTER UPDATE OF {columns} ON {table}"
        lost = f"{spared}{_lost(table, opens)}"
        if is_postgresql:
            yield f"DROP TRIGGER {name} ON {table}"
            yield _trigger(name, on, lost, "offramp_keep_route")
        else:
            yield f"DROP TRIGGER {name}"
            stays = f"{_has_route('OLD.account_id')} OR {_IS_DELETED}"
            yield _refusal(name, on, f"{lost} AND NOT ({stays})", _LAST_ROUTE)


def sqlite_with_erasure() -> Iterator[str]:
    """The statements after which an erased account's entries can be forgotten, and the audit's addresses, on SQLite."""
    stays = _STAYS % "journal"
    yield "DROP TRIGGER journal_stays_as_it_is"
    yield _refusal("journal_stays_as_it_is", f"BEFORE UPDATE OF {_JOURNAL_FRAME} ON journal", "1", stays)
    is_there = f"NOT ({_IS_DELETED})"
    yield _refusal("journal_detail_stays", "BEFORE UPDATE OF detail ON journal", is_there, stays)
    stays = _STAYS % "audit"
    yield "DROP TRIGGER audit_stays_on_update"
    yield _refusal("audit_stays_as_it_is", f"BEFORE UPDATE OF {_AUDIT_FRAME} ON audit", "1", stays)
    yield _refusal(
        "audit_address_goes_only", "BEFORE UPDATE OF came_from ON audit", "NEW.came_from <> ''", stays
    )
    yield _refusal("audit_reason_goes_only", "BEFORE UPDATE OF reason ON audit", _KEEPS_REASON, stays)


def sqlite_without_erasure() -> Iterator[str]:
    """The statements that take that back."""
    for name in ("journal_stays_as_it_is", "journal_detail_stays"):
        yield f"DROP TRIGGER {name}"
    for name in ("audit_stays_as_it_is", "audit_address_goes_only", "audit_reason_goes_only"):
        yield f"DROP TRIGGER {name}"
    fixed = f"BEFORE UPDATE OF {_FIXED['journal']} ON journal"
    yield _refusal("journal_stays_as_it_is", fixed, "1", _STAYS % "journal")
    yield _refusal("audit_stays_on_update", "BEFORE UPDATE ON audit", "1", _STAYS % "audit")


def postgresql_with_erasure() -> Iterator[str]:
    """The same on PostgreSQL; a trigger's condition can ask no other table, so its function does."""
    stays, refuse = _STAYS % "journal", "offramp_refuse"
    yield "DROP TRIGGER journal_stays_as_it_is ON journal"
    on = f"BEFORE UPDATE OF {_JOURNAL_FRAME} ON journal"
    yield _trigger("journal_stays_as_it_is", on, "true", refuse, stays)
    yield _function("offramp_keep_detail", f"{_if_not(f'({_IS_DELETED})', stays)} RETURN NEW;")
    on = "BEFORE UPDATE OF detail ON journal"
    yield _trigger("journal_detail_stays", on, "true", "offramp_keep_detail")
    stays = _STAYS % "audit"
    yield "DROP TRIGGER audit_stays ON audit"
    yield _trigger("audit_stays", "BEFORE DELETE ON audit", "true", refuse, stays)
    on = f"BEFORE UPDATE OF {_AUDIT_FRAME} ON audit"
    yield _trigger("audit_stays_as_it_is", on, "true", refuse, stays)
    on = "BEFORE UPDATE OF came_from ON audit"
    yield _trigger("audit_address_goes_only", on, "NEW.came_from <> ''", refuse, stays)
    yield _function("offramp_keep_reason", f"{_if_not(f'(NOT ({_KEEPS_REASON}))', stays)} RETURN NEW;")
    on = "BEFORE UPDATE OF reason ON audit"
    yield _trigger("audit_reason_goes_only", on, "true", "offramp_keep_reason")


def postgresql_without_erasure() -> Iterator[str]:
    """The statements that take that back."""
    yield "DROP FUNCTION offramp_keep_detail() CASCADE"
    yield "DROP FUNCTION offramp_keep_reason() CASCADE"
    yield "DROP TRIGGER journal_stays_as_it_is ON journal"
    for name in ("audit_stays", "audit_stays_as_it_is", "audit_address_goes_only"):
        yield f"DROP TRIGGER {name} ON audit"
    on = f"BEFORE UPDATE OF {_FIXED['journal']} ON journal"
    yield _trigger("journal_stays_as_it_is", on, "true", "offramp_refuse", _STAYS % "journal")
    yield (
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()"
    )


def with_apps(*, is_postgresql: bool) -> Iterator[str]:
    """The statements after which a proven authenticator app is a way in, too, and its record stays."""
    yield from _routes_anew(_has_route_or_app("OLD.account_id"), is_postgresql=is_postgresql)
    on, lost = f"AFTER UPDATE OF {_APP_COLUMNS} ON authenticator_app", _lost("authenticator_app", _APP_OPENS)
    is_bound, stays = "OLD.proven_at IS NOT NULL", _STAYS % "authenticator_app"
    if is_postgresql:
        yield _trigger("authenticator_app_last_route", on, lost, "offramp_keep_route")
        deleted = "BEFORE DELETE ON authenticator_app"
        yield _trigger("authenticator_app_stays", deleted, is_bound, "offramp_refuse", stays)
    else:
        kept = f"{_has_route_or_app('OLD.account_id')} OR {_IS_DELETED}"
        yield _refusal("authenticator_app_last_route", on, f"{lost} AND NOT ({kept})", _LAST_ROUTE)
        yield _refusal("authenticator_app_stays", "BEFORE DELETE ON authenticator_app", is_bound, stays)


def without_apps(*, is_postgresql: bool) -> Iterator[str]:
    """The statements that take that back."""
    of_table = " ON authenticator_app" if is_postgresql else ""
    for name in ("authenticator_app_last_route", "authenticator_app_stays"):
        yield f"DROP TRIGGER {name}{of_table}"
    yield from _routes_anew(_has_route("OLD.account_id"), is_postgresql=is_postgresql)


def _routes_anew(has_route: str, *, is_postgresql: bool) -> Iterator[str]:
    """The guards of the last way in made anew, as `last_routes` and the guard of the number left them."""
    kept = f"{has_route} OR {_IS_DELETED}"
    if is_postgresql:
        yield _kept_route(f"({kept})")
        turn = "PERFORM 1 FROM account WHERE account_id = OLD.account_id FOR NO KEY UPDATE;"
        body = f"{turn} {_if_not(f'({kept} OR {_DISOWNED})', _LAST_ROUTE)} RETURN NULL;"
        yield _function("offramp_keep_number", body).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        return
    for table, (columns, opens) in _ROUTES.items():
        lost, stays = _lost(table, opens), kept
        if table == "account":
            stays = f"{kept} OR {_DISOWNED}"
        else:
            lost = f"NEW.host_id IS NULL AND {lost}"
        yield f"DROP TRIGGER {table}_last_route"
        on = f"AFTER UPDATE OF {columns} ON {table}"
        yield _refusal(f"{table}_last_route", on, f"{lost} AND NOT ({stays})", _LAST_ROUTE)


def _refusal(name: str, on: str, when: str, words: str) -> str:
    return f"CREATE TRIGGER {name} {on} WHEN {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _trigger(name: str, on: str, when: str, function: str, *arguments: str) -> str:
    given = ", ".join(f"'{argument}'" for argument in arguments)
    return f"CREATE TRIGGER {name} {on} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {function}({given})"


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _if_not(condition: str, words: str) -> str:
    return f"IF NOT {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23000'; END IF;"


def _proven(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM off_proof WHERE off_proof.account_id = {row}.account_id "  # noqa: S608
        f"AND off_proof.state = {row}.sms AND off_proof.at >= {row}.sms_since)"
    )


def _lost(table: str, opens: str) -> str:
    """Whether a row that was a way into its account is none any more."""
    before, after = opens.format(row="OLD"), opens.format(row="NEW")
    unused = " AND OLD.used_at IS NULL" if table == "recovery_code" else ""
    return f"{before}{unused} AND NOT ({after} AND NEW.account_id = OLD.account_id)"


def _has_route(account_id: str) -> str:
    code_opens = f"{_CODE_OPENS} AND {{row}}.used_at IS NULL"
    opens = {"account": _SMS_OPENS, "passkey": _PASSKEY_OPENS, "recovery_code": code_opens}
    ways = (
        f"EXISTS (SELECT 1 FROM {table} WHERE {table}.account_id = {account_id} "  # noqa: S608
        f"AND {open_.format(row=table)})"
        for table, open_ in opens.items()
    )
    return f"({' OR '.join(ways)})"


def _has_route_or_app(account_id: str) -> str:
    app_opens = _APP_OPENS.format(row="authenticator_app")
    return (
        f"({_has_route(account_id)} OR EXISTS (SELECT 1 FROM authenticator_app "  # noqa: S608
        f"WHERE authenticator_app.account_id = {account_id} AND {app_opens}))"
    )


def _slug(change: str) -> str:
    return change.split()[0].lower()
