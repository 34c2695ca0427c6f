"""A folder in which a pack is written file by file, and becomes a manifest and a zip in which nothing is by chance."""

import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain.evidence.canonical import canonical, canonical_without_contacts
from domain.evidence.packs import PackedFile
from domain.masking import without_contacts

_PAST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can name: what is in it says when it was made."""

_OWNER_ALONE = 0o100600 << 16
_LEVEL = 6


class PackFolder:
    """Files that are being written, and how many lines each has. Addresses that a text repeats are left out."""

    def __init__(self, path: Path, lines: Iterable[str]) -> None:
        self._path = path
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {
            name: self._open.enter_context((path / name).open("wb")) for name in lines
        }
        self.counts = dict.fromkeys(self._files, 0)

    def add(self, name: str, lines: Iterable[Any]) -> None:
        """Add lines to a file, each a value."""
        self._write(name, map(canonical_without_contacts, lines))

    def add_as_is(self, name: str, lines: Iterable[Any]) -> None:
        """The same for lines of which digests are made, and that hold no address."""
        self._write(name, map(canonical, lines))

    def _write(self, name: str, lines: Iterable[bytes]) -> None:
        file = self._files[name]
        for line in lines:
            file.write(line + b"\n")
            self.counts[name] += 1

    def put(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        (self._path / name).write_bytes(content)

    def put_page(self, name: str, page: str) -> None:
        """Write a page, without addresses and numbers, too."""
        self.put(name, without_contacts(page).encode())

    def put_value(self, name: str, value: Any) -> None:
        """Write one value as a file of its own."""
        self.put(name, canonical_without_contacts(value) + b"\n")

    def close(self) -> None:
        """Write what is not on the disk yet."""
        self._open.close()

    def files(self) -> tuple[PackedFile, ...]:
        """All files that there are, by their names."""
        return tuple(_packed(path) for path in sorted(self._path.iterdir()))

    def zip_into(self, file: BinaryIO) -> None:
        """Write all files into a zip, by their names. The same files give the same bytes."""
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            for path in sorted(self._path.iterdir()):
                entry = ZipInfo(path.name, _PAST)
                entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, _OWNER_ALONE, 3
                with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)


def _packed(path: Path) -> PackedFile:
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    return PackedFile(path=path.name, bytes=path.stat().st_size, sha256=sha256)
