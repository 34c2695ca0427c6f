"""Help and version are quick, for they import nothing that they do not need."""

import subprocess
import sys

import pytest

from offramp.usage.table import COMMANDS
from store import Database

SLOW = {"fastapi", "temporalio", "sqlalchemy", "alembic", "twilio", "sendgrid", "jinja2", "phonenumbers"}
MODULES = sorted({f"offramp.usage.{module}" for module, _ in COMMANDS.values()})
READING = (
    "account",
    "audit",
    "case",
    "cohort",
    "cohort_passed_over",
    "cohort_plan",
    "journeys",
    "objections",
    "staff",
    "staff_keys",
)
RUN = """
import sys
from offramp.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
IMPORT = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(name)
print(*sys.modules, file=sys.stderr)
"""


def loaded(program: str, *arguments: str) -> set[str]:
    """The modules that a process has loaded in the end."""
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_slow_and_no_command(option: str) -> None:
    modules = loaded(RUN, option)
    assert "offramp.cli" in modules
    assert modules & {*SLOW, *MODULES, "pydantic"} == set()


def test_the_help_of_no_command_needs_anything_slow() -> None:
    modules = loaded(IMPORT, *MODULES)
    assert set(MODULES) <= modules
    assert modules & SLOW == set()


def test_what_commands_do_with_the_database_needs_neither_temporal_nor_the_pages_nor_providers() -> None:
    modules = loaded(IMPORT, *(f"offramp.commands.{name}" for name in READING))
    assert "sqlalchemy" in modules
    assert modules & SLOW == {"sqlalchemy"}


def test_a_database_at_the_newest_revision_is_opened_without_its_migrations(home_database: Database) -> None:
    modules = loaded(RUN, "staff", "list")
    assert modules & SLOW == {"sqlalchemy"}
