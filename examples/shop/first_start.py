"""What a sample host's first start makes with Offramp's commands; the next start goes on where one has broken off.

Each thing is kept as soon as it is made. What may have been made and was not kept is ended first: nobody knows it.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from offramp_client.login_hints import new_key, public_keys

_SCOPES = ("accounts:read", "accounts:write", "events:write", "prompts:write")
_NAME = "shop"
_TITLE = "The Shop"
_KEY, _WEBHOOK, _SIGNING_KEY, _CLIENT = "key", "webhook_secret", "signing_key", "client"
_BEGUN = "begun"
"""In a draft, the name of what was being made when it was written."""


def keep_credentials(kept: Path, origin: str, *, sends_people: bool) -> None:
    """Make and keep a key, a webhook and, where people are sent to Offramp's pages, a client. Raises SystemExit."""
    draft = kept.with_suffix(".draft")
    made: dict[str, Any] = json.loads(draft.read_text()) if draft.exists() else {}
    if begun := made.pop(_BEGUN, None):
        _end_leftovers(begun, origin)
    for name in (_KEY, _WEBHOOK, *((_SIGNING_KEY, _CLIENT) if sends_people else ())):
        if name not in made:
            _write(draft, made | {_BEGUN: name})
            made[name] = _make(name, origin, kept.with_name("public-keys.json"), made)
            _write(draft, made)
    draft.replace(kept)


def _make(name: str, origin: str, public: Path, made: dict[str, Any]) -> Any:
    match name:
        case "key":
            scopes = [word for scope in _SCOPES for word in ("--scope", scope)]
            return _offramp("keys", "create", "--name", _NAME, *scopes, "--json")["token"]
        case "webhook_secret":
            words = (_receiver(origin), "--name", _NAME, "--all", "--json")
            return _offramp("webhooks", "create", *words)["secret"]
        case "signing_key":
            return new_key()
    public.write_text(json.dumps(public_keys(made[_SIGNING_KEY])))
    back = ("--redirect-uri", _way_back(origin))
    return _offramp("clients", "create", _TITLE, *back, "--keys", str(public), "--json")


def _end_leftovers(name: str, origin: str) -> None:
    """End what was made just before a start broke off, if it was: no key of ours that nobody has used is known."""
    for words in {_KEY: _unused_keys, _WEBHOOK: _webhooks, _CLIENT: _clients}.get(name, _nothing)(origin):
        _offramp(*words)


def _unused_keys(_: str) -> Iterable[tuple[str, ...]]:
    for key in _offramp("keys", "list", "--json"):
        if key["name"] == _NAME and key["last_used_at"] is None:
            yield "keys", "end", key["key_id"]


def _webhooks(origin: str) -> Iterable[tuple[str, ...]]:
    for webhook in _offramp("webhooks", "list", "--json"):
        is_ours = (webhook["name"], webhook["url"]) == (_NAME, _receiver(origin))
        if is_ours and not webhook["state"].startswith("ended "):
            yield "webhooks", "end", _NAME


def _clients(origin: str) -> Iterable[tuple[str, ...]]:
    for client in _offramp("clients", "list", "--json"):
        is_ours = (client["name"], client["redirect_uris"]) == (_TITLE, [_way_back(origin)])
        if is_ours and client["ended_at"] is None:
            yield "clients", "end", client["client_id"]


def _nothing(_: str) -> Iterable[tuple[str, ...]]:
    return ()


def _receiver(origin: str) -> str:
    return f"{origin}/webhooks/offramp"


def _way_back(origin: str) -> str:
    return f"{origin}/back"


def _write(draft: Path, made: dict[str, Any]) -> None:
    """Write it whole or not at all, for nobody else to read."""
    whole = draft.with_suffix(".whole")
    whole.unlink(missing_ok=True)
    whole.touch(mode=0o600)
    whole.write_text(json.dumps(made))
    whole.replace(draft)


def _offramp(*words: str) -> Any:
    """What a command prints, read as JSON where it was asked for. Raises SystemExit with the command's own words."""
    command = (sys.executable, "-m", "offramp", *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"offramp {' '.join(words[:2])}: {done.stderr or done.stdout}")
    return json.loads(done.stdout) if "--json" in words else None
