"""Lines of files: all ends and encodings that spreadsheets write; a bad line costs only itself."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.imports.file_lines import LONGEST_LINE, Line, lines_of


class Trickle(io.BytesIO):
    """A file that gives out at most a few bytes at a time, as a pipe may."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size)


def texts(content: bytes) -> list[str | int]:
    """The lines' texts, and the numbers of bad ones."""
    return [line.text if isinstance(line, Line) else line.line for line in lines_of(io.BytesIO(content))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_every_way(end: str) -> None:
    assert texts(f"a{end}b{end}{end}c".encode()) == [f"a{end}", f"b{end}", end, "c"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_have_every_mark_that_spreadsheets_write(encoding: str) -> None:
    assert texts("Jürgen\t😀\r\nb".encode(encoding)) == ["Jürgen\t😀\r\n", "b"]


def test_utf16_may_have_its_bytes_in_either_order() -> None:
    assert texts(b"\xfe\xff" + "ä\nb\n".encode("utf-16-be")) == ["ä\n", "b\n"]


def test_half_a_character_costs_only_its_line() -> None:
    lines = b"\xff\xfe" + "a\n".encode("utf-16-le") + b"\x00\xd8" + "b\nc\n".encode("utf-16-le")
    assert texts(lines) == ["a\n", 2, "c\n"]
    assert texts(lines + b"d") == ["a\n", 2, "c\n", 4]


@pytest.mark.parametrize("end", ["\n", "\r"])
@pytest.mark.parametrize("length", [LONGEST_LINE, 2 * LONGEST_LINE, 5 * LONGEST_LINE])
def test_a_line_that_is_too_long_costs_only_itself(end: str, length: int) -> None:
    assert texts(f"a{end}{'x' * length}{end}b{end}".encode()) == [f"a{end}", 2, f"b{end}"]


def test_a_line_as_long_as_may_be_is_read() -> None:
    line = "x" * (LONGEST_LINE - 1) + "\n"
    assert texts((line + "b").encode()) == [line, "b"]


@given(
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.text(alphabet='ab\r\n"ü', max_size=40),
    st.integers(min_value=1, max_value=5),
)
def test_it_does_not_matter_in_which_pieces_a_file_arrives(mark: bytes, text: str, size: int) -> None:
    content = mark + text.encode()
    whole = list(lines_of(io.BytesIO(content)))
    assert list(lines_of(Trickle(content, size))) == whole
    assert "".join(line.text for line in whole if isinstance(line, Line)) == text


@given(st.text(alphabet="ab\r\n😀", max_size=40), st.integers(min_value=1, max_value=5))
def test_nor_does_it_in_utf16(text: str, size: int) -> None:
    read = list(lines_of(Trickle(text.encode("utf-16"), size)))
    assert read == list(lines_of(io.BytesIO(text.encode())))
