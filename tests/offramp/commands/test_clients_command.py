"""`offramp clients`, as it is typed."""

import json
from pathlib import Path

from joserfc.jwk import ECKey, OctKey

from domain.host.clients import ClientProof
from offramp.clock import clock
from offramp.usage.options import os_user
from store import Database
from store.host import clients, signing_keys
from tests.offramp.conftest import Run

URI = "https://shop.example.com/back"


def test_a_client_is_made_and_its_secret_is_printed_once(offramp: Run, home_database: Database) -> None:
    ran = offramp("clients", "create", "Example Shop", "--redirect-uri", URI)
    assert ran.code == 0
    printed = dict(line.split() for line in ran.out.splitlines())
    with home_database.reading() as session:
        client = clients.get(session, printed["client_id"])
        assert client.knows(printed["client_secret"], now=clock())
        assert (client.name, client.redirect_uris, client.most_assurance) == ("Example Shop", [URI], "low")
    assert printed["client_secret"] not in offramp("clients", "list", "--json").out
    (entry,) = [json.loads(line) for line in offramp("audit").out.splitlines()]
    assert (entry["kind"], entry["by"]) == ("client_made", os_user())
    assert entry["detail"]["client_id"] == printed["client_id"]


def test_the_keys_of_a_client_are_kept_without_their_private_halves(
    offramp: Run, home_database: Database, tmp_path: Path
) -> None:
    key = ECKey.generate_key("P-256", {"kid": "shop"}).as_dict(private=True)
    file = tmp_path / "shop.jwks"
    file.write_text(json.dumps({"keys": [key]}))
    made = offramp(
        "clients",
        "create",
        "App",
        "--redirect-uri",
        "com.example.app:/back",
        "--redirect-uri",
        URI,
        "--proof",
        "keys",
        "--keys",
        str(file),
        "--most-assurance",
        "high",
        "--json",
    )
    answer = json.loads(made.out)
    assert answer["client_secret"] == ""
    with home_database.reading() as session:
        client = clients.get(session, answer["client_id"])
    assert client.proof == ClientProof.KEYS
    assert client.keys[0]["kid"] == "shop"
    assert "d" not in client.keys[0]
    assert str(key["d"]) not in json.dumps(client.keys)


def test_what_cannot_be_a_client_is_refused_with_what_to_give_instead(offramp: Run) -> None:
    def refusal(*options: str, uri: str = URI) -> str:
        ran = offramp("clients", "create", "Shop", "--redirect-uri", uri, *options)
        assert ran.code != 0
        return ran.err

    shared = json.dumps(OctKey.generate_key(256).as_dict(private=True))
    assert "https://" in refusal(uri="http://shop.example.com/back")
    assert "register them" in refusal("--proof", "keys")
    assert "RSA, EC or OKP" in refusal("--keys", shared)
    assert "cannot be read" in refusal("--keys", "/nowhere/shop.jwks")
    assert "low or high" in refusal("--most-assurance", "provisional")
    assert "there is no client" in offramp("clients", "list").out


def test_a_client_ends_and_is_still_listed(offramp: Run) -> None:
    made = json.loads(offramp("clients", "create", "Shop", "--redirect-uri", URI, "--json").out)
    assert offramp("clients", "end", made["client_id"]).code == 0
    assert offramp("clients", "end", made["client_id"]).code == 1
    assert offramp("clients", "rotate-secret", made["client_id"]).code == 1
    (line,) = json.loads(offramp("clients", "list", "--json").out)
    assert line["ended_at"]
    assert "Shop" in offramp("clients", "list").out


def test_a_rotated_secret_overlaps(offramp: Run, home_database: Database) -> None:
    made = json.loads(offramp("clients", "create", "Shop", "--redirect-uri", URI, "--json").out)
    new = json.loads(offramp("clients", "rotate-secret", made["client_id"], "--json").out)
    with home_database.reading() as session:
        client = clients.get(session, made["client_id"])
    assert client.knows(made["client_secret"], now=clock())
    assert client.knows(new["client_secret"], now=clock())
    newest = json.loads(
        offramp("clients", "rotate-secret", made["client_id"], "--overlap-days", "0", "--json").out
    )
    with home_database.reading() as session:
        client = clients.get(session, made["client_id"])
    assert not client.knows(new["client_secret"], now=clock())
    assert client.knows(newest["client_secret"], now=clock())


def test_a_public_client_has_no_secret_to_rotate(offramp: Run) -> None:
    made = json.loads(
        offramp("clients", "create", "App", "--redirect-uri", URI, "--proof", "nothing", "--json").out
    )
    assert "has no secret" in offramp("clients", "rotate-secret", made["client_id"]).err


def test_signing_keys_rotate_and_a_leaked_one_is_gone(offramp: Run, home_database: Database) -> None:
    def numbers() -> list[int]:
        with home_database.reading() as session:
            return [key.number for key in signing_keys.every(session)]

    assert "in an hour" in offramp("clients", "rotate-keys").out
    assert numbers() == [2, 1]
    assert "from now on" in offramp("clients", "rotate-keys", "--leaked").out
    assert numbers() == [3]
