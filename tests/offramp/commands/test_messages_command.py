"""`offramp messages`, as it is typed: previews of every message, the list, and an operator's own words."""

import json
import re
from pathlib import Path

import pytest

from domain.messages.messages import Template
from tests.offramp.conftest import Run


@pytest.fixture
def own(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of the operator's own messages, in use."""
    directory = home.parent / "words"
    (directory / "de").mkdir(parents=True)
    monkeypatch.setenv("OFFRAMP_MESSAGES", str(directory))
    return directory


def test_a_preview_shows_the_text_and_writes_the_html_to_a_file_that_it_names(offramp: Run) -> None:
    ran = offramp("messages", "preview", "passkey_bound", "--locale", "de-AT", "--channel", "email")
    assert ran.code == 0
    assert ran.out.startswith("e-mail, de\nSubject: Ihr Example-Konto hat einen neuen Passkey\n")
    assert "Das war ich nicht: http://localhost:" in ran.out
    assert ran.err == "The HTML is in passkey_bound.de.html; open it in a browser.\n"
    assert '<html lang="de">' in Path("passkey_bound.de.html").read_text(encoding="utf-8")


def test_a_gathered_message_is_shown_with_changes_in_its_own_language(offramp: Run) -> None:
    ran = offramp("messages", "preview", "several_changes", "--locale", "de", "--channel", "email")
    assert "14:10: Ihr Example-Konto hat" in ran.out


def test_a_text_message_is_shown_with_its_segments_and_no_file(offramp: Run) -> None:
    ran = offramp("messages", "preview", "sign-in-code")
    heading, words, line, *_ = ran.out.splitlines()
    assert heading == f"text message, en: 1 segment, {len(f'{words} {line}')} characters of GSM-7"
    assert words.startswith("402913 is your code for Example.")
    assert line == "@localhost #402913"
    assert ran.err == ""
    assert list(Path().glob("*.html")) == []


def test_both_channels_are_shown_and_every_reminder(offramp: Run) -> None:
    first, fourth = (
        offramp("messages", "preview", "nudge_email_verified", "--ordinal", ordinal) for ordinal in "14"
    )
    assert "text message, en" in first.out
    assert first.out != fourth.out
    assert {path.name for path in Path().glob("*.html")} == {
        "nudge_email_verified.en.html",
        "nudge_email_verified.4.en.html",
    }


def test_a_file_that_says_something_else_is_not_written_over_unless_forced(offramp: Run, home: Path) -> None:
    Path("mine.html").write_text("mine")
    order = ("messages", "preview", "sms_removed", "--html", "mine.html")
    ran = offramp(*order)
    assert ran.code == 2
    assert "mine.html is there already: --force writes over it" in ran.err
    assert Path("mine.html").read_text() == "mine"
    assert offramp(*order, "--force").code == 0
    assert offramp(*order).code == 0  # it says the same by now


def test_a_file_that_cannot_be_written_is_told(offramp: Run) -> None:
    ran = offramp("messages", "preview", "sms_removed", "--html", "away/mine.html")
    assert (ran.code, ran.err) == (
        2,
        "offramp: away/mine.html cannot be written: No such file or directory\n",
    )


def test_machines_get_everything_and_no_file(offramp: Run) -> None:
    ran = offramp("messages", "preview", "verify_email", "--locale", "fr", "--json")
    (letter,) = json.loads(ran.out)
    assert (letter["channel"], letter["locale"], letter["segments"]) == ("email", "en", None)
    assert letter["subject"].startswith("402913")
    assert letter["html"].startswith("<!doctype html>")
    assert ran.err == "There is no fr of it, so it is shown in en.\n"
    assert list(Path().glob("*.html")) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("passkey_bund",), "did you mean passkey_bound?"),
        (("zzz",), "`offramp messages list` names them"),
        (("sign_in_code", "--channel", "email"), "sign_in_code is not sent by email, only by sms"),
        (("sign_in_code", "--html", "x.html"), "a text message has no HTML; leave --html out"),
        (("sms_removed", "--locale", "deutsch!"), "write it like de or de-AT"),
        (("sms_removed", "--ordinal", "0"), "ordinal"),
    ],
)
def test_wrong_usage_says_what_to_do(offramp: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = offramp("messages", "preview", *arguments)
    assert ran.code == 2
    assert said in " ".join(re.sub("[─-╿]", " ", ran.err).split())


def test_the_list_tells_channels_languages_and_what_is_overridden(offramp: Run, own: Path) -> None:
    (own / "de" / "sign_in_code.toml").write_text('[sms]\ntext = "{{ code }}: {{ service }}"')
    listed = {entry["template"]: entry for entry in json.loads(offramp("messages", "list", "--json").out)}
    assert list(listed) == list(Template)
    assert listed["sign_in_code"] == {
        "template": "sign_in_code",
        "channels": ["sms"],
        "ordinals": [1],
        "locales": ["en", "de"],
        "overridden": ["de"],
    }
    assert listed["nudge_passkey_proven"]["ordinals"] == [1, 2, 4]
    assert "sign_in_code" in offramp("messages", "list").out


def test_an_operators_own_words_are_shown(offramp: Run, own: Path) -> None:
    (own / "de" / "sign_in_code.toml").write_text('[sms]\ntext = "{{ code }} „für“ Sie"', encoding="utf-8")
    ran = offramp("messages", "preview", "sign_in_code", "--locale", "de")
    assert "402913 „für“ Sie" in ran.out
    assert "35 characters of UCS-2" in ran.out


def test_a_mistake_in_them_is_found_by_preview_by_doctor_and_at_the_start(offramp: Run, own: Path) -> None:
    (own / "de" / "sign_in_code.toml").write_text('[sms]\ntext = "{{ cod }}"')
    mistake = (
        f"OFFRAMP_MESSAGES: {own}/de/sign_in_code.toml, line 2, [sms] text: "
        "cod is not known here; did you mean code?"
    )
    for order in (("messages", "preview", "sms_removed"), ("messages", "list"), ("worker",), ("up",)):
        ran = offramp(*order)
        assert (ran.code, mistake in ran.err) == (2, True)
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    assert {"name": "configuration", "verdict": "unwell", "detail": mistake} in findings
