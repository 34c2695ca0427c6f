"""Writes docs/account-export.schema.json anew: `python -m tests.services.rights.export_schema`."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.rights.exports import AccountExport

DOCUMENT = Path(__file__).parents[3] / "docs" / "account-export.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `offramp account export` writes."""
    drawn = TypeAdapter(AccountExport).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn}


if __name__ == "__main__":
    DOCUMENT.write_text(json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
