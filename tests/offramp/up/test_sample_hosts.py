"""A sample host is a folder with a program and settings, and runs beside `offramp up`."""

import os
from pathlib import Path

import pytest

from offramp.config.settings import NotConfigured, Settings
from offramp.up.sample_hosts import sample_host

ROOT = Path(__file__).parents[3]
FOLDERS = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("examples/*/settings.env"))


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a sample host sets is taken back after each test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ.pop("SHOP_PORT", None)


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_every_sample_host_has_a_program_and_settings_that_offramp_knows(folder: Path) -> None:
    before = set(os.environ)
    host = sample_host(folder)
    assert host.address == "http://localhost:8500/sign-in"
    names = {f"OFFRAMP_{name.upper()}" for name in Settings.model_fields} | {"SHOP_PORT"}
    assert set(os.environ) - before <= names
    assert (ROOT / folder / "populate.py").is_file()


def test_there_is_one_for_either_way() -> None:
    assert [folder.name for folder in FOLDERS] == ["hosted", "orchestrated"]


def test_the_environment_has_its_way(tmp_path: Path) -> None:
    os.environ["SHOP_PORT"] = "8765"
    host = sample_host(Path("examples/hosted"))
    child = host.child(Settings(home=tmp_path))
    assert host.port().number == 8765
    assert child.environment["SHOP_PORT"] == "8765"
    assert child.environment["SHOP_HOME"] == str(tmp_path / "examples-hosted")
    assert child.command[1:] == ("-m", "examples.hosted")


@pytest.mark.parametrize("folder", ["docs", "examples/shop", "nowhere", "/tmp"])
def test_any_other_folder_is_refused(folder: str) -> None:
    with pytest.raises(NotConfigured, match="no sample host"):
        sample_host(Path(folder))
