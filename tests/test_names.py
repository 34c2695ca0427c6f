"""One name, one meaning: a public class name stands for one thing in the whole project."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = (
    "domain",
    "store",
    "providers",
    "services",
    "activities",
    "workflows",
    "api",
    "dashboards",
    "offramp",
    "benchmarks",
)


def public_classes() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield node.name, str(file.relative_to(ROOT))


def test_a_public_class_name_occurs_once() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for name, file in public_classes():
        homes[name].append(file)
    assert len(homes) > 300
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}
