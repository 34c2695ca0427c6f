"""Which file a message is taken from: the nearest language, an operator's own first, the nearest reminder."""

from pathlib import Path

import pytest

from domain.facts import Channel
from domain.messages.messages import Template
from providers.templates import Templates, canonical, fallbacks


def write(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("locale", "nearest"),
    [
        ("de", ["de", "en"]),
        ("de-AT", ["de-AT", "de", "en"]),
        ("DE_at", ["de-AT", "de", "en"]),
        ("zh-hant-tw", ["zh-Hant-TW", "zh-Hant", "zh", "en"]),
        ("de-1996", ["de-1996", "de", "en"]),
        ("", ["en"]),
        ("../../etc", ["en"]),
    ],
)
def test_a_language_falls_back_to_the_wider_one(locale: str, nearest: list[str]) -> None:
    assert fallbacks(locale) == nearest


def test_what_is_no_language_tag_has_no_name() -> None:
    assert [canonical(text) for text in ("d", "deutsch", "de/AT", "de-")] == [None] * 4


def test_a_country_takes_its_own_words_before_those_of_its_language(tmp_path: Path) -> None:
    write(tmp_path, "de-AT/sign_in_code.toml", '[sms]\ntext = "Servus"')
    templates = Templates(tmp_path)
    assert templates.find(Template.SIGN_IN_CODE, "de-AT").parts(Channel.SMS) == {"text": "Servus"}
    assert templates.find(Template.SIGN_IN_CODE, "de-CH").locale == "de"
    assert templates.find(Template.VERIFY_EMAIL, "de-AT").locale == "de"
    assert templates.find(Template.VERIFY_EMAIL, "fr").locale == "en"


def test_an_operators_own_file_takes_the_place_of_ours_and_of_no_other(tmp_path: Path) -> None:
    write(tmp_path, "en/sign_in_code.toml", '[sms]\ntext = "Mine"')
    templates = Templates(tmp_path)
    assert templates.find(Template.SIGN_IN_CODE, "en").parts(Channel.SMS) == {"text": "Mine"}
    assert templates.find(Template.SIGN_IN_CODE, "de").locale == "de"
    assert templates.overridden(Template.SIGN_IN_CODE) == ["en"]
    assert templates.overridden(Template.VERIFY_EMAIL) == []
    assert templates.locales(Template.SIGN_IN_CODE) == ["en", "de"]


def test_a_later_reminder_says_anew_only_what_differs(tmp_path: Path) -> None:
    write(
        tmp_path,
        "en/nudge_email_verified.toml",
        """
        [email]
        subject = "one"
        body = "body"
        after = "after"
        [email.2]
        subject = "two"
        [email.10]
        after = ""
        """,
    )
    page = Templates(tmp_path).find(Template.NUDGE_EMAIL_VERIFIED, "en")
    said = {ordinal: tuple(page.parts(Channel.EMAIL, ordinal).values()) for ordinal in (1, 2, 9, 10, 11)}
    assert page.ordinals == [1, 2, 10]
    assert said == {
        1: ("one", "body", "after"),
        2: ("two", "body", "after"),
        9: ("two", "body", "after"),
        10: ("two", "body", ""),
        11: ("two", "body", ""),
    }
