"""Mistakes in an operator's own messages are found before anybody is written to, and each has its place."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from providers.templates import MESSAGES
from providers.wording_checks import problems

LABELS = '[email]\nobjection_question = "?"\nobjection = "No"\nstop = "Stop"\n'


def problems_of(own: Path, files: Mapping[str, str | bytes]) -> list[str]:
    for name, text in files.items():
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [problem.removeprefix(f"{own}/") for problem in problems(own)]


def test_what_comes_with_offramp_is_sound(tmp_path: Path) -> None:
    shutil.copytree(MESSAGES, tmp_path / "own")
    assert problems(tmp_path / "own") == []


def test_nothing_is_wrong_with_nothing(tmp_path: Path) -> None:
    assert problems(tmp_path) == []
    assert problems_of(tmp_path, {"README.md": "Ours.", ".gitignore": "*", "de/notes.txt": "Sie!"}) == []


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "away") == [f"{tmp_path / 'away'} is no directory"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[sms]\ntext = ", "de/sign_in_code.toml: Invalid value (at end of document)"),
        (
            "[sms]\ntext : 1",
            "de/sign_in_code.toml: Expected '=' after a key in a key/value pair (at line 2, column 6)",
        ),
        (
            b'[sms]\ntext = "\xfc"',
            "de/sign_in_code.toml: 'utf-8' codec can't decode byte 0xfc in position 14: ",
        ),
        (
            '[sms]\ntext = "{{ cod }}"',
            "de/sign_in_code.toml, line 2, [sms] text: cod is not known here; did you mean code?",
        ),
        (
            '[sms]\n\ntext = """\nHello,\n{% if zone %}{{ code }}{% endif %}"""',
            "de/sign_in_code.toml, line 5, [sms] text: zone is not known here; there are code, minutes, service",
        ),
        (
            '[sms]\ntext = """\nHello\n{{ code"""',
            "de/sign_in_code.toml, line 4, [sms] text: unexpected end of template, expected 'end of print statement'.",
        ),
        (
            '[sms]\ntext = "{{ code | upperr }}"',
            "de/sign_in_code.toml, line 2, [sms] text: No filter named 'upperr'.",
        ),
        (
            '[sms]\ntext = "{{ code.colour }}"',
            "de/sign_in_code.toml, line 2, [sms] text: 'str object' has no attribute 'colour'",
        ),
        (
            '[sms]\ntext = "{{ code }} www.example.com"',
            "de/sign_in_code.toml, [sms] text: has a link; a text message has none",
        ),
        (
            '[sms]\ntext = "{{ code }}\\n@evil.example #{{ code }}"',
            "de/sign_in_code.toml, [sms] text: has a line that begins with @",
        ),
        ("[sms]\ntext = 7", "de/sign_in_code.toml, [sms] text: must be text in quotation marks"),
        (
            '[sms]\ntext = "{{ code }}"\nsubject = "x"',
            "de/sign_in_code.toml, [sms] subject: is not used; there are text",
        ),
        ("[sms]\n", "de/sign_in_code.toml, [sms]: text is missing"),
        ("sms = 1", "de/sign_in_code.toml: has no section [sms]"),
        (
            '[sms]\ntext = "{{ code }}"\n[sms.2]\ntext = "again"',
            "de/sign_in_code.toml, [sms.2]: is not used; only reminders are numbered, and from 2",
        ),
        (
            '[sms]\ntext = "{{ code }}"\n[email]\nbody = "x"',
            "de/sign_in_code.toml, [email]: is not used; there is [sms]",
        ),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path: Path, text: str | bytes, problem: str) -> None:
    (only,) = problems_of(tmp_path, {"de/sign_in_code.toml": text})
    assert only.startswith(problem)


def test_a_section_that_ours_has_may_not_be_left_out(tmp_path: Path) -> None:
    text = '[email]\nsubject = "s"\nbody = "b"\n'
    assert problems_of(tmp_path, {"en/passkey_bound.toml": text}) == [
        "en/passkey_bound.toml: has no section [sms]"
    ]


def test_mistakes_in_later_reminders_are_found_too(tmp_path: Path) -> None:
    later = '[email.3]\nsubjekt = "s"\nbody = "{{ x }}"\n'
    text = f'[email]\nsubject = "s"\nbody = "b"\n{later}[sms]\ntext = "t"\n[sms.1]\n'
    assert problems_of(tmp_path, {"en/nudge_passkey_proven.toml": text}) == [
        "en/nudge_passkey_proven.toml, [email.3] subjekt: is not used; did you mean subject?",
        "en/nudge_passkey_proven.toml, line 6, [email.3] body: x is not known here; "
        "there are ends_on, has_ended, origin, service",
        "en/nudge_passkey_proven.toml, [sms.1]: is not used; only reminders are numbered, and from 2",
    ]


def test_files_and_directories_that_nobody_would_read_are_told(tmp_path: Path) -> None:
    files = {
        "de/passkey_bund.toml": "",
        "de/sms_removed.tml": "",
        "Layout.html": "",
        "german/sms_removed.toml": "",
        "de-at/sms_removed.toml": "",
    }
    assert problems_of(tmp_path, files) == [
        "Layout.html: is not used; beside layout.html there is a directory for each language",
        "de/passkey_bund.toml: is not used; did you mean passkey_bound.toml?",
        "de/sms_removed.tml: is not used; did you mean sms_removed.toml?",
        "de-at: must be called de-AT",
        "german: must be called after a language, like de or de-AT",
    ]


def test_a_new_language_needs_the_words_around_its_letters(tmp_path: Path) -> None:
    code = {"fr/sign_in_code.toml": '[sms]\ntext = "{{ code }}"'}
    assert problems_of(tmp_path, code) == [
        "fr/layout.toml: is missing: the words around every e-mail would be English"
    ]
    assert (
        problems_of(tmp_path, {"fr/layout.toml": LABELS, "en-GB/sign_in_code.toml": code.popitem()[1]}) == []
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("{{ after }}", "{{ afer }}"), "{line}: afer is not known here; did you mean after?"),
        (("{{ after }}", "{{ after"), "{line}: unexpected "),
        (("{{ code }}", "{{ code.x }}"), "{line}: 'str object' has no attribute 'x'"),
        (("{{ objection_link }}", "#"), ': objection_link is missing: the way to say "this wasn\'t me"'),
        (("{{ link }}", "#"), ": link is missing: the button"),
    ],
)
def test_a_mistake_in_the_layout_is_told_with_its_line(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    layout = (MESSAGES / "layout.html").read_text()
    line = layout[: layout.index(change[0])].count("\n") + 1
    (only,) = problems_of(tmp_path, {"layout.html": layout.replace(*change)})
    assert only.startswith("layout.html" + problem.replace("{line}", f", line {line}"))


def test_a_layout_that_only_fails_without_a_link_is_found(tmp_path: Path) -> None:
    layout = (MESSAGES / "layout.html").read_text() + "{{ 1 / (after | length) }}"
    (only,) = problems_of(tmp_path, {"layout.html": layout})
    assert only.endswith(": division by zero")


def test_a_layout_may_be_built_of_several_files(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    layout = (MESSAGES / "layout.html").read_text() + "{% include '.foot.html' %}"
    assert problems_of(tmp_path / "parts", {"layout.html": layout, ".foot.html": "{{ service }}"}) == []
