"""Every link of the documentation leads to a page and a heading that exist, and every path it names is there."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = frozenset(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
ROOMS = frozenset(path.parent.name for path in ROOT.glob("*/__init__.py"))
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(page for folder in (*FOLDERS, ".github") for page in (ROOT / folder).rglob("*.md")),
]

_FENCED = re.compile(r"^ *```.*?^ *```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+?) *$", re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(\w+)/[\w./*-]*")
_DOTTED = re.compile(r"(\w+)(?:\.[A-Za-z_]\w*)+")


@cache
def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", page.read_text())


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them: a heading that comes again gets a number."""
    slugs: list[str] = []
    for heading in _HEADING.findall(prose(page)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        times = sum(1 for other in slugs if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other))
        slugs.append(f"{slug}-{times}" if times else slug)
    return frozenset(slugs)


def is_there(name: str) -> bool:
    """Whether a path of the repository exists; `*` stands for any part of a name."""
    return any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()


def names_code(dotted: str) -> bool:
    """Whether `room.package.module.name` is a package, a module, or a name in a module."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        if place.is_dir():
            return length == len(parts)
        if place.with_suffix(".py").is_file():
            text = place.with_suffix(".py").read_text()
            return all(re.search(rf"\b{name}\b", text) for name in parts[length:])
    return False


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_link_leads_to_a_page_and_a_heading_that_exist(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_path_that_is_named_exists(page: Path) -> None:
    for text in _CODE.findall(prose(page)):
        if (path := _PATH.fullmatch(text)) and path[1] in FOLDERS:
            assert is_there(text), text


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_module_that_is_named_exists(page: Path) -> None:
    for text in _CODE.findall(prose(page)):
        if (dotted := _DOTTED.fullmatch(text)) and dotted[1] in ROOMS:
            assert names_code(text), text


def test_anchors_are_made_as_github_makes_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Where is it decided?\n## `a_b` & [more](x.md)\n## Twice\n## Twice\n```\n# no heading\n```\n"
    )
    assert anchors(page) == {"where-is-it-decided", "a_b--more", "twice", "twice-1"}


def test_every_question_of_the_architecture_names_a_file_that_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text.partition("## Where is it decided?")[2]
    answers = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ")][2:]
    assert len(answers) > 20
    for answer in answers:
        files = [code for code in _CODE.findall(answer) if "/" in code]
        assert files, answer
        assert all(is_there(file) for file in files), answer
