"""What is shipped, and what runs before a commit, is all that there is."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
NOT_SHIPPED = {"tests", "benchmarks", "examples"}


def test_every_room_is_shipped_with_its_types() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(shipped) == {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_SHIPPED
    assert [room for room in shipped if not (ROOT / room / "py.typed").is_file()] == []


def test_a_commit_is_checked_by_what_make_check_runs() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe
    checks = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    # A hook is given the files of the commit where `make check` says `.`.
    assert [hook["entry"] for hook in hooks] == [check.removesuffix(" .") for check in checks]
