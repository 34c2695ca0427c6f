"""`offramp cohort pause --all`: pauses every rollout, and says of each what became of it."""

from collections.abc import Sequence

import typer

from offramp.commands.cohort_commands import opened_orders
from offramp.views.terminal import Exit, out, print_json
from services.rollouts.pausing import PauseOutcome, Pausing, pause_all

_WORDS = {
    PauseOutcome.PAUSED: "paused",
    PauseOutcome.PAUSED_ALREADY: "paused already",
    PauseOutcome.REFUSED: "not paused",
    PauseOutcome.NO_ANSWER: "no answer",
}


def pause(*, reason: str, by: str, as_json: bool) -> None:
    """Pause all, a line each. The exit code is 0 only if all are paused now."""
    pausings: list[Pausing] = []
    with opened_orders() as orders:
        for pausing in pause_all(orders.database, orders.give, by=by, reason=reason):
            pausings.append(pausing)
            if not as_json:
                out.print(_line(pausing), markup=False, soft_wrap=True)
    if as_json:
        print_json(pausings)
    elif not pausings:
        out.print("no rollout is under way")
    raise typer.Exit(_code(pausings))


def _line(pausing: Pausing) -> str:
    problem = f": {pausing.problem}" if pausing.problem else ""
    return f"{pausing.cohort}: {_WORDS[pausing.outcome]}{problem}"


def _code(pausings: Sequence[Pausing]) -> Exit:
    if any(pausing.outcome is PauseOutcome.NO_ANSWER for pausing in pausings):
        return Exit.UNREACHABLE
    return Exit.OK if all(pausing.is_paused for pausing in pausings) else Exit.NOT_WELL
