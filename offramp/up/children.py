"""Keeps processes running: prefixes their output, restarts a process that dies, and stops all cleanly."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from offramp.up.process_records import ProcessRecord

LONGEST_LINE = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep running. A child starts when `is_up` of the child before it returns true."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_up: Callable[[], Awaitable[bool]] | None = None


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the supervisor waits before a restart, for a child's start and end, and between looks."""

    first_restart: timedelta = timedelta(seconds=1)
    longest_restart: timedelta = timedelta(seconds=30)
    steady_after: timedelta = timedelta(seconds=30)
    start: timedelta = timedelta(seconds=30)
    stop: timedelta = timedelta(seconds=15)
    look_every: timedelta = timedelta(milliseconds=100)


Say = Callable[[str, str], None]
"""Shows one line of a process. The arguments are the process's name and the line."""


class Supervisor:
    """Runs children until `stop` is called."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        record: ProcessRecord,
        say: Say,
        own_name: str = "up",
        patience: Patience | None = None,
    ) -> None:
        self._children = children
        self._record = record
        self._say = say
        self._own_name = own_name
        self._patience = patience or Patience()
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}

    def stop(self) -> None:
        """Stop all children, the last child first. The second call kills them."""
        if self._stopping.is_set():
            for process in self._running.values():
                _signal(process, signal.SIGKILL)
        self._stopping.set()

    async def run(self) -> None:
        """Keep all children running; returns when all are stopped."""
        keeping: list[tuple[Child, asyncio.Task[None]]] = []
        try:
            for child in self._children:
                if self._stopping.is_set():
                    break
                keeping.append((child, asyncio.create_task(self._keep(child))))
                await self._until_up(child)
            await self._stopping.wait()
        finally:
            self._stopping.set()
            for child, task in reversed(keeping):
                await self._stop_child(child, task)
            self._record.clear()

    async def _until_up(self, child: Child) -> None:
        """Wait until a child is up, but only for `start`: the other children can run without it for a while."""
        if child.is_up is None:
            return
        looking = asyncio.create_task(self._look(child.is_up))
        stopping = asyncio.create_task(self._stopping.wait())
        done, pending = await asyncio.wait(
            (looking, stopping),
            timeout=self._patience.start.total_seconds(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in pending:
            task.cancel()
        if not done:
            self._tell(f"{child.name} is not up yet; going on without it")

    async def _look(self, is_up: Callable[[], Awaitable[bool]]) -> None:
        while True:
            if await is_up():
                return
            await asyncio.sleep(self._patience.look_every.total_seconds())

    async def _keep(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        pause = self._patience.first_restart
        while not self._stopping.is_set():
            started_at = loop.time()
            ending = await self._live(child)
            if self._stopping.is_set():
                return
            if loop.time() - started_at > self._patience.steady_after.total_seconds():
                pause = self._patience.first_restart
            self._tell(f"{child.name} {ending}; starting it again in {pause.total_seconds():g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause.total_seconds())
            pause = min(pause * 2, self._patience.longest_restart)

    async def _live(self, child: Child) -> str:
        """Run a child once, from its start to its end; returns how it ended."""
        try:
            process = await asyncio.create_subprocess_exec(
                *child.command,
                env={**os.environ, **child.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=LONGEST_LINE,
                start_new_session=True,  # only the supervisor gets Ctrl-C, so that it stops its children in order
            )
        except OSError as error:
            return f"cannot be started ({error.strerror})"
        self._running[child.name] = process
        self._record.add(child.name, process.pid)
        await self._pass_on(child.name, process)
        code = await process.wait()
        del self._running[child.name]
        self._record.remove(child.name)
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def _pass_on(self, name: str, process: asyncio.subprocess.Process) -> None:
        """Show the output of a process until the process ends. Its own children may hold the output open for longer."""
        telling = asyncio.create_task(self._tell_lines(name, process.stdout))
        await process.wait()
        await asyncio.wait((telling,), timeout=1)
        telling.cancel()

    async def _tell_lines(self, name: str, output: asyncio.StreamReader | None) -> None:
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:
                line = b"(a line too long to show)\n"
            if not line:
                return
            self._say(name, line.decode(errors="replace").rstrip())

    async def _stop_child(self, child: Child, task: asyncio.Task[None]) -> None:
        if process := self._running.get(child.name):
            _signal(process, signal.SIGTERM)
        done, _ = await asyncio.wait((task,), timeout=self._patience.stop.total_seconds())
        if not done and (process := self._running.get(child.name)):
            self._tell(f"{child.name} does not stop; killing it")
            _signal(process, signal.SIGKILL)
        await task

    def _tell(self, line: str) -> None:
        self._say(self._own_name, line)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
