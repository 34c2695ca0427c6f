"""How many erased people a figure goes on counting, by what was true of them then. Nobody can be found by it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from store.engine.upserts import insert


class ErasedTally(SQLModel, table=True):
    """People who were alike when they were erased; `likeness` is JSON, with its names sorted."""

    __tablename__ = "erased_tally"

    figure: str = Field(primary_key=True)
    likeness: str = Field(primary_key=True)
    people: int


@dataclass(frozen=True, kw_only=True, order=True)
class Likeness:
    """What was true of somebody, as far as one figure asks; `text` is JSON, with its names sorted."""

    figure: str
    text: str


def likeness(figure: str, facts: Mapping[str, Any]) -> Likeness:
    """What a figure is to go on counting of somebody."""
    return Likeness(figure=figure, text=json.dumps(facts, sort_keys=True))


def add(session: Session, likenesses: Iterable[Likeness]) -> None:
    """Count one more person who was like that.

    Many people share a row, so this comes last in a transaction, and always in one order: erasures then wait for each
    other at most for a moment, and never in a circle.
    """
    for alike in sorted(likenesses):
        row = insert(session, ErasedTally).values(figure=alike.figure, likeness=alike.text, people=1)
        counted = row.on_conflict_do_update(
            index_elements=["figure", "likeness"], set_={"people": col(ErasedTally.people) + 1}
        )
        session.execute(counted)


def read(session: Session, figure: str) -> Iterator[tuple[dict[str, Any], int]]:
    """What was true of erased people, and of how many."""
    query = select(ErasedTally.likeness, ErasedTally.people).where(ErasedTally.figure == figure)
    for text, people in session.exec(query.order_by(col(ErasedTally.likeness))):
        yield json.loads(text), people
