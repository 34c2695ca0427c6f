"""What the doctor says of the release that Temporal gives journeys to."""

from importlib.metadata import version

import pytest
from temporalio.testing import WorkflowEnvironment

from offramp.checkup import release_checks
from offramp.checkup.findings import Diagnosis
from workflows.deployments import NoDeployments

OWN = version("offramp")


@pytest.mark.parametrize(
    ("current", "verdict", "words"),
    [
        (OWN, Diagnosis.WELL, f"given to the workers of {OWN}"),
        (None, Diagnosis.NOTE, "no worker"),
        ("0.0.1", Diagnosis.UNWELL, "an older release's worker has to be upgraded"),
        ("999.0.0", Diagnosis.UNWELL, "this is an older release"),
    ],
)
async def test_a_release_that_is_not_this_one_is_told(
    environment: WorkflowEnvironment,
    monkeypatch: pytest.MonkeyPatch,
    current: str | None,
    verdict: Diagnosis,
    words: str,
) -> None:
    async def answer(_: object) -> str | None:
        return current

    monkeypatch.setattr(release_checks, "current_release", answer)
    finding = await release_checks.release_finding(environment.client)
    assert finding.verdict is verdict
    assert words in finding.detail


async def test_a_server_without_deployments_is_a_note(
    environment: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: object) -> str | None:
        raise NoDeployments("unknown method")

    monkeypatch.setattr(release_checks, "current_release", refuse)
    finding = await release_checks.release_finding(environment.client)
    assert finding.verdict is Diagnosis.NOTE
