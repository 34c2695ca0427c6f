"""`offramp evidence check`: compares every sealed day of the journal with its entries."""

import typer

from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, out, print_json
from services.evidence import chain_checks


def check(*, as_json: bool) -> None:
    """Show what does not agree; ends with 1 if anything does not."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        found_check = chain_checks.check(session)
    newest = found_check.newest
    if as_json:
        print_json(
            {
                "well": not found_check.faults,
                "days": found_check.days,
                "newest_day": str(newest.day) if newest else None,
                "newest_digest": newest.digest if newest else None,
                "faults": [{"day": str(fault.day), "says": fault.says} for fault in found_check.faults],
            }
        )
    else:
        for fault in found_check.faults:
            out.print(f"{fault.day}: {fault.says}", markup=False)
        agree = "no day is sealed yet" if newest is None else f"the newest is {newest.day}, {newest.digest}"
        out.print(f"{found_check.days} days looked at; {agree}", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.NOT_WELL if found_check.faults else Exit.OK)
