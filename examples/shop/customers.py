"""The shop's own database: who its customers are, and whether each signs in with a code by text message."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

_TABLES = """
CREATE TABLE IF NOT EXISTS customer (
    customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
    password BLOB NOT NULL, salt BLOB NOT NULL, sms_enabled INTEGER NOT NULL DEFAULT 1,
    needs_sms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS visit (
    token TEXT PRIMARY KEY, customer_id TEXT NOT NULL, code TEXT, method TEXT, since TEXT NOT NULL, notes TEXT);
CREATE TABLE IF NOT EXISTS text_message (phone TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS heard (webhook_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS told (
    event_id TEXT PRIMARY KEY, type TEXT NOT NULL, customer_id TEXT NOT NULL, detail TEXT NOT NULL,
    at TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS refused (event_id TEXT PRIMARY KEY, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS passkey (
    credential_id TEXT PRIMARY KEY, passkey_id TEXT NOT NULL, customer_id TEXT NOT NULL, public_key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS recovery_code (
    digest TEXT PRIMARY KEY, set_id TEXT NOT NULL, customer_id TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
"""


@dataclass(frozen=True, kw_only=True)
class Customer:
    """One customer. `needs_sms`: a contract says that codes by text message stay."""

    customer_id: str
    name: str
    email: str
    phone: str
    sms_enabled: bool = True
    needs_sms: bool = False


@dataclass(frozen=True)
class Visit:
    """One browser: whose it is, how they have signed in (None: not yet), and what the shop remembers of it."""

    token: str
    customer_id: str
    method: str | None
    since: datetime
    notes: Mapping[str, Any]


class ShopDatabase:
    """All that the shop knows. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self.transaction() as rows:
            rows.execute("PRAGMA journal_mode = WAL")
            rows.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept together, or not at all."""
        rows = sqlite3.connect(self._path, timeout=10)
        rows.row_factory = sqlite3.Row
        try:
            with rows:
                yield rows
        finally:
            rows.close()

    def add_customer(self, customer: Customer, *, password: str) -> None:
        """Let somebody be a customer. Whoever is one already stays as they are."""
        salt = secrets.token_bytes(16)
        with self.transaction() as rows:
            rows.execute(
                "INSERT OR IGNORE INTO customer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(customer.customer_id, customer.name, customer.email, customer.phone),
                    *(_hashed(password, salt), salt, customer.sms_enabled, customer.needs_sms),
                ),
            )

    def customer(self, customer_id: str) -> Customer:
        """A customer by id."""
        with self.transaction() as rows:
            row = rows.execute("SELECT * FROM customer WHERE customer_id = ?", (customer_id,)).fetchone()
        return _customer(row)

    def customers(self) -> list[Customer]:
        """Everybody."""
        with self.transaction() as rows:
            found = rows.execute("SELECT * FROM customer ORDER BY customer_id").fetchall()
        return [_customer(row) for row in found]

    def with_password(self, email: str, password: str) -> Customer | None:
        """The customer with this address, if the password is right."""
        with self.transaction() as rows:
            row = rows.execute("SELECT * FROM customer WHERE email = ?", (email.strip().lower(),)).fetchone()
        if row is None or not hmac.compare_digest(row["password"], _hashed(password, row["salt"])):
            return None
        return _customer(row)

    def begin_visit(self, customer_id: str, *, code: str | None = None, method: str | None = None) -> Visit:
        """Remember a browser, by a token that only its cookie holds."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self.transaction() as rows:
            rows.execute(
                "INSERT INTO visit VALUES (?, ?, ?, ?, ?, '{}')",
                (_digest(token), customer_id, code, method, now.isoformat()),
            )
        return Visit(token, customer_id, method, now, {})

    def visit(self, token: str | None) -> Visit | None:
        """The visit of a browser."""
        with self.transaction() as rows:
            row = rows.execute("SELECT * FROM visit WHERE token = ?", (_digest(token or ""),)).fetchone()
        if row is None:
            return None
        since = datetime.fromisoformat(row["since"])
        return Visit(token or "", row["customer_id"], row["method"], since, json.loads(row["notes"]))

    def note(self, visit: Visit, notes: Mapping[str, Any]) -> None:
        """Remember something of a visit, instead of what was remembered."""
        with self.transaction() as rows:
            rows.execute(
                "UPDATE visit SET notes = ? WHERE token = ?", (json.dumps(notes), _digest(visit.token))
            )

    def use_code(self, visit: Visit, code: str) -> bool:
        """Whether this is the code that was sent, which then works no more, right or wrong."""
        token = _digest(visit.token)
        with self.transaction() as rows:
            row = rows.execute("SELECT code FROM visit WHERE token = ?", (token,)).fetchone()
            rows.execute("UPDATE visit SET code = NULL WHERE token = ?", (token,))
        return row is not None and row["code"] is not None and hmac.compare_digest(row["code"], code.strip())

    def end_visit(self, token: str | None) -> None:
        """Forget a browser."""
        with self.transaction() as rows:
            rows.execute("DELETE FROM visit WHERE token = ?", (_digest(token or ""),))

    def text(self, phone: str, text: str) -> None:
        """Send a text message: here it is only kept, for the page that shows all of them."""
        with self.transaction() as rows:
            rows.execute("INSERT INTO text_message VALUES (?, ?, ?)", (phone, text, _now()))

    def texts(self) -> list[tuple[str, str]]:
        """Number and text of the last text messages, newest first."""
        with self.transaction() as rows:
            sent = rows.execute(
                "SELECT phone, text FROM text_message ORDER BY rowid DESC LIMIT 50"
            ).fetchall()
        return [(row["phone"], row["text"]) for row in sent]

    def add_event(
        self, rows: sqlite3.Connection, kind: str, customer_id: str, detail: Mapping[str, Any]
    ) -> None:
        """Have Offramp told, in the transaction of what happened: it is told if that is kept, and only then."""
        rows.execute(
            "INSERT INTO told (event_id, type, customer_id, detail, at) VALUES (?, ?, ?, ?, ?)",
            (str(uuid4()), kind, customer_id, json.dumps(detail), _now()),
        )


def _customer(row: sqlite3.Row) -> Customer:
    return Customer(
        customer_id=row["customer_id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        sms_enabled=bool(row["sms_enabled"]),
        needs_sms=bool(row["needs_sms"]),
    )


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
