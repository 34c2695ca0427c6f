"""When hosts have told the fields of an account, by a request, a file or an event: nothing older overwrites them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.facts import Channel
from domain.host.words import Word
from providers.contacts import phone_country
from store import Session
from store.journeys import heard_accounts
from store.people import contacts
from store.people.accounts import Account
from store.people.imports import ToldAnew

Path = tuple[str, ...]
"""The name of a field, or of a field and of a part of it that has a word of its own."""

HAVE_PARTS = frozenset({"attributes", "methods"})
"""Fields whose parts have words of their own."""

_METHODS = ("sms", "others")
_CONTACTS = {"email": Channel.EMAIL, "phone": Channel.SMS}
_COLUMNS: Mapping[Path, str] = {
    **{(name,): name for name in ("locale", "time_zone", "country", "risk_tier", "attributes")},
    **{(name,): name for name in ("sim_checked_at", "sim_changed_at")},
    ("methods", "sms"): "sms_method",
    ("methods", "others"): "other_methods",
}
"""Columns that hosts alone fill. A last sign-in is missing: it has its own time in itself."""

_DEFAULT_LOCALE = "en"


def parts(account: Account, fields: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The fields of a merge patch, with the parts of those that have some; a whole that goes comes with its parts."""
    for name, value in fields.items():
        if name not in HAVE_PARTS:
            yield (name,), value
        elif isinstance(value, dict):
            yield from (((name, part), inner) for part, inner in value.items())
        elif value is None:
            yield (name,), None
            yield from (((name, part), None) for part in _parts_of(account, name))


def heed(session: Session, account_id: str, paths: Iterable[Path], word: Word, *, now: datetime) -> None:
    """Note that a word is the newest on some fields of a locked account."""
    heard_accounts.heed(session, account_id, map(_matter, paths), word, now=now)


def heed_request(session: Session, account: Account, fields: Mapping[str, Any], *, at: datetime) -> None:
    """Note that a host has told these fields of a locked account in a request just now, changed or not.

    A contact counts if its value is told, and not by what is said of it.
    """
    paths = [path for path, value in parts(account, fields) if path[0] not in _CONTACTS or _has_value(value)]
    if paths:
        heed(session, account.account_id, paths, Word(at=at, event_id=""), now=at)


def heed_statement(session: Session, account: Account, fields: Mapping[str, Any], *, at: datetime) -> None:
    """The same for a request that states an account: of attributes, it has told all that there are."""
    heed_request(session, account, fields, at=at)
    if "attributes" in fields:
        heed(session, account.account_id, [("attributes",)], Word(at=at, event_id=""), now=at)


def heed_import(session: Session, told_anew: Sequence[ToldAnew], *, at: datetime) -> None:
    """Note which fields an import has changed, of accounts that it has locked."""
    paths = {
        account.account_id: [path for path, column in _COLUMNS.items() if column in account.columns]
        for account in told_anew
    }
    changed = {account_id: its_paths for account_id, its_paths in paths.items() if its_paths}
    rows = heard_accounts.gather(session, changed)
    for account_id, its_paths in changed.items():
        heed(session, account_id, its_paths, Word(at=at, event_id=""), now=at)
    heard_accounts.write(session, rows.values())


def is_news(session: Session, account: Account, path: Path, word: Word) -> bool:
    """Whether a word is newer than all that is known of a field, and of the whole that it is a part of.

    A contact that somebody else has changed since the last event, a person or an import, is as new as that change.
    What an account has had from the first is as old as the account.
    """
    known_words = [
        heard_accounts.newest(session, account.account_id, _matter(path[:length]))
        for length in range(1, len(path) + 1)
    ]
    heard = max(filter(None, known_words), key=lambda heard_word: heard_word.word, default=None)
    if heard and word <= heard.word:
        return False
    known_at = _known_at(session, account, path)
    if known_at is None or (heard and known_at <= heard.heeded_at):
        return True
    return word.at > known_at


def _parts_of(account: Account, name: str) -> Iterable[str]:
    return _METHODS if name == "methods" else list(account.attributes)


def _has_value(value: Any) -> bool:
    return value is None or not isinstance(value, dict) or "value" in value


def _known_at(session: Session, account: Account, path: Path) -> datetime | None:
    """Since when a field has what it has, of which no word was heard; None if nothing was ever told of it."""
    if path[0] in _CONTACTS:
        contact = contacts.present(session, account).get(_CONTACTS[path[0]])
        return contact.trust.bound_at if contact else None
    return account.created_at if _is_told(account, path) else None


def _is_told(account: Account, path: Path) -> bool:
    """Whether a field holds what only a host can have told; defaults, and what its number says, it holds anyway."""
    if path[0] == "attributes":
        return bool(account.attributes) if len(path) == 1 else path[1] in account.attributes
    column = _COLUMNS.get(path)
    value = getattr(account, column) if column else None
    if path == ("locale",):
        return value != _DEFAULT_LOCALE
    if path == ("country",) and account.phone:
        return value != phone_country(account.phone)
    return value is not None


def _matter(path: Path) -> str:
    return ".".join(("user", *path))
