"""Changes that would break running workflows are noticed: each is made to the code here, and some replay must fail."""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.workflows.replays.replaying import HISTORIES, replay

WORKFLOWS = ("workflows.migration", "workflows.rollout", "workflows.recovery")


@dataclass(frozen=True, kw_only=True)
class Sabotage:
    """A change of the code: in each module, a text and what stands there instead; `between` use these modules.

    `noticed_by` are recorded histories of workflows that the change would break, by the beginnings of their names.
    """

    changes: Mapping[str, tuple[str, str]]
    between: Sequence[str] = ()
    noticed_by: Sequence[str] = field(default_factory=tuple)


NONE = Sabotage(
    changes={"workflows.migration": ("weeks", "months")}, noticed_by=["0.1.0-happy", "0.1.0-rollout-to"]
)

SABOTAGES = {
    "a new field of a cohort without a default": Sabotage(
        changes={
            "domain.rollouts.cohorts": (
                "    name: str\n    include: Who",
                "    name: str\n    tone: str\n    include: Who",
            )
        },
        between=["workflows.rollout_input"],
        noticed_by=["0.1.0-rollout-to-the-end"],
    ),
    "a renamed update": Sabotage(
        changes={
            "workflows.rollout": (
                "    @workflow.update\n    async def command",
                "    @workflow.update(name='order')\n    async def command",
            )
        },
        noticed_by=["0.1.0-rollout-given-orders"],
    ),
    "a renamed signal": Sabotage(
        changes={"workflows.migration": ("    @workflow.signal\n", "    @workflow.signal(name='facts')\n")},
        noticed_by=["0.1.0-happy"],
    ),
    "watching before enrolment": Sabotage(
        changes={
            "workflows.rollout": (
                "        await self._enrol()\n        self._beside = [\n"
                "            asyncio.create_task(self._assess_regularly()),\n"
                "            asyncio.create_task(self._renew_policies()),\n        ]\n",
                "        self._beside = [\n"
                "            asyncio.create_task(self._assess_regularly()),\n"
                "            asyncio.create_task(self._renew_policies()),\n        ]\n        await self._enrol()\n",
            )
        },
        noticed_by=["0.1.0-rollout-to-the-end"],
    ),
    "quiet hours ignored": Sabotage(
        changes={"domain.messages.cadence": ("    if not _quiet(local, policy):", "    if True:")},
        between=["domain.journey"],
        noticed_by=["0.2.0-kept-out-of-the-night"],
    ),
    "no jitter": Sabotage(
        changes={"domain.messages.cadence": ("policy.jitter * (share / 2**32)", "policy.jitter * 0")},
        between=["domain.journey"],
        noticed_by=["0.2.0-spread-by-jitter"],
    ),
    "cooling-off ignored": Sabotage(
        changes={
            "domain.journey": ("    wait = policy.cooling_off\n", "    wait = policy.cooling_off * 0\n")
        },
        noticed_by=["0.1.0-rooted-in-sms"],
    ),
    "continue-as-new of journeys dropped": Sabotage(
        changes={
            "workflows.migration": (
                "if workflow.info().is_continue_as_new_suggested() and not self._is_restored():",
                "if not self._account_id:",
            )
        },
        noticed_by=["0.2.0-continued-as-new"],
    ),
    "continue-as-new of rollouts dropped": Sabotage(
        changes={
            "workflows.rollout": (
                "    from workflows.history_length import is_history_long\n",
                "    is_history_long = bool  # never, at both places: a loop without end ends in a random state\n",
            )
        },
        noticed_by=["0.1.0-rollout-continued-1"],
    ),
    "what the database knows ignored": Sabotage(
        changes={
            "workflows.rollout_memory": (
                "        self.standing, self.cohort = written.standing, written.cohort\n",
                "        self.cohort = written.cohort\n",
            )
        },
        noticed_by=["0.2.0-rollout-aborted-in-the-database", "0.2.0-rollout-behind-in-a-launch"],
    ),
    "policy changes heeded late": Sabotage(
        changes={
            "workflows.migration": (
                "            await self._heed_policy_changes()\n            next_plan = self._plan()\n",
                "            next_plan = self._plan()\n            await self._heed_policy_changes()\n",
            )
        },
        noticed_by=["0.1.0-told-dates", "0.2.0-given-other-reminders"],
    ),
    "a rest of support's ignored": Sabotage(
        changes={"domain.journey": ("facts.rests_until, facts.extended_until)", "facts.extended_until)")},
        noticed_by=["0.2.0-rested-by-support"],
    ),
    "an extension of support's ignored": Sabotage(
        changes={"domain.journey": ("facts.rests_until, facts.extended_until)", "facts.rests_until)")},
        noticed_by=["0.2.0-extended-by-support"],
    ),
    "a hold ignored": Sabotage(
        changes={
            "domain.journey": (
                "    if facts.held_since or facts.disputed_since:",
                "    if facts.disputed_since:",
            )
        },
        noticed_by=["0.2.0-held-with-its-cohort"],
    ),
    "an objection ignored": Sabotage(
        changes={
            "domain.journey": ("(milestone is not None or facts.disputed_since)", "(milestone is not None)")
        },
        noticed_by=["0.2.0-disputed-in-probation"],
    ),
    "a recovery that is not told of half-way": Sabotage(
        changes={
            "domain.recovery": (
                "RecoveryStage.WAITING if state.tells_again_at:",
                "RecoveryStage.WAITING if not state:",
            )
        },
        noticed_by=["0.2.0-recovery-opened", "0.2.0-recovery-stopped"],
    ),
    "a recovery whose other moment is not heard": Sabotage(
        changes={
            "workflows.recovery": (
                "        if state.supersedes(self._state):",
                "        if state.stage is not self._state.stage:",
            )
        },
        noticed_by=["0.2.0-recovery-hastened"],
    ),
    "a missed notice ignored": Sabotage(
        changes={
            "domain.journey": ("SmsState.NOTICE and facts.notice_missed:", "SmsState.NOTICE and not facts:")
        },
        noticed_by=["0.2.0-missed-everything"],
    ),
}


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES)
async def test_a_change_that_would_break_running_workflows_is_noticed(
    sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflows = _workflows_after(sabotage, monkeypatch)
    for beginning in sabotage.noticed_by:
        assert await _fails(beginning, workflows), f"{beginning} replays all the same"


async def test_a_change_of_words_alone_is_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    workflows = _workflows_after(NONE, monkeypatch)
    for beginning in NONE.noticed_by:
        assert not await _fails(beginning, workflows)


async def _fails(beginning: str, workflows: list[type]) -> bool:
    recorded = sorted(HISTORIES.glob(f"{beginning}*.json"))
    assert recorded, f"no history begins with {beginning}"
    for history in recorded:
        try:
            await replay(history, workflows=workflows, runner=UnsandboxedWorkflowRunner())
        except Exception:
            return True
    return False


def _workflows_after(sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """All workflows, with all modules anew that the change concerns."""
    modules = {
        **dict.fromkeys(sabotage.changes),
        **dict.fromkeys(sabotage.between),
        **dict.fromkeys(WORKFLOWS),
    }
    for name in modules:
        old, new = sabotage.changes.get(name, ("", ""))
        _change(monkeypatch, name, old, new)
    return [
        sys.modules["workflows.migration"].MigrationWorkflow,
        sys.modules["workflows.rollout"].RolloutWorkflow,
        sys.modules["workflows.recovery"].RecoveryWorkflow,
    ]


def _change(monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    """Put a module in the place of another that differs in one text."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert spec.loader is not None
    source = spec.loader.get_source(name)  # type: ignore[attr-defined]
    if old:
        assert source.count(old) == 1, f"{name} holds {old!r} {source.count(old)} times"
        source = source.replace(old, new)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(source, spec.origin, "exec"), module.__dict__)
