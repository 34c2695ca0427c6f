"""How many erased people a figure goes on counting, by what was true of them then. Nobody can be found by it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from store.engine.upserts import insert


class ErasedTally(SQLModel, table=True):
    """People who were alike when they were erased; `likeness` is JSON, with its names sorted."""

    __tablename__ = "erased_tally"

    figure: str = Field(primary_key=True)
    likeness: str = Field(primary_key=True)
    people: int


def add(session: Session, figure: str, likeness: Mapping[str, Any]) -> None:
    """Count one more person who was like that."""
    text = json.dumps(likeness, sort_keys=True)
    row = insert(session, ErasedTally).values(figure=figure, likeness=text, people=1)
    counted = row.on_conflict_do_update(
        index_elements=["figure", "likeness"], set_={"people": col(ErasedTally.people) + 1}
    )
    session.execute(counted)


def read(session: Session, figure: str) -> Iterator[tuple[dict[str, Any], int]]:
    """What was true of erased people, and of how many."""
    query = select(ErasedTally.likeness, ErasedTally.people).where(ErasedTally.figure == figure)
    for likeness, people in session.exec(query.order_by(col(ErasedTally.likeness))):
        yield json.loads(likeness), people
