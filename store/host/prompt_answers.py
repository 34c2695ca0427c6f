"""Which answers to prompts were taken already: a host may tell each twice. It names no account."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col

from domain.prompts import PromptAnswer
from store.engine.types import Instant
from store.engine.upserts import insert


class TakenAnswer(SQLModel, table=True):
    """One answer to one prompt. `asked_at` is when the prompt was asked for, and for how long it can be answered."""

    __tablename__ = "prompt_answer"

    prompt: str = Field(primary_key=True)
    answer: str = Field(primary_key=True)
    asked_at: datetime = Field(sa_type=Instant, index=True)


def claim(session: Session, prompt: str, answer: PromptAnswer, *, asked_at: datetime) -> bool:
    """Whether this is the first time that a prompt is answered so; from now on it is not."""
    row = insert(session, TakenAnswer).values(prompt=prompt, answer=answer, asked_at=asked_at)
    taken = row.on_conflict_do_nothing(index_elements=["prompt", "answer"])
    return session.execute(taken.returning(col(TakenAnswer.prompt))).first() is not None
