"""Temporal in one thread and in virtual time: real workflows and activities live months in a second, and repeatably.

It keeps no histories, so it shows nothing about replays; the recorded histories do that. It knows what the workflows of
this project use of Temporal, and no more.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from inspect import isawaitable
from types import ModuleType
from typing import Any, NoReturn

import pytest
from temporalio import workflow
from temporalio.testing import ActivityEnvironment

from tests.workflows.virtual_loop import VirtualLoop
from workflows import migration

EVENTS_OF_A_RUN = 100
"""After so many events a workflow is told to continue as new; Temporal says so after some thousands."""

REFUSED_FOR = timedelta(hours=12)
"""When a journey tries again what was refused; it does so each hour otherwise, and months have many."""

TASK, TIMER, ACTIVITY, LOCAL_ACTIVITY = 3, 5, 6, 4
"""Events that one of each makes, with the workflow task that hears of it."""


class Killed(Exception):
    """What becomes of a worker in the middle of an activity."""


class _Continued(BaseException):
    def __init__(self, start: Any) -> None:
        super().__init__()
        self.start = start


@dataclass
class Run:
    """One workflow from its start to its end, with all runs that it continues as."""

    workflow_id: str
    start: Any
    workflow: Any
    instance: Any = None
    events: int = 0
    handlers: int = 0
    is_terminated: bool = False
    task: asyncio.Task[None] | None = None
    parts: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether it runs."""
        return self.task is not None and not self.task.done() and not self.is_terminated

    def end_parts(self) -> None:
        """End what the workflow has begun beside its main task."""
        for part in self.parts - {self.task}:
            part.cancel()

    def is_continue_as_new_suggested(self) -> bool:
        return self.events > EVENTS_OF_A_RUN

    def get_current_history_length(self) -> int:
        return self.events


current_run: ContextVar[Run] = ContextVar("current_run")


def _belonging(loop: Any, coroutine: Any, *, context: Context | None = None) -> asyncio.Task[Any]:
    """A new task, which belongs to the workflow that begins it."""
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, context=context)
    run = (copy_context() if context is None else context).get(current_run)
    if run:
        run.parts.add(task)
        task.add_done_callback(run.parts.discard)
    return task


@dataclass
class PocketTemporal:
    """A server with its only worker. `activities` are by name; `latency` is how long each attempt waits first."""

    loop: VirtualLoop
    activities: dict[str, Callable[..., Any]] = field(default_factory=dict)
    latency: timedelta = timedelta()
    runs: dict[str, Run] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)
    _waiters: list[tuple[Callable[[], bool], Context, asyncio.Future[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop.after_each_turn = self._wake
        self.loop.set_task_factory(_belonging)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let workflows and activities find this in Temporal's place; nothing goes on behind the block."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(asyncio, "to_thread", _at_once)
            for module in _users_of_temporal():
                patched.setattr(module, "workflow", _Workflow(self))
            patched.setattr(migration, "AFTER_REFUSAL", REFUSED_FOR)
            yield
            self.loop.run_until_complete(asyncio.sleep(0))
            while tasks := asyncio.all_tasks(self.loop):
                for task in tasks:
                    task.cancel()
                self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()

    def start(self, run: Run) -> None:
        """Begin to run a workflow."""
        self.runs[run.workflow_id] = run
        run.instance = run.workflow(run.start)
        run.task = self.loop.create_task(self._run(run), context=Context())

    async def _run(self, run: Run) -> None:
        current_run.set(run)
        try:
            while True:
                run.events = TASK
                try:
                    await run.instance.run(run.start)
                except _Continued as continued:
                    run.start = continued.start
                    run.instance = run.workflow(run.start)
                else:
                    return
                finally:
                    run.end_parts()
        except Exception as failure:
            self.failures.append(failure)

    async def execute(self, activity: str, arguments: tuple[Any, ...]) -> Any:
        """Attempt an activity until an attempt is not killed; each knows the last heartbeat of those before it."""
        details: list[Any] = []
        while True:
            await asyncio.sleep(self.latency.total_seconds())
            environment = ActivityEnvironment()
            environment.info = replace(environment.info, heartbeat_details=tuple(details))
            environment.on_heartbeat = lambda *heartbeat: details.__setitem__(slice(None), heartbeat)
            try:
                result = environment.run(self.activities[activity], *arguments)
                return await result if isawaitable(result) else result
            except Killed:
                await asyncio.sleep(1)

    async def wait(self, condition: Callable[[], bool], at_most: timedelta | None) -> None:
        """Wait until a condition holds. Raises TimeoutError."""
        if condition():
            return
        waiter = (condition, copy_context(), self.loop.create_future())
        self._waiters.append(waiter)
        try:
            await asyncio.wait_for(waiter[2], at_most.total_seconds() if at_most is not None else None)
        finally:
            self._waiters.remove(waiter)

    def _wake(self) -> None:
        for condition, context, future in self._waiters:
            if not future.done() and context.run(condition):
                future.set_result(None)


def _users_of_temporal() -> list[ModuleType]:
    """The modules of workflows, and of their parts, that have `temporalio.workflow` under its own name."""
    return [
        module
        for name, module in sys.modules.items()
        if name.startswith("workflows.") and getattr(module, "workflow", None) is workflow
    ]


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """In place of `asyncio.to_thread`: threads would bring another order each time."""
    return function(*arguments)


@dataclass(frozen=True)
class _Workflow:
    """What workflows find in the place of the module `temporalio.workflow`."""

    _temporal: PocketTemporal

    def now(self) -> datetime:
        return self._temporal.loop.now()

    def info(self) -> Run:
        return current_run.get()

    def patched(self, patch: str) -> bool:
        return bool(patch)

    def continue_as_new(self, start: Any) -> NoReturn:
        raise _Continued(start)

    def all_handlers_finished(self) -> bool:
        return not current_run.get().handlers

    async def sleep(self, time: timedelta) -> None:
        current_run.get().events += TIMER
        await asyncio.sleep(time.total_seconds())

    async def wait_condition(
        self,
        condition: Callable[[], bool],
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - so it is called in the library
    ) -> None:
        current_run.get().events += TIMER if timeout is not None else 0
        await self._temporal.wait(condition, timeout)

    async def execute_activity_method(self, method: Any, *one: Any, args: Any = (), **_: Any) -> Any:
        current_run.get().events += ACTIVITY
        return await self._temporal.execute(method.__name__, (*one, *args))

    async def execute_local_activity_method(self, method: Any, *one: Any, args: Any = (), **_: Any) -> Any:
        current_run.get().events += LOCAL_ACTIVITY
        return await self._temporal.execute(method.__name__, (*one, *args))
