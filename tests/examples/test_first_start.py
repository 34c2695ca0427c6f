"""A sample host's first start: one that fails half-way is gone on with, and leaves nothing behind that works."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from examples.shop import first_start

ORIGIN = "http://localhost:8500"
OFFRAMP = first_start._offramp


class Killed(BaseException):
    """The host is gone in the middle of its start."""


class FakeCommands:
    """Offramp's commands by their first two words; `dies_after` names one that does its work, and kills the host."""

    def __init__(self) -> None:
        self.works: dict[str, dict[str, dict[str, Any]]] = {"keys": {}, "webhooks": {}, "clients": {}}
        self.dies_after = ""
        self._numbers = count(1)

    def __call__(self, noun: str, verb: str, *words: str) -> Any:
        if verb == "list":
            return list(self.works[noun].values())
        if verb == "end":
            return self.works[noun].pop(words[0])
        made = self._made(noun, str(next(self._numbers)))
        self.works[noun][next(iter(made.values()))] = made
        if noun == self.dies_after:
            raise Killed
        return made

    def _made(self, noun: str, number: str) -> dict[str, Any]:
        match noun:
            case "keys":
                return {"key_id": number, "name": "shop", "last_used_at": None, "token": number}
            case "webhooks":
                address = f"{ORIGIN}/webhooks/offramp"
                return {"name": "shop", "url": address, "state": "well", "secret": number}
        back = [f"{ORIGIN}/back"]
        return {"client_id": number, "name": "The Shop", "redirect_uris": back, "ended_at": None}


def killed_after_webhook(*words: str) -> Any:
    """Run a command; the host is gone as soon as it has a webhook."""
    made = OFFRAMP(*words)
    if words[:2] == ("webhooks", "create"):
        raise Killed
    return made


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the credentials are to be kept."""
    return tmp_path / "credentials.json"


def test_what_was_made_and_not_kept_works_no_more(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offramp = FakeCommands()
    monkeypatch.setattr(first_start, "_offramp", offramp)
    offramp.works["keys"]["others"] = {"key_id": "others", "name": "billing", "last_used_at": None}
    for noun in ("keys", "webhooks", "clients"):
        offramp.dies_after = noun
        with pytest.raises(Killed):
            first_start.keep_credentials(kept, ORIGIN, sends_people=True)
        assert not kept.exists()
    offramp.dies_after = ""
    first_start.keep_credentials(kept, ORIGIN, sends_people=True)
    credentials = json.loads(kept.read_text())
    assert set(credentials) == {"key", "webhook_secret", "signing_key", "client"}
    assert set(offramp.works["keys"]) == {"others", credentials["key"]}
    assert [webhook["secret"] for webhook in offramp.works["webhooks"].values()] == [
        credentials["webhook_secret"]
    ]
    assert list(offramp.works["clients"].values()) == [credentials["client"]]
    assert [path.name for path in kept.parent.glob("credentials*")] == ["credentials.json"]
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.timeout(300)
def test_a_start_that_is_refused_half_way_goes_on_with_what_it_has(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_HOME", str(kept.parent / "offramp"))
    with pytest.raises(SystemExit, match="offramp webhooks create"):
        first_start.keep_credentials(kept, ORIGIN, sends_people=False)
    monkeypatch.setenv("OFFRAMP_WEBHOOKS_ALLOW_PRIVATE", "true")
    monkeypatch.setattr(first_start, "_offramp", killed_after_webhook)
    for _ in range(2):
        with pytest.raises(Killed):
            first_start.keep_credentials(kept, ORIGIN, sends_people=False)
    monkeypatch.setattr(first_start, "_offramp", OFFRAMP)
    first_start.keep_credentials(kept, ORIGIN, sends_people=False)
    (key,) = OFFRAMP("keys", "list", "--json")
    assert [webhook["state"].split()[0] for webhook in OFFRAMP("webhooks", "list", "--json")] == [
        "well",
        "ended",
        "ended",
    ]
    assert json.loads(kept.read_text())["key"].startswith(key["hint"].rstrip("…"))
