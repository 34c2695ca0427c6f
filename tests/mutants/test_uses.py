"""A change of a constant meets the tests of the lines that read it."""

from pathlib import Path

from tests.mutants.mutations import ROOT
from tests.mutants.uses import uses


def line_of(path: str, text: str) -> int:
    """The only line of a module that begins with a text."""
    (found,) = [number for number, line in enumerate(read(path), start=1) if line.lstrip().startswith(text)]
    return found


def read(path: str) -> list[str]:
    return (ROOT / path).read_text().splitlines()


def lines_that_use(path: str, text: str) -> dict[str, list[str]]:
    """What reads the line of a module that begins with a text: the lines by the file's name."""
    at = line_of(path, text)
    found: dict[str, list[str]] = {}
    for used_in, line in uses(path, range(at, at + 1)):
        found.setdefault(Path(used_in).stem, []).append(read(used_in)[line - 1])
    return found


def test_a_constant_is_used_where_another_module_imports_it() -> None:
    found = lines_that_use("domain/codes.py", "DEVICE_SESSION_LIFETIME =")
    assert any("DEVICE_SESSION_LIFETIME" in line for line in found["visits"])


def test_a_constant_that_makes_another_is_used_where_the_other_is() -> None:
    found = lines_that_use("domain/host/nights.py", "FIRST_HOUR, HOURS =")
    assert found
    assert all("FIRST_HOUR" in line or "HOURS" in line for lines in found.values() for line in lines)


def test_a_row_of_a_table_is_used_where_the_table_is_read() -> None:
    found = lines_that_use("domain/safety/throttle.py", "Throttle.CODES_PER_ACCOUNT: ")
    assert any("LIMITS[" in line for line in found["throttles"])


def test_a_default_is_used_where_its_class_is_made() -> None:
    found = lines_that_use("store/messages/lanes.py", "handed: int = 0")
    assert any("handed" in line for line in found["lanes"])


def test_a_module_that_imports_nothing_of_it_does_not_count_though_it_has_the_name() -> None:
    assert "webhooks" not in lines_that_use("domain/codes.py", "SESSION_LIFETIME =")
