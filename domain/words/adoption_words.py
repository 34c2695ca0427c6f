"""Whom the figures of adoption are about, in words that stand beside each figure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Population:
    """Some people, and how many they are. `name` names them without the number, in small letters."""

    name: str
    count: int

    def __str__(self) -> str:
        return f"{self.count:,} {self.name}"


def in_scope(cohort: str, count: int) -> Population:
    """Everybody, or all members of a cohort, people who are held out included."""
    return Population(name=f"members of {cohort}" if cohort else "accounts", count=count)


def on_the_way(count: int) -> Population:
    """People whose journey has started, whether it has ended or not."""
    return Population(name="people on the way", count=count)


def watched(cohort: str, count: int) -> Population:
    """The people whose sign-ins and obstacles are counted: everybody, or those whom a cohort has launched."""
    return Population(name=f"people launched by {cohort}" if cohort else "accounts", count=count)
