"""Imports a crowd's accounts as a host would, and begins their journeys: at once, or by a cohort's waves."""

import asyncio
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import Refused
from domain.policy import Policy
from domain.ports import Clock
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import Command, Order, Stage
from offramp.crowd.plan import PREFIX, Character
from offramp.orders.journey_starts import Start, Started
from offramp.orders.rollout_orders import RolloutOrders
from offramp.relay.lag import relay_problem
from services.imports.account_files import FileFormat
from services.imports.importing import Import
from services.rollouts.cohort_files import parse
from store import Database
from store.people import accounts
from store.rollouts import cohorts, members

_LOOK_EVERY = 1.0
_BY = "crowd"
_WAVES = ((10, "10 s"), (40, "10 s"), (100, "1 min"))


def first_number(database: Database) -> int:
    """The number of the first person of the next crowd."""
    with database.reading() as session:
        last_id = accounts.last_external_id(session, PREFIX)
    digits = (last_id or "").removeprefix(PREFIX)
    return int(digits) + 1 if digits.isdecimal() else 1


def bring_in(database: Database, clock: Clock, characters: Sequence[Character]) -> dict[str, str]:
    """Import the accounts; returns their account ids by the host's ids."""
    lines = "".join(json.dumps(_row(character, of=characters[0])) + "\n" for character in characters)
    taking = Import(database=database, clock=clock)
    taking.run(io.BytesIO(lines.encode()), FileFormat.NDJSON)
    return find(database, characters)


def find(database: Database, characters: Sequence[Character]) -> dict[str, str]:
    """The account ids of people whose accounts Offramp knows, by the host's ids."""
    with database.reading() as session:
        imported_accounts = [
            accounts.by_external_id(session, character.external_id) for character in characters
        ]
    return {account.external_id: account.account_id for account in imported_accounts if account}


@dataclass(kw_only=True)
class Beginning:
    """The people whose journeys have begun, by the host's ids. People in the holdout are never among them."""

    launched: set[str] = field(default_factory=set)
    is_over: bool = False
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def of(self, external_id: str) -> bool:
        """Wait until a person's journey begins; False if the person is in the holdout and will have none."""
        async with self._news:
            await self._news.wait_for(lambda: self.is_over or external_id in self.launched)
        return external_id in self.launched

    async def tell(self, launched: set[str], *, is_over: bool) -> None:
        """Note who has been launched, and whether everybody has been."""
        async with self._news:
            self.launched |= launched
            self.is_over = is_over
            self._news.notify_all()


async def start_all(start: Start, characters: Sequence[Character], beginning: Beginning) -> None:
    """Start journeys as `offramp journeys start` does, each at the time when its person arrives.

    While the relay is behind, nobody new arrives, so a slow machine takes longer.
    """
    passed, coming = 0.0, list(characters)
    while coming:
        due_characters = [character for character in coming if character.arrives.total_seconds() <= passed]
        await asyncio.to_thread(_start, start, [character.external_id for character in due_characters])
        coming = coming[len(due_characters) :]
        await beginning.tell({character.external_id for character in due_characters}, is_over=not coming)
        await asyncio.sleep(_LOOK_EVERY if coming else 0)
        is_behind = await asyncio.to_thread(_is_behind, start)
        passed += 0 if is_behind else _LOOK_EVERY


async def launch_waves(
    orders: RolloutOrders, cohort: Cohort, characters: Sequence[Character], beginning: Beginning
) -> None:
    """Launch a cohort, and begin each next wave as early as possible, without waiting for the bake."""
    cohort_id = await asyncio.to_thread(orders.launch, cohort, by=_BY, reason="a crowd for looking")
    while not beginning.is_over:
        await asyncio.sleep(_LOOK_EVERY)
        launched, is_over = await asyncio.to_thread(_look, orders.database, cohort_id, characters)
        await beginning.tell(launched, is_over=is_over)
        await asyncio.to_thread(_advance, orders, cohort_id, cohort)


def describe(name: str, policy: Policy, *, first: int, pace: float) -> Cohort:
    """The cohort of the crowd whose first person has the number `first`. Raises InvalidCohort."""
    waves = "\n".join(f'[[waves]]\npercent = {percent}\nbake = "{bake}"' for percent, bake in _WAVES)
    return parse(
        _DESCRIPTION.format(
            name=name, policy=policy.name, first=first, pace=max(round(pace * 60), 1), waves=waves
        )
    )


_DESCRIPTION = """
name = {name!r}
policy = {policy!r}
holdout_percent = 10
pace = {pace}
assess_every = "10 s"

[include.attributes]
crowd = "{first}"

{waves}

[[guardrails]]
metric = "lock_outs"
limit = "2%"
reaction = "notify"

[[guardrails]]
metric = "prompt_failures"
limit = "20%"
reaction = "notify"

[[guardrails]]
metric = "undelivered"
limit = "10%"
reaction = "notify"
"""


def _row(character: Character, *, of: Character) -> dict[str, object]:
    return {
        "external_id": character.external_id,
        "phone": character.phone,
        "email": character.email if character.is_email_known else "",
        "locale": "de" if character.phone.startswith("+49") else "en",
        "risk_tier": character.risk_tier,
        "attributes": {"plan": character.plan, "crowd": str(of.number)},
    }


def _is_behind(start: Start) -> bool:
    with start.database.reading() as session:
        return bool(relay_problem(session, now=start.clock()))


def _start(start: Start, external_ids: Sequence[str]) -> None:
    for _ in start.some(external_ids, Started()):
        pass


def _look(database: Database, cohort_id: str, characters: Sequence[Character]) -> tuple[set[str], bool]:
    """The host's ids of the launched people, and whether they are everybody outside the holdout."""
    with database.reading() as session:
        imported_accounts = [
            accounts.by_external_id(session, character.external_id) for character in characters
        ]
        by_id = {account.account_id: account.external_id for account in imported_accounts if account}
        launched = {by_id[account_id] for account_id in members.cohorts_of(session, list(by_id))}
        held_out = members.size(session, cohort_id, held_out=True)
        to_launch = members.size(session, cohort_id, held_out=False)
    return launched, to_launch + held_out == len(characters) and len(launched) == to_launch


def _advance(orders: RolloutOrders, cohort_id: str, cohort: Cohort) -> None:
    with orders.database.reading() as session:
        where = cohorts.standing(cohorts.get(session, cohort_id))
    if where.stage in (Stage.BAKING, Stage.HOLDING) and where.wave + 1 < len(cohort.waves):
        order = Order(command=Command.ADVANCE, by=_BY, reason="the crowd goes on")
        try:
            orders.give(cohort_id, order)
        except Refused:
            return  # meanwhile the rollout itself has begun the next wave
