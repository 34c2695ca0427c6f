"""What of an entry is sealed: what an erasure leaves, so that nobody who is forgotten breaks the chain."""

from dataclasses import replace

import pytest

from domain.evidence.entries import NEWEST_RULE, REASON, RULES, EntryRecord, leaf
from domain.journal import Actor, EventKind
from domain.rights.pseudonyms import STAYING, without_person
from tests.clocks import START

ENTRY = EntryRecord(
    entry_id=7,
    account_id="0190",
    version=3,
    kind=EventKind.EXEMPTED,
    actor=Actor.STAFF,
    at=START,
    detail={"rest": "other", "days": 30, "reason": "typed by hand", "by": "sam", "ticket": "T-1"},
)
DETAIL = dict(ENTRY.detail)


def digest_of(entry: EntryRecord) -> bytes:
    return leaf(entry.lasting(NEWEST_RULE))


@pytest.mark.parametrize("rule", RULES)
def test_whatever_is_sealed_stays_when_a_person_is_erased(rule: int) -> None:
    assert RULES[rule] <= STAYING | {REASON}


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("actor", Actor)
def test_an_erasure_changes_no_digest(kind: EventKind, actor: Actor) -> None:
    detail = dict.fromkeys(STAYING, "a word") | {REASON: "no_capable_device", "ticket": "T-1"}
    entry = replace(ENTRY, kind=kind, actor=actor, detail=detail)
    erased = replace(entry, detail=without_person(kind, actor, detail))
    assert erased.detail != entry.detail
    assert digest_of(erased) == digest_of(entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"entry_id": 8},
        {"account_id": "0191"},
        {"version": 4},
        {"kind": EventKind.PAUSED},
        {"actor": Actor.PERSON},
        {"at": START.replace(microsecond=1)},
        {"detail": DETAIL | {"days": 31}},
        {"detail": DETAIL | {"by": "sue"}},
        {"detail": DETAIL | {"together_with": "sue"}},
    ],
)
def test_every_other_change_gives_another_digest(changes: dict[str, object]) -> None:
    assert digest_of(replace(ENTRY, **changes)) != digest_of(ENTRY)  # type: ignore[arg-type]


def test_what_somebody_has_typed_is_in_no_pack() -> None:
    assert ENTRY.lasting(NEWEST_RULE)["detail"] == {"rest": "other", "days": 30, "by": "sam"}
