"""`offramp evidence key` and `rotate-key`: the key by which packs of evidence are signed."""

from pathlib import Path

from domain.staff.reasons import clean_reason
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, fail, note, out, print_json
from offramp.wiring import make_seal
from services.evidence import signing
from services.evidence.signing import PublicEvidenceKey


def show(*, to: Path | None, every: bool, as_json: bool) -> None:
    """Show the key that signs, or all keys, or write the key that signs into a file."""
    settings = runnable_settings()
    with opened_database(settings) as database:
        keys = signing.public_keys(database, make_seal(settings), at=clock())
    shown = keys if every else keys[:1]
    if to is not None:
        _write(to, shown)
    if as_json:
        print_json({"keys": shown})
    elif to is None:
        out.print("".join(key.public for key in shown), end="", markup=False)


def rotate(*, reason: str, by: str) -> None:
    """Make another key. Raises BadReason."""
    settings, why = runnable_settings(), clean_reason(reason)
    with opened_database(settings) as database:
        key = signing.rotate(database, make_seal(settings), on_this_machine(by), reason=why, at=clock())
    out.print(key.public, end="", markup=False)
    note(f"{key.key_id} signs from now on; give this public key to whoever verifies packs.")


def _write(to: Path, keys: list[PublicEvidenceKey]) -> None:
    try:
        to.write_text("".join(key.public for key in keys))
    except OSError as error:
        fail(f"{to} cannot be written: {error.strerror}", Exit.USAGE)
    note(f"Wrote {to}")
