"""`offramp cohort diff`: shows what an edit would change, and changes nothing."""

from dataclasses import asdict

import typer
from rich.text import Text

from offramp.clock import clock
from offramp.commands.cohort_descriptions import description_of
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import Exit, note, out, print_json
from services.rollouts import edit_previews
from services.rollouts.cohort_files import parse
from services.rollouts.cohort_portraits import get_by_name
from services.rollouts.edit_previews import EditPreview


def diff(file: str, *, as_json: bool) -> None:
    """Show what an edit would change. Ends with NOT_WELL if the rollout would not take it."""
    description = description_of(file)
    with opened_database(runnable_settings()) as database, database.reading() as session:
        row = get_by_name(session, parse(description).name)
        preview = edit_previews.draw(session, row.cohort_id, description, now=clock())
    if as_json:
        print_json({name: value for name, value in asdict(preview).items() if name != "cohort"})
    else:
        _print(preview)
    if preview.refusal:
        note(f"the rollout would not take it: {preview.refusal}")
        raise typer.Exit(Exit.NOT_WELL)


def _print(preview: EditPreview) -> None:
    if not preview.changes:
        out.print("nothing would change")
        return
    absent = Text("not there", style="dim")
    rows = [(each.label, each.before or absent, each.after or absent) for each in preview.changes]
    out.print(Listing(titles=("field", "now", "then"), rows=rows))
    for effect in preview.effects:
        out.print(Text(f"- {effect}"))
    if preview.then:
        out.print(Text(f"The rollout would then be: {preview.then}."))
