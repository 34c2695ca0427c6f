"""The supervisor, with real processes: what it says, starts again, stops, and leaves behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from offramp.up.children import Child, Patience, Supervisor
from offramp.up.process_records import AlreadyRunning, ProcessRecord, only_one
from tests.waiting import eventually, wait_until

QUICK = Patience(
    first_restart=timedelta(milliseconds=20),
    longest_restart=timedelta(milliseconds=80),
    start=timedelta(seconds=10),
    stop=timedelta(seconds=10),
    look_every=timedelta(milliseconds=5),
)
STAYS = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('here', flush=True)
time.sleep(600)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))
print('here', flush=True)
time.sleep(600)
"""


def python(name: str, program: str) -> Child:
    return Child(name=name, command=(sys.executable, "-c", program))


class Kept:
    """A supervisor under test, and what it has said."""

    def __init__(self, path: Path, *children: Child, patience: Patience = QUICK) -> None:
        self.lines: list[tuple[str, str]] = []
        self.path = path
        self.supervisor = Supervisor(
            children,
            record=ProcessRecord(path),
            say=lambda name, line: self.lines.append((name, line)),
            patience=patience,
        )

    def times(self, line: str) -> int:
        return sum(said == line for _, said in self.lines)

    def said(self, part: str) -> bool:
        return any(part in line for _, line in self.lines)

    def pid(self, name: str) -> int:
        return int(ProcessRecord(self.path)._entries()[name]["pid"])


@asynccontextmanager
async def kept(path: Path, *children: Child, patience: Patience = QUICK) -> AsyncIterator[Kept]:
    keeping = Kept(path, *children, patience=patience)
    running = asyncio.create_task(keeping.supervisor.run())
    try:
        yield keeping
    finally:
        keeping.supervisor.stop()
        await asyncio.wait_for(running, 30)


async def test_what_children_say_comes_with_their_names(tmp_path: Path) -> None:
    program = "import sys; print('to out'); print('to err', file=sys.stderr); import time; time.sleep(600)"
    child = Child(name="a", command=(sys.executable, "-c", program), environment={"PYTHONUNBUFFERED": "1"})
    async with kept(tmp_path / "up.json", child) as keeping:
        await eventually(lambda: {("a", "to out"), ("a", "to err")} <= {*keeping.lines}, "both lines")


async def test_a_line_too_long_or_in_no_encoding_does_no_harm(tmp_path: Path) -> None:
    program = r"""
import sys, time
sys.stdout.buffer.write(b'x' * 1_000_000 + b'\n\xff\xfe\nafter\n')
sys.stdout.flush()
time.sleep(600)
"""
    async with kept(tmp_path / "up.json", python("a", program)) as keeping:
        await eventually(lambda: keeping.said("after"), "the line after the long one")


async def test_a_killed_child_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    async with kept(tmp_path / "up.json", python("a", STAYS)) as keeping:
        await eventually(lambda: keeping.times("here") == 1, "the first start")
        os.kill(keeping.pid("a"), signal.SIGKILL)
        await eventually(lambda: keeping.times("here") == 2, "the second start")
        assert ("up", "a was killed by SIGKILL; starting it again in 0.02 s") in keeping.lines


async def test_a_child_is_started_again_while_the_disk_has_no_room_for_its_record(tmp_path: Path) -> None:
    (tmp_path / "up.draft").mkdir()  # nothing can be written there, whoever tries
    async with kept(tmp_path / "up.json", python("a", "raise SystemExit(3)")) as keeping:
        await eventually(
            lambda: keeping.times("a ended with code 3; starting it again in 0.08 s") >= 1, "a restart"
        )


async def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    async with kept(tmp_path / "up.json", python("a", "raise SystemExit(3)")) as keeping:
        await eventually(
            lambda: keeping.times("a ended with code 3; starting it again in 0.08 s") >= 2, "the cap"
        )
    pauses = [line.split()[-2] for _, line in keeping.lines]
    assert pauses[:3] == ["0.02", "0.04", "0.08"]


async def test_a_command_that_is_not_there_is_said_and_tried_again(tmp_path: Path) -> None:
    async with kept(tmp_path / "up.json", Child(name="a", command=("/nowhere/at/all",))) as keeping:
        await eventually(lambda: keeping.said("a cannot be started (No such file or directory)"), "the word")


async def test_children_start_in_order_each_when_the_one_before_is_up(tmp_path: Path) -> None:
    marker = tmp_path / "up"

    async def is_up() -> bool:
        return marker.exists()

    first = Child(name="first", command=python("first", STAYS).command, is_up=is_up)
    async with kept(tmp_path / "up.json", first, python("second", STAYS)) as keeping:
        await eventually(lambda: ("first", "here") in keeping.lines, "the first")
        assert ("second", "here") not in keeping.lines
        marker.touch()
        await eventually(lambda: ("second", "here") in keeping.lines, "the second")


async def test_a_child_that_does_not_come_up_does_not_hold_the_others_for_ever(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    first = Child(name="first", command=python("first", STAYS).command, is_up=never)
    hasty = Patience(start=timedelta(milliseconds=50), look_every=timedelta(milliseconds=5))
    async with kept(tmp_path / "up.json", first, python("second", STAYS), patience=hasty) as keeping:
        await eventually(lambda: ("second", "here") in keeping.lines, "the second")
        assert keeping.said("first is not up yet")


async def test_stopping_asks_politely_the_last_one_first(tmp_path: Path) -> None:
    children = (python("first", POLITE), python("second", POLITE))
    async with kept(tmp_path / "up.json", *children) as keeping:
        await eventually(lambda: keeping.times("here") == 2, "both")
    assert keeping.lines[-2:] == [("second", "bye"), ("first", "bye")]
    assert not keeping.path.exists()


async def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    hasty = Patience(stop=timedelta(milliseconds=50))
    async with kept(tmp_path / "up.json", python("a", STUBBORN), patience=hasty) as keeping:
        await eventually(lambda: keeping.times("here") == 1, "the child")
        pid = keeping.pid("a")
    assert keeping.said("a does not stop; killing it")
    assert not psutil.pid_exists(pid)


async def test_being_asked_twice_kills_at_once(tmp_path: Path) -> None:
    async with kept(tmp_path / "up.json", python("a", STUBBORN)) as keeping:
        await eventually(lambda: keeping.times("here") == 1, "the child")
        keeping.supervisor.stop()
        keeping.supervisor.stop()
    assert not keeping.said("does not stop")


def test_what_a_killed_supervisor_leaves_behind_is_stopped_by_the_next(tmp_path: Path) -> None:
    with left_behind(POLITE, tmp_path / "up.json") as process:
        assert ProcessRecord(tmp_path / "up.json").stop_leftovers() == ["a"]
        assert process.stdout is not None
        assert process.stdout.read() == b"bye\n"
    assert ProcessRecord(tmp_path / "up.json").stop_leftovers() == []


def test_a_leftover_that_ignores_the_word_is_killed(tmp_path: Path) -> None:
    with left_behind(STUBBORN, tmp_path / "up.json") as process:
        assert ProcessRecord(tmp_path / "up.json").stop_leftovers(timedelta(milliseconds=50)) == ["a"]
        assert not psutil.pid_exists(process.pid)


@contextmanager
def left_behind(program: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running process that is on record, and whose supervisor is gone."""
    command = (sys.executable, "-c", program)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ProcessRecord(path).add("a", process.pid)
        yield process


def test_another_process_that_has_got_the_pid_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "up.json"
    path.write_text(f'{{"a": {{"pid": {os.getpid()}, "created_at": 1.0}}}}')
    assert ProcessRecord(path).stop_leftovers() == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', '{"a": {"pid": "x", "created_at": 1}}'])
def test_a_damaged_record_does_no_harm(tmp_path: Path, content: str) -> None:
    path = tmp_path / "up.json"
    path.write_text(content)
    assert ProcessRecord(path).stop_leftovers() == []


def test_there_is_one_at_a_time_in_a_home(tmp_path: Path) -> None:
    refusal = rf"\(pid {os.getpid()}\) runs in {tmp_path}"
    with only_one(tmp_path), pytest.raises(AlreadyRunning, match=refusal), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


async def test_a_killed_one_does_not_keep_the_next_from_running(tmp_path: Path) -> None:
    program = f"""
import pathlib, time
from offramp.up.process_records import only_one
with only_one(pathlib.Path({str(tmp_path)!r})):
    print('here', flush=True)
    time.sleep(600)
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    with pytest.raises(AlreadyRunning), only_one(tmp_path):
        pass
    process.kill()
    await process.wait()
    wait_until(lambda: _free(tmp_path), "the lock is free")
    await process.stdout.read()


def _free(home: Path) -> bool:
    try:
        with only_one(home):
            return True
    except AlreadyRunning:
        return False
