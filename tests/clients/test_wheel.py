"""The client is a wheel of its own: typed, and with nothing in it that it does not say it needs."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

CLIENT = Path(__file__).parent.parent.parent / "clients" / "python"
MODULES = sorted((CLIENT / "offramp_client").glob("*.py"))


def imported(module: Path) -> set[str]:
    """The packages that a module imports from."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def test_the_client_needs_what_it_says_and_nothing_of_offramp() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"\W", requirement)[0] for requirement in project["dependencies"]}
    packages = set().union(*(imported(module) for module in MODULES))
    assert packages - sys.stdlib_module_names - {"offramp_client"} == needed


def test_the_wheel_has_every_module_and_its_types(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("offramp_client-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"offramp_client/{module.name}" for module in MODULES} | {"offramp_client/py.typed"} <= names
