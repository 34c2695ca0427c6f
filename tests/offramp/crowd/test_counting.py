"""How attacks are counted, and what becomes of a crowd in which one has succeeded."""

from collections.abc import Awaitable

import pytest
from rich.console import Console

from offramp.crowd import pictures
from offramp.crowd.attacks import AttackSucceeded
from offramp.crowd.browsers import Surprise
from offramp.crowd.counting import AttackResult, AttackTally, End, LifeReport, Summary, compare
from offramp.crowd.kinds import PersonKind
from offramp.crowd.people import TooSlow
from offramp.crowd.running import play_out
from store import Database
from tests.factories import make_account


async def ends() -> None:
    """A story that goes as it should."""


async def breaks(error: Exception) -> None:
    """A story that an error ends."""
    raise error


def report_of(database: Database, kind: PersonKind) -> LifeReport:
    with database.transaction() as session:
        account = make_account(session)
        return LifeReport(external_id=account.external_id, account_id=account.account_id, kind=kind)


async def played(database: Database, kind: PersonKind, life: Awaitable[None]) -> LifeReport:
    report = report_of(database, kind)
    await play_out(life, report)
    return report


def summary_of(database: Database, *reports: LifeReport) -> Summary:
    return compare(database, reports, seconds=1, waits=[], is_whole=True)


def shown(summary: Summary) -> str:
    console = Console(width=80, record=True)
    console.print(pictures.picture(summary))
    return console.export_text()


async def test_an_attack_whose_story_ends_is_defeated(database: Database) -> None:
    summary = summary_of(database, await played(database, PersonKind.REMOVER, ends()))
    assert summary.attacks == [AttackTally(kind=PersonKind.REMOVER, attackers=1, defeated=1, succeeded=0)]
    assert summary.is_well


async def test_one_attack_that_succeeds_makes_the_crowd_not_well_and_is_told(database: Database) -> None:
    success = breaks(AttackSucceeded("has recovery codes"))
    report = await played(database, PersonKind.CODE_MAKER, success)
    assert (report.end, report.attack) == (End.BROKEN, AttackResult.SUCCEEDED)
    defeated = await played(database, PersonKind.CODE_MAKER, ends())
    summary = summary_of(database, defeated, report)
    assert summary.attacks == [AttackTally(kind=PersonKind.CODE_MAKER, attackers=2, defeated=1, succeeded=1)]
    assert not summary.is_well
    assert "code_maker: the attack succeeded: has recovery codes" in shown(summary)


@pytest.mark.parametrize(
    ("error", "end"), [(Surprise("/sign-in answered 500"), End.BROKEN), (TooSlow(), End.WAITING)]
)
async def test_an_attack_that_came_to_no_end_counts_as_neither(
    database: Database, error: Exception, end: End
) -> None:
    report = await played(database, PersonKind.FLOODER, breaks(error))
    assert (report.end, report.attack) == (end, None)
    [tally] = summary_of(database, report).attacks
    assert (tally.attackers, tally.defeated, tally.succeeded) == (1, 0, 0)


async def test_honest_people_defeat_nobody(database: Database) -> None:
    report = await played(database, PersonKind.SWIFT, ends())
    assert report.attack is None
    summary = summary_of(database, report)
    assert summary.attacks == []
    assert "attacker" not in shown(summary)
