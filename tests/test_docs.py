"""The documentation says what the code says: settings, kinds, commands, exit codes, columns, acts, decisions."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from domain.desk.acts import Act
from domain.facts import Channel
from domain.host.events import EventOutcome, HostEventKind
from domain.journal import Actor, EventKind, concerns_journey
from domain.messages.samples import SAMPLES
from domain.rollouts.cohorts import Ineligibility
from domain.staff.staff import DEEDS, Right, roles_with
from offramp.cli import app
from offramp.config.secret_files import secret_variables
from offramp.config.settings import Settings
from offramp.views.terminal import Exit
from providers.wording import OPTIONAL, REQUIRED
from services.imports.account_records import COLUMNS
from store.invariants import Invariant

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LIVES_SETTING = "OFFRAMP_TEST_LIVES"
"""Read by the tests alone."""

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def rows(page: str, title: str) -> dict[str, list[str]]:
    """The tables of a page whose header begins with a title: first cell, without backticks, to the other cells."""
    lines = iter((ROOT / "docs" / page).read_text().splitlines())
    table: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith(f"| {title} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    break
                first, *others = (cell.strip() for cell in row.strip("|").split("|"))
                table[first.strip("`")] = others
    return table


def commands() -> set[str]:
    return set(_paths(get_command(app), "offramp"))


def _paths(command: object, path: str) -> list[str]:
    below = getattr(command, "commands", None)
    if not below:
        return [path]
    return [subcommand for name, part in below.items() for subcommand in _paths(part, f"{path} {name}")]


def test_every_setting_is_documented_and_the_reverse() -> None:
    assert set(rows("settings.md", "variable")) == {
        f"OFFRAMP_{name.upper()}" for name in Settings.model_fields
    }


def test_defaults_are_documented_as_they_are() -> None:
    for variable, (default, _) in rows("settings.md", "variable").items():
        field = Settings.model_fields[variable.removeprefix("OFFRAMP_").lower()]
        if re.fullmatch(r"`[^`]+`", default):
            said = field.default.value if hasattr(field.default, "value") else field.default
            assert default.strip("`") == str(said).lower() or default.strip("`") == str(said)


def test_every_secret_that_may_stand_in_a_file_is_documented_and_the_reverse() -> None:
    part = (ROOT / "docs" / "secrets.md").read_text().split("## Secrets from files")[1].split("\n\n")[1]
    named = set(re.findall(r"`(OFFRAMP_[A-Z_]+)`", part))
    assert {f"{variable}_FILE" for variable in named} == set(secret_variables(Settings))


def test_every_event_kind_is_documented_and_the_reverse() -> None:
    assert set(rows("journal.md", "kind")) == set(EventKind)


@pytest.mark.parametrize("kind", EventKind)
def test_what_journeys_are_told_is_documented(kind: EventKind) -> None:
    answer, _ = rows("journal.md", "kind")[kind]
    assert answer == ("yes" if concerns_journey(kind) else "no")


def test_every_kind_of_host_event_and_every_outcome_is_documented_and_the_reverse() -> None:
    assert set(rows("host-events.md", "type")) == set(HostEventKind)
    assert set(rows("host-events.md", "outcome")) == {*EventOutcome, "null"}


def test_every_actor_is_documented() -> None:
    text = (ROOT / "docs" / "journal.md").read_text()
    assert all(f"`{actor}`" in text for actor in Actor)


def test_every_message_is_documented_with_its_values_and_the_reverse() -> None:
    documented = {
        name: set(re.findall(r"`(\w+)`", values))
        for name, (values, _) in rows("messages.md", "template").items()
    }
    assert documented == {template: set(values) for template, values in SAMPLES.items()}


def test_every_part_of_a_message_is_documented_and_the_reverse() -> None:
    parts = {name for channel in Channel for name in (*REQUIRED[channel], *OPTIONAL[channel])}
    assert set(rows("messages.md", "part")) == parts


def test_every_right_is_documented_with_its_roles_and_its_words() -> None:
    documented = rows("staff.md", "right")
    assert documented == {right: [", ".join(roles_with(right)), DEEDS[right]] for right in Right}


def test_every_command_is_documented_and_the_reverse() -> None:
    assert set(rows("commands.md", "command")) == commands()


def test_every_exit_code_is_documented_and_the_reverse() -> None:
    assert {int(code) for code in rows("commands.md", "code")} == set(Exit)


def test_every_reason_to_pass_a_member_over_is_documented_and_the_reverse() -> None:
    assert set(rows("cohorts.md", "reason")) == set(Ineligibility)


def test_every_column_is_documented() -> None:
    documented = [name for cell in rows("commands.md", "column") for name in re.findall(r"[\w.]+", cell)]
    assert all(COLUMNS.named(name) == name for name in documented)
    assert len(documented) == 16


def test_the_counts_that_read_zero_are_as_many_as_documented() -> None:
    assert "Twelve counts read 0" in (ROOT / "docs" / "how-it-works.md").read_text()
    assert len(Invariant) == 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_settings_that_are_mentioned_exist(page: Path) -> None:
    text = page.read_text()
    groups = {command.rsplit(" ", 1)[0] for command in commands()} | commands()
    for words in re.findall(
        r"offramp((?: [a-z]+)+)", " ".join(re.findall(r"`[^`]*`|^.*bin/offramp.*$", text, re.M))
    ):
        mention = f"offramp{words}"
        assert any(mention == group or mention.startswith(f"{group} ") for group in groups), mention
    known_settings = {f"OFFRAMP_{name.upper()}" for name in Settings.model_fields} | {LIVES_SETTING}
    known_settings |= set(secret_variables(Settings))
    assert set(re.findall(r"OFFRAMP_[A-Z_]+", text)) <= known_settings


def test_the_readme_names_every_room() -> None:
    text = (ROOT / "README.md").read_text()
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"messages"}
    assert {room for room in rooms if f"`{room}/`" not in text} == set()


def test_the_readme_names_every_package() -> None:
    text = (ROOT / "README.md").read_text()
    packages = {path.parent.relative_to(ROOT) for path in ROOT.glob("*/*/__init__.py")}
    named = {package for package in packages if f"`{package}/`" in text or f"`{package.name}/`" in text}
    assert {str(package) for package in packages - named if package.parts[0] != "tests"} == set()


def test_the_order_of_packages_inside_the_rooms_is_documented_as_it_is_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    checked = {
        f"{contract['containers'][0]}/": [re.findall(r"\w+", layer) for layer in contract["layers"]]
        for contract in contracts
        if "containers" in contract
    }
    documented = {
        room: [re.findall(r"`(\w+)`", layer) for layer in cells[0].split(" → ")]
        for room, cells in rows("architecture.md", "room").items()
        if room in checked and " → " in cells[0]
    }
    assert documented == checked


def test_every_act_of_support_is_documented() -> None:
    documented = rows("support.md", "act")
    assert {*documented, *(cells[1].strip("`") for cells in documented.values())} - {""} == set(Act)


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_decision_is_in_the_index_with_its_title_and_the_status_that_it_says() -> None:
    listed = {number: cells[:2] for number, cells in rows("decisions/README.md", "number").items()}
    assert listed == {str(int(decision.name[:4])): _title_and_status(decision) for decision in DECISIONS}


def _title_and_status(decision: Path) -> list[str]:
    """The link that the index has for a decision, and its status."""
    lines = decision.read_text().splitlines()
    number, title = lines[0].removeprefix("# ").split(". ", 1)
    assert int(number) == int(decision.name[:4])
    assert lines[2].startswith("Status: "), decision.name
    return [f"[{title}]({decision.name})", lines[2].removeprefix("Status: ")]


def test_a_decision_that_changes_another_is_named_there() -> None:
    status = {int(decision.name[:4]): _title_and_status(decision)[1] for decision in DECISIONS}
    for number, said in status.items():
        assert re.fullmatch(r"accepted(, amend(s|ed by) \d+)?|superseded by \d+", said), said
        if changed := re.search(r"amends (\d+)", said):
            assert status[int(changed[1])].endswith(f"amended by {number}")
        if newer := re.search(r"amended by (\d+)", said):
            assert status[int(newer[1])].endswith(f"amends {number}")
