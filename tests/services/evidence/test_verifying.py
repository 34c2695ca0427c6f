"""A pack is genuine only as it was made: each changed byte, file, order and signer is found, by the public key."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.evidence.packs import CHAIN, JOURNAL, MANIFEST, PACK, SIGNATURE, PackFlaw, PackSubject
from domain.staff.staff import Author
from providers import evidence_signatures
from services.evidence import signing
from services.evidence.verifying import PackVerdict, verify
from store import Database
from tests.services.evidence.packing import (
    NOW,
    SEAL,
    contents,
    make_pack,
    make_people,
    public_key,
    signed_again,
    zipped,
)

Files = dict[str, bytes]


@pytest.fixture
def cohort(sqlite_database: Database) -> PackSubject:
    return make_people(sqlite_database)


@pytest.fixture
def files(sqlite_database: Database, cohort: PackSubject) -> Files:
    return contents(make_pack(sqlite_database, cohort)[0])


@pytest.fixture
def public(sqlite_database: Database, files: Files) -> str:
    return public_key(sqlite_database)


@pytest.fixture
def verdict_on(tmp_path: Path, public: str) -> Callable[[Files], PackVerdict]:
    def verdict(files: Files) -> PackVerdict:
        return verify(zipped(tmp_path / "pack.zip", files), public)

    return verdict


def flaws(verdict: PackVerdict) -> set[tuple[PackFlaw, str]]:
    return {(fault.flaw, fault.file) for fault in verdict.faults}


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_a_pack_as_it_was_made_is_genuine_and_says_what_it_is(
    sqlite_database: Database, cohort: PackSubject, tmp_path: Path
) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(make_pack(sqlite_database, cohort)[0])
    verdict = verify(path, public_key(sqlite_database))
    assert verdict.faults == ()
    assert verdict.about["subject"]["name"] == cohort.name


def test_one_changed_byte_is_found_in_every_file_at_its_beginning_middle_and_end(
    files: Files, verdict_on: Callable[[Files], PackVerdict]
) -> None:
    for name, content in files.items():
        for at in {0, len(content) // 2, len(content) - 1} if content else set():
            verdict = verdict_on(files | {name: flipped(content, at)})
            assert not verdict.is_genuine, (name, at)
            assert verdict.about == {}
            expected = {MANIFEST: {MANIFEST, SIGNATURE}, SIGNATURE: {SIGNATURE}}.get(name, {name})
            assert {fault.file for fault in verdict.faults} & expected, (name, at)


def test_every_byte_of_the_signature_counts(files: Files, verdict_on: Callable[[Files], PackVerdict]) -> None:
    signature = files[SIGNATURE]
    for at in range(0, len(signature), 8):
        assert flaws(verdict_on(files | {SIGNATURE: flipped(signature, at)})) == {
            (PackFlaw.BAD_SIGNATURE, SIGNATURE)
        }
    for other in (signature.upper(), signature + b"\n", signature.strip(), b"", b"\xff"):
        assert flaws(verdict_on(files | {SIGNATURE: other})) == {(PackFlaw.BAD_SIGNATURE, SIGNATURE)}


def test_a_missing_and_an_extra_file_are_found(
    files: Files, verdict_on: Callable[[Files], PackVerdict]
) -> None:
    for name in files:
        fewer = {other: content for other, content in files.items() if other != name}
        assert (PackFlaw.MISSING, name) in flaws(verdict_on(fewer))
    assert flaws(verdict_on(files | {"more.txt": b"more"})) == {(PackFlaw.EXTRA, "more.txt")}


def test_a_longer_and_a_shorter_file_are_found(
    files: Files, verdict_on: Callable[[Files], PackVerdict]
) -> None:
    for content in (files[JOURNAL] + b"\n", files[JOURNAL][:-1], b""):
        assert flaws(verdict_on(files | {JOURNAL: content})) == {(PackFlaw.CHANGED, JOURNAL)}


def test_another_signer_is_found_whether_named_or_not(
    sqlite_database: Database, files: Files, tmp_path: Path, verdict_on: Callable[[Files], PackVerdict]
) -> None:
    other = evidence_signatures.new_pair()
    path = zipped(tmp_path / "other.zip", files)
    assert flaws(verify(path, other.public)) == {(PackFlaw.ANOTHER_SIGNER, MANIFEST)}
    forged = evidence_signatures.sign(files[MANIFEST], other.private)
    assert flaws(verdict_on(files | {SIGNATURE: f"{forged.hex()}\n".encode()})) == {
        (PackFlaw.BAD_SIGNATURE, SIGNATURE)
    }


def test_packs_of_a_former_key_are_verified_by_that_one(
    sqlite_database: Database, cohort: PackSubject, files: Files, public: str, tmp_path: Path
) -> None:
    signing.rotate(sqlite_database, SEAL, Author(by="sam"), reason="an admin has left", at=NOW)
    newer = contents(make_pack(sqlite_database, cohort)[0])
    newest_key, former_key = (key.public for key in signing.public_keys(sqlite_database, SEAL, at=NOW))
    assert former_key == public
    old_path, new_path = zipped(tmp_path / "old.zip", files), zipped(tmp_path / "new.zip", newer)
    assert verify(old_path, former_key).is_genuine
    assert verify(new_path, newest_key).is_genuine
    assert flaws(verify(new_path, former_key)) == {(PackFlaw.ANOTHER_SIGNER, MANIFEST)}


def reordered(content: bytes) -> bytes:
    first, second, *others = content.splitlines(keepends=True)
    return b"".join([second, first, *others])


def edited(content: bytes, **changes: object) -> bytes:
    first, *others = content.splitlines(keepends=True)
    line = json.loads(first)
    line["entry"] |= changes
    return json.dumps(line).encode() + b"\n" + b"".join(others)


def without_path(content: bytes) -> bytes:
    first, *others = content.splitlines(keepends=True)
    line = json.loads(first) | {"day": None, "path": [], "index": None}
    return json.dumps(line).encode() + b"\n" + b"".join(others)


def with_two_days_changed(content: bytes) -> bytes:
    first, *others = content.splitlines(keepends=True)
    return b"".join([json.dumps(json.loads(first) | {"entries": 1}).encode(), b"\n", *others])


@pytest.mark.parametrize(
    ("name", "change", "flaw"),
    [
        (JOURNAL, reordered, PackFlaw.WRONG_ORDER),
        (JOURNAL, lambda content: edited(content, kind="sms_suspended"), PackFlaw.BROKEN_ENTRY),
        (
            JOURNAL,
            lambda content: edited(content, at="2026-03-02T12:00:00.000001+00:00"),
            PackFlaw.BROKEN_ENTRY,
        ),
        (JOURNAL, without_path, PackFlaw.BROKEN_ENTRY),
        (JOURNAL, lambda content: b"no entry\n" + content, PackFlaw.BROKEN_ENTRY),
        (JOURNAL, lambda content: content.partition(b"\n")[2], PackFlaw.WRONG_COUNT),
        (CHAIN, reordered, PackFlaw.BROKEN_CHAIN),
        (CHAIN, with_two_days_changed, PackFlaw.BROKEN_CHAIN),
        (CHAIN, lambda content: content.partition(b"\n")[2], PackFlaw.BROKEN_CHAIN),
        (CHAIN, lambda content: b"no day\n" + content, PackFlaw.BROKEN_CHAIN),
    ],
)
def test_what_an_insider_signs_anew_has_to_fit_the_days_all_the_same(
    sqlite_database: Database,
    files: Files,
    verdict_on: Callable[[Files], PackVerdict],
    name: str,
    change: Callable[[bytes], bytes],
    flaw: PackFlaw,
) -> None:
    assert verdict_on(signed_again(sqlite_database, files)).is_genuine
    changed_files = signed_again(sqlite_database, files | {name: change(files[name])})
    assert (flaw, name) in flaws(verdict_on(changed_files))


def test_a_damaged_zip_and_what_is_no_pack_are_told_calmly(
    sqlite_database: Database, cohort: PackSubject, public: str, tmp_path: Path
) -> None:
    whole, path = make_pack(sqlite_database, cohort)[0], tmp_path / "pack.zip"
    for damaged in (b"", b"PK", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(damaged)
        assert not verify(path, public).is_genuine
    for at in range(0, len(whole), max(len(whole) // 40, 1)):
        path.write_bytes(flipped(whole, at))
        verdict = verify(path, public)
        assert verdict.is_genuine is (verdict.faults == ())
    assert flaws(verify(zipped(path, {"a": b"b"}), public)) == {
        (PackFlaw.MISSING, MANIFEST),
        (PackFlaw.MISSING, SIGNATURE),
    }
    assert flaws(verify(zipped(path, {MANIFEST: b"{}", SIGNATURE: b""}), public)) == {
        (PackFlaw.UNREADABLE, MANIFEST)
    }
    assert PACK in contents(whole)
