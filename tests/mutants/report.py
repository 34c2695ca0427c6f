"""Tells which mutants survived, and whether they are too many."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants.mutations import Mutation
from tests.mutants.trials import ALIVE, Fate

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")


def listed() -> list[dict[str, str]]:
    """Mutants that change nothing that anybody could see: `path`, the line as it `was` and `is`, and `because`."""
    entries: list[dict[str, str]] = tomllib.loads(EQUIVALENTS.read_text()).get("equivalent", [])
    return entries


def write(chosen: Sequence[Mutation], fates: Mapping[str, Fate], *, threshold: float, to: Path) -> int:
    """Write the report, and print its last line. Returns 1 if the share of survivors is above the threshold."""
    tried = [each for each in chosen if fates.get(each.key, Fate.NO_CODE) is not Fate.NO_CODE]
    alive = [mutation for mutation in tried if fates[mutation.key] in ALIVE]
    known = {(each["path"], _change(each)) for each in listed()}
    survivors = [each for each in alive if (each.path, _normal(each.diff())) not in known]
    counts = Counter(fates[mutation.key] for mutation in tried)
    even = len(alive) - len(survivors)
    share = len(survivors) / max(len(tried) - even, 1)
    summary = (
        f"{len(tried)} tried, {counts[Fate.KILLED]} killed, {counts[Fate.TIMED_OUT]} without an end, "
        f"{even} equivalent, {len(survivors)} survived: {share:.1%} (at most {threshold:.1%})"
    )
    survivors.sort(key=lambda each: (each.path, each.start))
    parts = [
        f"{each.path}:{each.start[0]} ({each.operator}, {fates[each.key]})\n\n```diff\n{each.diff()}\n```\n"
        for each in survivors
    ]
    to.write_text("\n".join(["# Mutants that survive", summary, "", *parts]))
    print(summary)  # noqa: T201
    return int(share > threshold)


def _change(entry: dict[str, str]) -> str:
    """An entry as a diff; an empty `is` means that the line is gone."""
    return _normal(f"-{entry['was']}" + (f"\n+{entry['is']}" if entry["is"] else ""))


def _normal(diff: str) -> str:
    """A diff without the blanks that the code's depth and the maker of a change put there."""
    return "\n".join(line[:1] + " ".join(line[1:].split()) for line in diff.splitlines())
