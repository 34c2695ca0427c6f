"""Writes docs/openapi.json anew: `python -m tests.api.openapi_document`. It refuses what would break somebody.

`--breaking` writes it all the same; the changelog then says who has to change what.
"""

import json
import sys
from pathlib import Path
from typing import Any

from api.v1 import v1
from tests.api.openapi_changes import breaking_changes

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def served() -> dict[str, Any]:
    """The description as an Offramp serves it."""
    drawn: dict[str, Any] = json.loads(json.dumps(v1().openapi()))
    return drawn


def committed() -> dict[str, Any]:
    """The description that is in the repository."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return document


def text_of(document: dict[str, Any]) -> str:
    """A description as it is written down."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the description; returns the exit code."""
    drawn = served()
    broken = breaking_changes(committed(), drawn) if DOCUMENT.exists() else []
    if broken and "--breaking" not in arguments:
        sys.stderr.write("\n".join(["this would break programs:", *broken]) + "\n")
        return 1
    DOCUMENT.write_text(text_of(drawn))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
