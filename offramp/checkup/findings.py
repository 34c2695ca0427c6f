"""What a check of Offramp found."""

from dataclasses import dataclass
from enum import StrEnum


class Diagnosis(StrEnum):
    """What a check found. A note is worth knowing, but needs no repair."""

    WELL = "well"
    NOTE = "note"
    UNWELL = "unwell"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer of one check."""

    name: str
    verdict: Diagnosis
    detail: str


def well(name: str, detail: str) -> Finding:
    """A finding that all is as it should be."""
    return Finding(name=name, verdict=Diagnosis.WELL, detail=detail)


def note(name: str, detail: str) -> Finding:
    """A finding that is worth knowing, but needs no repair."""
    return Finding(name=name, verdict=Diagnosis.NOTE, detail=detail)


def unwell(name: str, detail: str) -> Finding:
    """A finding that somebody has to mend."""
    return Finding(name=name, verdict=Diagnosis.UNWELL, detail=detail)
