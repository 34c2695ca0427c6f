"""Reads a file's lines, however its program ended and encoded them. A bad line costs only itself."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_LINE = 64 * 1024
_CHUNK = 64 * 1024
_ENDS = (b"\n", b"\r")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line with its end, and its number."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """A line that cannot be used, and why; the reason holds no personal data."""

    line: int
    reason: str


def lines_of(file: BinaryIO) -> Iterator[Line | BadLine]:
    """The lines of a file in UTF-8, or in UTF-16 with its mark; they end by LF, CR LF, or CR."""
    for number, raw in enumerate(_split(_in_utf8(file)), start=1):
        if len(raw) > LONGEST_LINE:
            yield BadLine(line=number, reason=f"the line is longer than {LONGEST_LINE // 1024} KiB")
        else:
            yield _decoded(number, raw)


def _in_utf8(file: BinaryIO) -> Iterator[bytes]:
    """The file's bytes without its mark. Spreadsheets save "Unicode text" as UTF-16."""
    start = b""
    # A stream may come in pieces of any length; the mark is not always in the first one.
    while len(start) < len(codecs.BOM_UTF8) and (chunk := file.read(_CHUNK)):
        start += chunk
    encoding = _UTF16.get(start[:2])
    if encoding is None:
        yield start.removeprefix(codecs.BOM_UTF8)
        while chunk := file.read(_CHUNK):
            yield chunk
        return
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    # Half a character becomes bytes that are no UTF-8, and so the fault of its own line.
    yield decoder.decode(start[2:]).encode("utf-8", "surrogatepass")
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    rest, _ = decoder.getstate()
    yield b"\xff" if rest else b""


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with their ends. Of a line that is too long, only its beginning, which is too long as well."""
    rest = b""
    for chunk in chunks:
        # The last line is kept back: the next chunk may go on with it, or hold the LF of its CR.
        *whole, rest = (rest + chunk).splitlines(keepends=True) or [b""]
        yield from whole
        if not rest.endswith(_ENDS):
            rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield rest


def _decoded(number: int, raw: bytes) -> Line | BadLine:
    if b"\0" in raw:
        return BadLine(line=number, reason="the line contains a NUL byte")
    try:
        return Line(number=number, text=raw.decode())
    except UnicodeDecodeError as error:
        return BadLine(line=number, reason=f"the line is not UTF-8 (byte {error.start + 1})")
