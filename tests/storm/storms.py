"""One storm from its beginning to its verdict: faults by the schedule, a crowd meanwhile, and the counts afterwards."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import MessageState, Purpose, Template
from offramp.crowd.counting import COUNTED
from store import Session
from store.desk import cases
from store.journeys import facts
from store.messages.messages import Message
from store.people import journal
from tests.storm.crowds import StormCrowd, gather
from tests.storm.ground import prepared_ground
from tests.storm.lanes import Lanes
from tests.storm.lives import Settler
from tests.storm.schedule import FaultKind, draw
from tests.storm.verdict import ENDED, Counts, Deeds, StormVerdict, Window, judge
from tests.waiting import eventually

Say = Callable[[str], None]

_CALM = 1200.0
"""How many seconds people and messages may take to come to an end when all faults are over.

Whoever has asked for five codes in vain has to wait a quarter of an hour (`Throttle.CODES_PER_ACCOUNT`).
"""

_ONCE = (EventKind.SMS_SUSPENDED, EventKind.SMS_REMOVED)
_COUNTED = frozenset(COUNTED) - {EventKind.SIGN_IN_FAILED, EventKind.SMS_RESTORED}
"""Strangers fail at people's doors, too, and nobody counts how often."""

_OFF = (SmsState.SUSPENDED, SmsState.REMOVED)


@dataclass(frozen=True, kw_only=True)
class StormReport:
    """What a storm came to. `left_out` counts faults that came too late, as everything took longer.

    `skipped` says which kinds could not be made, `untold` whose story came to no end.
    """

    verdict: StormVerdict
    blows: Counter[FaultKind]
    left_out: int
    messages: Counter[MessageState]
    people: int
    deliveries: int
    acknowledged: int
    skipped: Mapping[FaultKind, str]
    untold: Sequence[str]
    held_back: Sequence[str]

    def __str__(self) -> str:
        lines = [
            f"{self.people} people had {self.acknowledged} deeds acknowledged; "
            f"providers took {self.deliveries} messages; {sum(self.blows.values())} faults: "
            + ", ".join(f"{times} {kind}" for kind, times in self.blows.items()),
            "messages: " + ", ".join(f"{times} {state}" for state, times in self.messages.items()),
            *(
                [f"left out, because earlier ones took longer: {self.left_out} faults"]
                if self.left_out
                else []
            ),
            *(f"not tried: {kind}: {why}" for kind, why in self.skipped.items()),
            *(f"without an end: {story}" for story in self.untold),
            *(f"held back by a notice that was lost twice: {external_id}" for external_id in self.held_back),
            str(self.verdict),
        ]
        return "\n".join(lines)


async def blow_over(
    place: Path,
    *,
    seed: int,
    seconds: float,
    people: int,
    on_postgresql: bool = False,
    without: Sequence[FaultKind] = (),
    say: Say = print,
) -> StormReport:
    """Let one storm blow over an Offramp of its own, in an empty folder, and judge what is left of it."""
    async with prepared_ground(place, on_postgresql=on_postgresql) as ground:
        kinds = [kind for kind in FaultKind if kind not in ground.missing and kind not in without]
        blows = draw(seed, seconds=seconds, kinds=kinds)
        say(f"seed {seed}: {len(blows)} faults in {seconds:.0f} s, {people} people")
        for blow in blows:
            say(str(blow))
        lanes = Lanes(ground=ground, blows=blows, seconds=seconds, say=say)
        crowd = gather(ground, people=people, seed=seed, lasts=seconds)
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            faults = tasks.create_task(lanes.fall())
            tasks.create_task(crowd.live(lambda: faults.done() and time.monotonic() > until, _CALM))
        say("calm: waiting for journeys and messages to come to their ends")
        await _until_settled(crowd, say)
        return await _report(crowd, lanes)


async def _until_settled(crowd: StormCrowd, say: Say) -> None:
    """Wait for the journeys of all settlers, and for every message that may go out now. What is late is counted."""

    def is_settled() -> bool:
        with contextlib.closing(crowd.ground.opened()) as database, database.reading() as session:
            return not _waiting(session) and not _standing_still(crowd, session)

    try:
        await eventually(lambda: asyncio.to_thread(is_settled), "all is settled", within=_CALM)
    except AssertionError as late:
        say(str(late))


async def _report(crowd: StormCrowd, lanes: Lanes) -> StormReport:
    ground, windows = crowd.ground, lanes.windows
    _, findings = await ground.offramp("doctor", "--json")
    with contextlib.closing(ground.opened()) as database, database.reading() as session:
        rows = session.exec(select(Message)).all()
        messages = {message.sent_as: MessageState(message.state) for message in rows}
        later = _later(session)
        held_back = _held_back(crowd, session)
        counts = Counts(
            messages={name: state for name, state in messages.items() if name not in later},
            sayable_again={message.sent_as for message in rows if _may_be_said_again(message, windows)},
            deliveries=ground.providers.deliveries,
            deeds=[_deeds(crowd, external_id) for external_id in crowd.diaries],
            journals=_journals(crowd, session),
            windows=windows,
            breaches=_breaches(findings),
            unfinished=[*_unfinished(crowd, session), *_standing_still(crowd, session)],
            locked_out=_locked_out(crowd, session),
            let_in=_let_in(crowd, windows),
        )
    return StormReport(
        verdict=judge(counts),
        blows=Counter(blow.kind for blow in lanes.fallen),
        left_out=len(lanes.left_out),
        messages=Counter(messages.values()),
        people=len(crowd.diaries),
        deliveries=len(counts.deliveries),
        acknowledged=sum(len(times) for deeds in counts.deeds for times in deeds.acknowledged.values()),
        skipped=ground.missing,
        untold=crowd.untold,
        held_back=held_back,
    )


def _may_be_said_again(message: Message, windows: Sequence[Window]) -> bool:
    """Notices that waited in a backup go out; what was written after it is written anew, as journeys come to it."""
    is_newer = any(message.created_at.timestamp() >= window.begins for window in windows)
    return is_newer or message.purpose == Purpose.NOTICE


def _waiting(session: Session) -> list[str]:
    """The messages that have not come to an end, and do not wait for a later time."""
    later = _later(session)
    return [
        message.sent_as
        for message in session.exec(select(Message)).all()
        if message.state not in ENDED and message.sent_as not in later
    ]


def _later(session: Session) -> set[str]:
    now = datetime.now(UTC)
    return {
        message.sent_as
        for message in session.exec(select(Message)).all()
        if message.state == MessageState.QUEUED and message.not_before and message.not_before > now
    }


def _standing_still(crowd: StormCrowd, session: Session) -> list[str]:
    """The settlers whose journeys have not come to their end, although they have done all that was asked."""
    return [
        f"{settler.me.character.external_id}: text-message codes are {state}"
        for settler in crowd.settlers
        if not settler.trouble
        and (state := _sms(crowd, session, settler)) is not SmsState.REMOVED
        and settler.me.character.external_id not in _held_back(crowd, session)
    ]


def _held_back(crowd: StormCrowd, session: Session) -> list[str]:
    """The settlers whose notice was lost twice, so that their passkey proves nothing; support has to see the reason."""
    of_passkeys = select(Message).where(Message.template == Template.PASSKEY_BOUND, col(Message.vouches))
    told = {
        message.account_id
        for message in session.exec(of_passkeys).all()
        if message.state != MessageState.UNKNOWN
    }
    return [
        settler.me.character.external_id
        for settler in crowd.settlers
        if (account_id := crowd.account_ids[settler.me.character.external_id]) not in told
        and _sms(crowd, session, settler) is SmsState.ON
        and cases.draw(session, account_id, now=datetime.now(UTC)).hurdles
    ]


def _sms(crowd: StormCrowd, session: Session, settler: Settler) -> SmsState:
    return facts.read(session, crowd.account_ids[settler.me.character.external_id]).sms


def _deeds(crowd: StormCrowd, external_id: str) -> Deeds:
    """What a person did; that codes end is nobody's deed, and happens once."""
    deeds = crowd.diaries[external_id].deeds
    return Deeds(
        external_id=external_id,
        acknowledged={
            event: times
            for event, times in deeds.acknowledged.items()
            if event in _COUNTED and event not in _ONCE
        },
        unclear={**deeds.unclear, **dict.fromkeys(_ONCE, 1)},
    )


def _journals(crowd: StormCrowd, session: Session) -> dict[str, dict[EventKind, int]]:
    names = {crowd.account_ids[external_id]: external_id for external_id in crowd.diaries}
    recorded: dict[str, dict[EventKind, int]] = {external_id: {} for external_id in crowd.diaries}
    for account_id, happened in journal.counts(session, list(names)).items():
        counted = recorded[names[account_id]]
        for (kind, actor), times in happened.items():
            # A host vouches for an address, too.
            if kind in _COUNTED and (kind != EventKind.EMAIL_VERIFIED or actor == Actor.PERSON):
                counted[EventKind(kind)] = counted.get(EventKind(kind), 0) + times
    return recorded


def _breaches(findings: str) -> dict[str, int]:
    """What `offramp doctor` finds unwell, invariants and all the rest."""
    try:
        told = json.loads(findings)["findings"]
    except (ValueError, KeyError):
        return {f"doctor says {findings[-500:]}": 1}
    return dict(
        Counter(
            f"{finding['name']}: {finding['detail']}" for finding in told if finding["verdict"] == "unwell"
        )
    )


def _unfinished(crowd: StormCrowd, session: Session) -> list[str]:
    """The settlers whose set-up came to no end, and who have their codes meanwhile."""
    return [
        f"{settler.me.character.external_id}: {settler.trouble}"
        for settler in crowd.settlers
        if settler.trouble and _sms(crowd, session, settler) not in _OFF
    ]


def _locked_out(crowd: StormCrowd, session: Session) -> list[str]:
    """The settlers who have no codes any more, and whose passkey has not signed in since all is over."""
    return [
        f"{settler.me.character.external_id}: {settler.trouble}"
        for settler in crowd.settlers
        if settler.trouble and _sms(crowd, session, settler) in _OFF
    ]


def _let_in(crowd: StormCrowd, windows: Sequence[Window]) -> list[str]:
    signed_out = [
        f"{settler.me.character.external_id}: {how}"
        for settler in crowd.settlers
        for at, how in settler.let_in
        if not any(window.begins <= at <= window.ends for window in windows)
    ]
    attacks = [
        f"{intrusion.external_id}: {intrusion.how}"
        for intrusion in crowd.intrusions
        if not any(intrusion.is_explained_by(window) for window in windows)
    ]
    return [*signed_out, *attacks]
