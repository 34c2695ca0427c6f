"""Describes the contacts of a case, and what became of its messages, for the terminal."""

from activities.gates import WaitsFor
from domain.desk.cases import ContactLine, MessageLine
from domain.messages.messages import NOT_ARRIVED
from domain.words.desk_words import shared_with
from offramp.views.terminal import moment
from store.messages.gathering import GATHERING

_HOLD_UPS: dict[str, str] = {
    WaitsFor.QUIET_HOURS: "the end of the quiet hours",
    GATHERING: "more changes to tell of",
    WaitsFor.PROVIDER: "its provider, which is in trouble",
    WaitsFor.SWITCH: "nudges, which are stopped for this person",
}


def contact(line: ContactLine) -> str:
    """A contact, masked, and its problem if it has one."""
    problems = [shared_with(line.shared_with)] if line.shared_with else []
    if line.fault and line.since:
        problem = "nothing arrives there" if line.fault in NOT_ARRIVED else "no reminders wanted"
        problems.append(f"{problem} since {moment(line.since)}: {_worded(line.fault)}, {line.reason}")
    return f"{line.masked} ({'; '.join(problems)})" if problems else line.masked


def message_state(line: MessageLine) -> str:
    """The state of a message, what it waits for, and what its provider has reported."""
    description = f"{line.state} ({line.reason})" if line.reason else line.state
    if line.waits_for:
        until = f" until {moment(line.not_before)}" if line.not_before else ""
        description += f", waits for {_HOLD_UPS.get(line.waits_for, line.waits_for)}{until}"
    if line.fate and line.fate_at:
        description += f", {_worded(line.fate)} at {moment(line.fate_at)}"
    return description


def _worded(fate: str) -> str:
    return fate.replace("_", " ")
