"""Verifies a pack by the public key alone: no database, no settings, no network."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from pydantic import TypeAdapter, ValidationError

from domain.evidence.packs import (
    FORMAT,
    MANIFEST,
    PACK,
    SIGNATURE,
    VERSION,
    Manifest,
    PackedFile,
    PackFault,
    PackFlaw,
)
from providers import evidence_signatures
from services.evidence.verified_contents import content_faults

_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_MOST_BYTES = 256 * 1024 * 1024
"""The longest manifest that is read; it has a line for 200 accounts, and some more."""

_AT_ONCE = 1024 * 1024
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What a zip that was damaged makes its reader raise."""


@dataclass(frozen=True, kw_only=True)
class PackVerdict:
    """What a pack says of itself, and what is wrong with it. It is genuine if nothing is."""

    faults: tuple[PackFault, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def is_genuine(self) -> bool:
        """Whether the owner of the key has made the pack, and nobody has changed it."""
        return not self.faults


def verify(path: Path, public: str) -> PackVerdict:
    """Look at every file of a pack. Raises NoEvidenceKey, and OSError if there is no such file."""
    key_id = evidence_signatures.key_id(public)
    with path.open("rb") as file:
        try:
            with ZipFile(file) as archive:
                return _verdict(archive, public, key_id)
        except _BROKEN:
            return PackVerdict(faults=(_fault(PackFlaw.UNREADABLE, "", "it is no whole zip"),))


def _verdict(archive: ZipFile, public: str, key_id: str) -> PackVerdict:
    names = archive.namelist()
    missing = [name for name in (MANIFEST, SIGNATURE) if name not in names]
    if missing:
        return PackVerdict(
            faults=tuple(_fault(PackFlaw.MISSING, name, "it is not there") for name in missing)
        )
    text, signature = _whole(archive, MANIFEST), _whole(archive, SIGNATURE)
    try:
        manifest = _MANIFEST.validate_json(text)
    except ValidationError:
        manifest = None
    if manifest is None or (manifest.format, manifest.version) != (FORMAT, VERSION):
        return PackVerdict(faults=(_fault(PackFlaw.UNREADABLE, MANIFEST, "it is no manifest of a pack"),))
    found_faults = [*_signature_faults(text, signature, manifest, public, key_id)]
    found_faults += _file_faults(archive, names, manifest)
    if found_faults:  # what is in the files is nobody's word then
        return PackVerdict(faults=tuple(found_faults))
    about = json.loads(_whole(archive, PACK))
    return PackVerdict(faults=tuple(content_faults(archive, about)), about=about)


def _signature_faults(
    text: bytes, signature: bytes, manifest: Manifest, public: str, key_id: str
) -> Iterator[PackFault]:
    if manifest.key_id != key_id:
        says = f"it names the key {manifest.key_id}, and the one given is {key_id}"
        yield _fault(PackFlaw.ANOTHER_SIGNER, MANIFEST, says)
        return
    try:
        signed = bytes.fromhex(signature.decode("ascii"))
        is_plain = signature == f"{signed.hex()}\n".encode()
    except ValueError:
        signed, is_plain = b"", False
    if not is_plain or not evidence_signatures.is_signed(text, signed, public):
        yield _fault(PackFlaw.BAD_SIGNATURE, SIGNATURE, "the key has not signed this manifest")


def _file_faults(archive: ZipFile, names: list[str], manifest: Manifest) -> Iterator[PackFault]:
    listed = {packed.path: packed for packed in manifest.files}
    for name in sorted({*names} - {*listed, MANIFEST, SIGNATURE}):
        yield _fault(PackFlaw.EXTRA, name, "the manifest does not name it")
    for name in sorted(name for name in {*names} if names.count(name) > 1):
        yield _fault(PackFlaw.EXTRA, name, "it is there twice")
    for name, packed in listed.items():
        if name not in names:
            yield _fault(PackFlaw.MISSING, name, "the manifest names it, and it is not there")
        elif not _is_unchanged(archive, packed):
            yield _fault(PackFlaw.CHANGED, name, "it is not what was signed")


def _is_unchanged(archive: ZipFile, packed: PackedFile) -> bool:
    digest, size = sha256(), 0
    try:
        with archive.open(packed.path) as file:
            while size <= packed.bytes and (part := file.read(_AT_ONCE)):
                digest.update(part)
                size += len(part)
    except _BROKEN:
        return False
    return (size, digest.hexdigest()) == (packed.bytes, packed.sha256)


def _whole(archive: ZipFile, name: str) -> bytes:
    file: IO[bytes]
    with archive.open(name) as file:
        return file.read(_MOST_BYTES)


def _fault(flaw: PackFlaw, file: str, says: str) -> PackFault:
    return PackFault(flaw=flaw, file=file, says=says)
