"""Shows the summary of a crowd as a table: the counts of people, and in red any other count of the database."""

from rich.console import Group, RenderableType
from rich.text import Text

from domain.journal import EventKind
from domain.words.upkeep_words import LOSSES
from offramp.crowd.counting import AttackTally, End, KindTally, Summary
from offramp.crowd.kinds import apportion
from offramp.views.tables import Cell, Listing

_COLUMNS = {
    "in": (EventKind.SIGNED_IN, EventKind.PASSKEY_SIGNED_IN),
    "failed": (EventKind.SIGN_IN_FAILED, EventKind.CEREMONY_FAILED),
    "mail": (EventKind.EMAIL_VERIFIED,),
    "keys": (EventKind.PASSKEY_BOUND,),
    "tried": (EventKind.PASSKEY_PROVEN,),
    "kept": (EventKind.RECOVERY_CODES_PROVEN,),
    "later": (EventKind.PROMPT_SKIPPED, EventKind.CANNOT_NOW),
    "off": (EventKind.SMS_SUSPENDED,),
    "back": (EventKind.SMS_RESTORED,),
    "gone": (EventKind.SMS_REMOVED,),
    "not me": (EventKind.OBJECTED,),
}
"""The columns fit 80 characters; `docs/crowd.md` says what each column counts."""

_MOST_TROUBLES = 20


def cast(people: int) -> str:
    """The number of people of each kind in a crowd of this size, in a line."""
    return ", ".join(f"{times} {kind}" for kind, times in apportion(people).items() if times)


def picture(summary: Summary) -> RenderableType:
    """The table, and below it whatever is not as it should be."""
    titles = ("who", "people", *_COLUMNS)
    table = Listing(titles=titles, rows=[_cells(row) for row in summary.rows], numbers=titles[1:], gap=1)
    return Group(table, *_attacks(summary), *_losses(summary), *_at_host(summary), *_remarks(summary))


def _attacks(summary: Summary) -> list[RenderableType]:
    """A second table: who attacked, and what became of it."""
    if not summary.attacks:
        return []
    titles = ("attacker", "people", "defeated", "succeeded")
    rows = [
        [tally.kind, str(tally.attackers), str(tally.defeated), _successes(tally)]
        for tally in summary.attacks
    ]
    return [Text(), Listing(titles=titles, rows=rows, numbers=titles[1:])]


def _losses(summary: Summary) -> list[RenderableType]:
    """A further table: who would get in if everybody of the cohort lost something."""
    if not summary.losses:
        return []
    titles = ("if all lost", "get in", "with help", "not at all")
    rows: list[list[Cell]] = [
        [LOSSES[tally.loss], str(tally.alone), str(tally.with_help), str(tally.not_at_all)]
        for tally in summary.losses
    ]
    return [Text(), Listing(titles=titles, rows=rows, numbers=titles[1:])]


def _at_host(summary: Summary) -> list[RenderableType]:
    """A second table: whose codes are off at the host, by themselves and by its own database."""
    tally = summary.at_host
    if tally is None:
        return []
    titles = ("at the host", "people", "off by themselves", "off by its database")
    row: list[Cell] = ["codes", str(tally.people), str(tally.off_by_people), str(tally.off_by_host)]
    remarks = [Text(f"{customer_id}: the host says otherwise", "red") for customer_id in tally.differing]
    return [Text(), Listing(titles=titles, rows=[row], numbers=titles[1:]), *remarks[:_MOST_TROUBLES]]


def _successes(tally: AttackTally) -> Cell:
    return Text(str(tally.succeeded), "bold red") if tally.succeeded else "·"


def _cells(row: KindTally) -> list[Cell]:
    cells: list[Cell] = [row.kind, str(row.people)]
    return cells + [_cell(row, events) for events in _COLUMNS.values()]


def _cell(row: KindTally, events: tuple[EventKind, ...]) -> Text:
    by_people = sum(row.by_people.get(event, 0) for event in events)
    by_database = sum(row.by_database.get(event, 0) for event in events)
    cell = Text(str(by_people) if by_people or by_database else "·")
    return cell if by_people == by_database else cell.append(f" ≠ {by_database}", "bold red")


def _remarks(summary: Summary) -> list[Text]:
    remarks = [Text(f"\n{summary.seconds:.0f} s{_waits(summary)}")]
    waiting_people = sum(row.ends.get(End.WAITING, 0) for row in summary.rows)
    if waiting_people:
        words = "wait for what takes days, or for somebody who vouches for their SIM"
        remarks.append(Text(f"{waiting_people} {words}"))
    if not summary.is_whole:
        remarks.append(Text("Stopped early; the accounts and their journeys are kept", "yellow"))
    troubles = [f"{external_id}, {trouble}" for external_id, trouble in summary.broken.items()]
    troubles += [
        f"{difference.external_id}, {difference.kind}: {difference.event} {difference.by_person} times by themselves, "
        f"{difference.by_database} times in the database"
        for difference in summary.differences
    ]
    remarks += [Text(trouble, "red") for trouble in troubles[:_MOST_TROUBLES]]
    if len(troubles) > _MOST_TROUBLES:
        remarks.append(Text(f"and {len(troubles) - _MOST_TROUBLES} more; --json shows them all", "red"))
    return remarks


def _waits(summary: Summary) -> str:
    if summary.waits is None:
        return ""
    median, slow = summary.waits
    return f"; codes came within {median:.1f} s for one half, {slow:.1f} s for 95 in 100"
