"""`offramp evidence verify`: says whether a pack is genuine, by the public key alone."""

from pathlib import Path
from typing import Any

import typer

from offramp.views.terminal import Exit, fail, out, print_json
from providers.evidence_signatures import NoEvidenceKey
from services.evidence.verifying import PackVerdict
from services.evidence.verifying import verify as verified


def verify(pack: Path, *, key: Path, as_json: bool) -> None:
    """Look at every file. Ends with 1 if the pack is not genuine, and with 2 if pack or key cannot be read."""
    try:
        verdict = verified(pack, key.read_text())
    except (NoEvidenceKey, UnicodeDecodeError) as error:
        fail(f"{key}: {error if isinstance(error, NoEvidenceKey) else 'this is no text'}", Exit.USAGE)
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}", Exit.USAGE)
    if as_json:
        print_json({"genuine": verdict.is_genuine, "faults": verdict.faults, "about": verdict.about})
    else:
        _show(pack, verdict)
    raise typer.Exit(Exit.OK if verdict.is_genuine else Exit.NOT_WELL)


def _show(pack: Path, verdict: PackVerdict) -> None:
    for fault in verdict.faults:
        out.print(f"{fault.file or pack}: {fault.says} ({fault.flaw})", markup=False, soft_wrap=True)
    if verdict.is_genuine:
        out.print(_story(pack, verdict.about), markup=False, soft_wrap=True)
    else:
        out.print(f"{pack} is not genuine.", markup=False, soft_wrap=True)


def _story(pack: Path, about: dict[str, Any]) -> str:
    subject, lines = about["subject"], about["lines"]
    return (
        f"{pack} is genuine: made {about['made_at']} by {about['made_by']} of {about['service']}, about the "
        f"{subject['kind']} {subject['name']}, with {about['accounts']:,} accounts and {lines['journal.ndjson']:,} "
        f"entries of the journal; {lines['chain.ndjson']:,} days are sealed, the newest is {about['newest_day']}"
    )
