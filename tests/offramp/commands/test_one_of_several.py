"""One of several processes of pages, started while the database is away."""

from pathlib import Path

import pytest

from offramp.commands import processes
from tests.offramp.conftest import free_port


def test_one_that_finds_the_database_away_ends_calmly_and_is_started_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    address = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/offramp"
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", address)
    with pytest.raises(SystemExit) as leaving:
        processes.one_of_several()
    assert leaving.value.code == 1, "uvicorn takes 3 for a failure that lasts, and stops all"
    said = "".join(capfd.readouterr())
    assert "api_not_started" in said
    assert "Traceback" not in said
