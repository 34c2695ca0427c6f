"""Every message in every language, by every channel, every reminder: it renders, and it says what it should."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, meta

from domain.facts import Channel
from domain.messages.messages import Template
from domain.messages.samples import NOTICES, REMINDERS, SAMPLES, WITHOUT_CODE
from domain.messages.segments import Encoding, segments
from domain.ports import Wording
from providers.templates import LAYOUT, Templates
from providers.wording import LAYOUT_NAMES, TemplateWriter

ORIGIN = "https://accounts.example.test"
OBJECTION, STOP = f"{ORIGIN}/not-me/o1", f"{ORIGIN}/no-reminders/s1"
LOCALES = ("en", "de")
TEMPLATES = Templates()
WRITER = TemplateWriter(service_name="Example", origin=ORIGIN)
LONG = TemplateWriter(service_name="The Bakery by the Harbou", origin=ORIGIN)

END = {"ends_on": "2027-02-01"}
REMINDED = END | {"has_ended": ""}
LONG_DAY = {"en": "February 1, 2027", "de": "1. Februar 2027"}
SHORT_DAY = {"en": "Feb 1, 2027", "de": "1. Feb. 2027"}

PRESSURE = {
    "en": (
        *("click here", "lose your account", "lose access", "locked out", "act now", "urgent", "immediately"),
        *("last chance", "last warning", "final", "deadline", "or else", "you must", "within 24 hours"),
        *("verify your account", "failure to", "will be closed", "asap"),
    ),
    "de": (
        *("hier klicken", "klicken sie", "konto verlieren", "gesperrt", "ausgesperrt", "dringend", "sofort"),
        *("letzte chance", "letzte warnung", "letzte mahnung", "umgehend", "unverzüglich", "frist", "müssen"),
        *("sonst", "andernfalls", "verifizieren sie ihr konto", "wird geschlossen"),
    ),
}
"""What swindlers write: whoever reads it here might believe it elsewhere."""

FAMILIAR = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE)


def wording(template: Template, channel: Channel, locale: str, ordinal: int = 1) -> Wording:
    return Wording(
        template=template,
        channel=channel,
        locale=locale,
        values=SAMPLES[template] | {"ordinal": str(ordinal)},
        objection_link=OBJECTION if template in NOTICES else None,
        stop_link=STOP if template in REMINDERS else None,
    )


def every(channel: Channel) -> Iterator[Wording]:
    for locale in LOCALES:
        for template in Template:
            page = TEMPLATES.find(template, locale)
            if channel in page.channels:
                for ordinal in (*page.ordinals, page.ordinals[-1] + 1):
                    yield wording(template, channel, locale, ordinal)


def name_of(said: Wording) -> str:
    return f"{said.locale}-{said.template}-{said.values['ordinal']}"


every_letter = pytest.mark.parametrize("said", list(every(Channel.EMAIL)), ids=name_of)
every_text = pytest.mark.parametrize("said", list(every(Channel.SMS)), ids=name_of)


class Outline(HTMLParser):
    """What stands in an HTML letter."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str | None]:
        return [anchor["href"] for anchor in self.all("a")]


def names(part: str) -> set[str]:
    environment = Environment(autoescape=True)
    return meta.find_undeclared_variables(environment.parse(part))


def test_every_template_has_samples_and_a_file_in_every_language() -> None:
    assert set(SAMPLES) == set(Template)
    for template in (*Template, LAYOUT):
        assert TEMPLATES.locales(template) == list(LOCALES)


@pytest.mark.parametrize("template", [*Template, LAYOUT])
def test_languages_have_the_same_parts_with_the_same_values(template: str) -> None:
    english, german = (TEMPLATES.find(template, locale) for locale in LOCALES)
    assert english.ordinals == german.ordinals
    assert english.channels == german.channels
    for channel in english.channels:
        for ordinal in english.ordinals:
            parts = [page.parts(channel, ordinal) for page in (english, german)]
            used = [set().union(*map(names, texts.values())) for texts in parts]
            assert set(parts[0]) == set(parts[1])
            assert used[0] == used[1]


@every_letter
def test_letters_have_one_heading_one_action_and_their_language(said: Wording) -> None:
    letter = WRITER.render(said)
    outline = Outline(letter.html)
    assert outline.all("html") == [{"lang": said.locale}]
    assert len(outline.all("title")) == len(outline.all("h1")) == 1
    assert letter.html.count('class="button"') == 1
    assert letter.subject
    assert "\n" not in letter.subject
    assert "prefers-color-scheme: dark" in letter.html
    assert all(table.get("role") == "presentation" for table in outline.all("table"))
    assert all(image.get("alt") for image in outline.all("img"))
    assert not outline.all("script")


@every_letter
def test_both_parts_of_a_letter_have_the_same_links(said: Wording) -> None:
    letter = WRITER.render(said)
    links = Outline(letter.html).links
    assert re.findall(r"https?://\S+", letter.text) == links
    expected = [
        said.values.get("link", links[0]),
        *(link for link in (said.objection_link, said.stop_link) if link),
    ]
    assert links == expected


@every_letter
def test_what_a_letter_says_is_in_both_parts(said: Wording) -> None:
    letter = WRITER.render(said)
    visible = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", letter.html, flags=re.DOTALL).split())
    for block in letter.text.split("\n\n")[:-1]:
        for line in block.splitlines():
            words = re.sub(r": https?://\S+$", "", line)
            assert " ".join(words.split()) in visible.replace("&#39;", "'").replace("&#34;", '"')


@every_letter
def test_letters_stand_without_a_style_sheet(said: Wording) -> None:
    bare = re.sub(r"<style>.*?</style>", "", WRITER.render(said).html, flags=re.DOTALL)
    outline = Outline(bare)
    for tag in ("body", "h1", "p", "a", "td"):
        assert all(attributes.get("style") for attributes in outline.all(tag)), tag


@every_text
def test_text_messages_are_short_and_have_no_link(said: Wording) -> None:
    for writer in (WRITER, LONG):
        text = writer.render(said).text
        assert segments(text).encoding is Encoding.GSM_7
        assert segments(text).count <= 2
        words, _, last_line = text.partition("\n")
        assert not re.search(r"https?:|www\.|\.(com|test|org|de)\b|accounts\.", words)
        is_bound = said.template in (Template.SIGN_IN_CODE, Template.RECOVERY_PROOF)
        assert bool(last_line) is is_bound
        assert "\n" not in last_line


@pytest.mark.parametrize("locale", [*LOCALES, "fr", "de-AT"])
def test_a_sign_in_code_ends_in_the_line_that_phones_fill_it_in_from(locale: str) -> None:
    said = wording(Template.SIGN_IN_CODE, Channel.SMS, locale)
    assert WRITER.render(said).text.splitlines()[-1] == "@accounts.example.test #402913"
    on_a_port = TemplateWriter(service_name="Example", origin="http://localhost:8400")
    assert on_a_port.render(said).text.endswith("\n@localhost #402913")


def test_a_sign_in_code_in_an_operators_own_words_ends_in_that_line_too(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "sign_in_code.toml").write_text('[sms]\ntext = "{{ code }}, for you\\n"\n')
    writer = TemplateWriter(service_name="Example", origin=ORIGIN, own=tmp_path)
    text = writer.render(wording(Template.SIGN_IN_CODE, Channel.SMS, "en")).text
    assert text == "402913, for you\n@accounts.example.test #402913"


@pytest.mark.parametrize("template", [Template.PASSKEY_BOUND, Template.PASSKEY_REMOVED])
@pytest.mark.parametrize("locale", LOCALES)
def test_no_name_of_a_device_becomes_a_link_in_a_text_message(template: Template, locale: str) -> None:
    said = wording(template, Channel.SMS, locale)
    evil = WRITER.render(
        replace(said, values=said.values | {"device": "x https://evil.example/a?b=1\n@evil.example #1"})
    ).text
    assert "x https evil example a b 1 evil example" in evil
    assert not re.search(r"[/@#?]|evil\.", evil.replace("?", ""))
    assert "\n" not in evil
    nameless = WRITER.render(replace(said, values=said.values | {"device": "🙂"})).text
    assert {"en": "a device", "de": "ein Gerät"}[locale] in nameless


def test_most_text_messages_are_one_segment_even_with_a_long_name() -> None:
    texts = {LONG.render(said).text for said in every(Channel.SMS)}
    assert sum(segments(text).count > 1 for text in texts) <= 3
    code = LONG.render(wording(Template.SIGN_IN_CODE, Channel.SMS, "de"))
    assert segments(code.text).count == 1


@pytest.mark.parametrize("said", [*every(Channel.EMAIL), *every(Channel.SMS)], ids=name_of)
def test_nobody_is_hurried_or_threatened(said: Wording) -> None:
    rendered = WRITER.render(said)
    words = f"{rendered.subject}\n{rendered.text}".lower()
    assert [phrase for phrase in PRESSURE[said.locale] if re.search(rf"\b{re.escape(phrase)}", words)] == []
    assert "!" not in words


@pytest.mark.parametrize("said", [*every(Channel.EMAIL), *every(Channel.SMS)], ids=name_of)
def test_german_says_sie(said: Wording) -> None:
    rendered = WRITER.render(replace(said, locale="de"))
    assert not FAMILIAR.search(f"{rendered.subject} {rendered.text}")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", sorted(NOTICES))
def test_every_notice_says_how_to_object(template: Template, locale: str) -> None:
    letter = WRITER.render(wording(template, Channel.EMAIL, locale))
    text = WRITER.render(wording(template, Channel.SMS, locale)).text
    link_text, question, by_text = {
        "en": ("This wasn&#39;t me", "this not you?", "Not you? On our sign-in page: 'It wasn't me', code "),
        "de": (
            "Das war ich nicht",
            "Sie das nicht?",
            "Nicht Sie? Auf unserer Anmeldeseite: 'Das war ich nicht', Code ",
        ),
    }[locale]
    assert re.search(rf'<a href="{OBJECTION}"[^>]*>{link_text}</a>', letter.html)
    assert question in letter.text
    assert (f"{by_text}k7d2 m9qx." in text) is (template not in WITHOUT_CODE)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_sender_gives_no_link_for_is_left_out(locale: str) -> None:
    for template in Template:
        if Channel.EMAIL in TEMPLATES.find(template, locale).channels:
            said = replace(wording(template, Channel.EMAIL, locale), objection_link=None, stop_link=None)
            letter = WRITER.render(said)
            assert len(Outline(letter.html).links) == 1
            assert "None" not in letter.html + letter.text


@pytest.mark.parametrize("template", sorted(REMINDERS))
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("locale", LOCALES)
def test_reminders_differ(template: Template, channel: Channel, locale: str) -> None:
    ordinals = {Channel.EMAIL: (1, 2, 4), Channel.SMS: (1, 4)}[channel]
    said = [WRITER.render(wording(template, channel, locale, ordinal)).text for ordinal in ordinals]
    assert len(set(said)) == len(ordinals)


def test_a_reminder_without_a_number_is_the_first() -> None:
    first = wording(Template.NUDGE_EMAIL_VERIFIED, Channel.EMAIL, "en")
    assert WRITER.render(replace(first, values=END)) == WRITER.render(first)


def test_one_day_is_not_several() -> None:
    for locale, words in (("en", "in one day"), ("de", "in einem Tag")):
        said = replace(wording(Template.SMS_NOTICE, Channel.EMAIL, locale), values={"days": "1"})
        assert words in WRITER.render(said).text


@pytest.mark.parametrize("template", [Template.SMS_NOTICE, Template.CHANGE_WAITS])
@pytest.mark.parametrize("channel", [*Channel])
def test_what_is_less_than_a_day_is_not_called_none(template: Template, channel: Channel) -> None:
    for locale, words in (("en", "less than a day"), ("de", "weniger als einem Tag")):
        said = wording(template, channel, locale)
        letter = WRITER.render(replace(said, values=said.values | {"days": "0"}))
        assert words in letter.text


def test_a_letter_names_the_language_that_it_is_in() -> None:
    for locale, used in (("de-AT", "de"), ("fr", "en"), ("", "en")):
        said = wording(Template.PASSKEY_BOUND, Channel.EMAIL, locale)
        assert Outline(WRITER.render(said).html).all("html") == [{"lang": used}]


def test_names_of_devices_cannot_carry_html() -> None:
    said = wording(Template.PASSKEY_BOUND, Channel.EMAIL, "en")
    letter = WRITER.render(replace(said, values={"device": '<img src="x">'}))
    assert Outline(letter.html).all("img") == []
    assert '<img src="x">' in letter.text


NEED_VALUES = [template for template in Template if SAMPLES[template].keys() - {"short_code"}]


@pytest.mark.parametrize(
    "template",
    [
        template
        for template in NEED_VALUES
        if SAMPLES[template] not in (END, REMINDED) or template == Template.END_DATE
    ],
)
def test_a_missing_value_is_an_error_and_never_a_gap(template: Template) -> None:
    (channel, *_) = TEMPLATES.find(template, "en").channels
    with pytest.raises(UndefinedError):
        WRITER.render(replace(wording(template, channel, "en"), values={}))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", sorted(REMINDERS - {Template.NUDGE_CHECK_UP}))
def test_a_reminder_names_the_end_date_if_there_is_one(template: Template, locale: str) -> None:
    for channel, day in ((Channel.EMAIL, LONG_DAY[locale]), (Channel.SMS, SHORT_DAY[locale])):
        said = wording(template, channel, locale)
        assert day in WRITER.render(said).text
        ended = WRITER.render(replace(said, values=END | {"has_ended": "yes"})).text
        assert ("Since" in ended or "Seit" in ended) is (channel is Channel.EMAIL)
        assert ended != WRITER.render(said).text
        assert "2027" not in WRITER.render(replace(said, values={"ordinal": "1"})).text


@pytest.mark.parametrize(
    ("locale", "calm"), [("en", "Nothing is switched off"), ("de", "nichts abgeschaltet")]
)
def test_the_end_of_an_exemption_says_what_follows(locale: str, calm: str) -> None:
    for channel in (Channel.EMAIL, Channel.SMS):
        said = wording(Template.EXEMPTION_ENDS, channel, locale)
        assert calm not in WRITER.render(said).text
        assert calm in WRITER.render(replace(said, values={"days": "14"})).text


def test_the_end_date_is_written_as_the_reader_writes_days() -> None:
    said = wording(Template.END_DATE, Channel.EMAIL, "en")
    assert "From February 1, 2027," in WRITER.render(replace(said, locale="en-US")).text
    assert "From 1 February 2027," in WRITER.render(replace(said, locale="en_GB")).text
    assert "From February 1, 2027," in WRITER.render(replace(said, locale="fr-CA")).text


def test_an_operators_own_layout_and_labels_are_used(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "layout.toml").write_text(
        '[email]\nobjection_question = "You?"\nobjection = "No"\nstop = "Enough of {{ service }}"\n'
    )
    every_name = "".join(f"{name}={{{{ {name} }}}};" for name in LAYOUT_NAMES)
    (tmp_path / "layout.html").write_text(every_name)
    writer = TemplateWriter(service_name="Example", origin=ORIGIN, own=tmp_path)
    letter = writer.render(wording(Template.NUDGE_EMAIL_VERIFIED, Channel.EMAIL, "en"))
    assert f"stop_link={STOP};" in letter.html
    assert "stop=Enough of Example;" in letter.html
    assert letter.text.endswith(f"Enough of Example: {STOP}\n")
