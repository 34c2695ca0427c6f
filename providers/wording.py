"""Puts message templates into words, by Jinja: a text message, or an e-mail with its text and its HTML."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.facts import Channel
from domain.messages.destinations import Destinations
from domain.messages.messages import Template
from domain.messages.samples import REMINDERS
from domain.messages.texted import bound_line, texted_values
from domain.ports import Rendered, Wording
from providers.days import long_day, short_day
from providers.templates import LAYOUT, MESSAGES, Templates

REQUIRED = {Channel.EMAIL: ("subject", "body"), Channel.SMS: ("text",)}
OPTIONAL = {Channel.EMAIL: ("code", "action", "path", "after"), Channel.SMS: ()}
"""The parts of a section; `path` is where the action leads, unless the message has a link of its own."""

LABELS = ("objection_question", "objection", "stop")
"""The words around every e-mail, from the language's layout file."""

LAYOUT_NAMES = (
    *("service", "origin", "locale", "paragraphs", "link", "objection_link", "stop_link"),
    *REQUIRED[Channel.EMAIL],
    *OPTIONAL[Channel.EMAIL],
    *LABELS,
)
"""The names that `layout.html` knows; a link that a letter lacks is None, and a part that it lacks is empty."""


_NO_END = {"ends_on": "", "has_ended": ""}
_MAY_NAME_END = REMINDERS | {Template.EXEMPTION_ENDS}
_BOUND = frozenset({Template.SIGN_IN_CODE, Template.RECOVERY_PROOF})
"""Texts whose code phones offer on our own site alone."""


class TemplateWriter:
    """A Writer with an operator's `own` templates and, after them, those of Offramp.

    Every template knows `service` and `origin`; every reminder `ends_on`, the end date or nothing. `destinations` are
    the pages that actions lead to; without them, they are those below `origin`.
    """

    def __init__(
        self,
        *,
        service_name: str,
        origin: str,
        own: Path | None = None,
        destinations: Destinations | None = None,
    ) -> None:
        self._templates = Templates(own)
        self._destinations = destinations or Destinations(origin=origin)
        self._names = {"service": service_name, "origin": origin}
        self._compiled = lru_cache(maxsize=4096)(plain_environment().from_string)
        self._layouts = layout_environment(own)

    def render(self, wording: Wording) -> Rendered:
        """The words of a template in the locale, or in English if the locale has none.

        Raises KeyError when the template has no such channel, and Jinja's UndefinedError for a missing value.
        """
        page = self._templates.find(wording.template, wording.locale)
        wording = replace(wording, values=_said(wording, language=page.locale))
        if wording.channel is Channel.SMS:
            wording = replace(wording, values=texted_values(wording.values))
        parts = page.parts(wording.channel, int(wording.values.get("ordinal", "1")))
        words = {name: self._words(part, wording) for name, part in parts.items()}
        if wording.channel is Channel.SMS:
            return Rendered(subject="", text=self._text_message(words["text"], wording), html="")
        return self._letter(words, wording, language=page.locale)

    def _text_message(self, words: str, wording: Wording) -> str:
        """The words of a text message; below a code's, in every language, the line that phones read."""
        if wording.template not in _BOUND:
            return words
        return f"{words}\n{bound_line(self._names['origin'], wording.values['code'])}"

    def _letter(self, words: dict[str, str], wording: Wording, *, language: str) -> Rendered:
        words = dict.fromkeys(OPTIONAL[Channel.EMAIL], "") | words
        words["subject"] = " ".join(words["subject"].split())
        links = {
            "link": wording.values.get("link") or self._destinations.of(words["path"], wording.template),
            "objection_link": wording.objection_link,
            "stop_link": wording.stop_link,
        }
        labels = self._labels(wording, language)
        html = self._layouts.get_template("layout.html").render(
            self._names, **words, **links, **labels, locale=language, paragraphs=words["body"].split("\n\n")
        )
        return Rendered(subject=words["subject"], text=self._text(words, links, labels), html=html)

    def _labels(self, wording: Wording, language: str) -> dict[str, str]:
        page = self._templates.find(LAYOUT, language)
        return {name: self._words(page.parts(Channel.EMAIL)[name], wording) for name in LABELS}

    def _text(self, words: dict[str, str], links: dict[str, str | None], labels: dict[str, str]) -> str:
        objection = _line(labels["objection"], links["objection_link"])
        blocks = [
            words["body"],
            words["code"],
            _line(words["action"], links["link"]),
            words["after"],
            f"{labels['objection_question']}\n{objection}" if objection else "",
            self._names["service"],
            _line(labels["stop"], links["stop_link"]),
        ]
        return "\n\n".join(block for block in blocks if block) + "\n"

    def _words(self, part: str, wording: Wording) -> str:
        return self._compiled(part).render(self._names, **wording.values).strip()


def plain_environment() -> Environment:
    """The environment of a template's parts, which are plain text: the layout alone escapes."""
    return Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701


def layout_environment(own: Path | None) -> Environment:
    """The environment of the HTML around every e-mail."""
    directories = [own, MESSAGES] if own else [MESSAGES]
    return Environment(
        loader=FileSystemLoader(directories), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )


def _said(wording: Wording, *, language: str) -> dict[str, str]:
    """The values, with the end date in the letter's own language; most reminders have none to tell."""
    written = wording.values.get("ends_on", "")
    if not written:
        return (_NO_END if wording.template in _MAY_NAME_END else {}) | wording.values
    is_near = wording.locale.replace("_", "-").split("-")[0].lower() == language.split("-")[0]
    say = short_day if wording.channel is Channel.SMS else long_day
    day = say(date.fromisoformat(written), wording.locale if is_near else language)
    return _NO_END | wording.values | {"ends_on": day}


def _line(label: str, link: str | None) -> str:
    return f"{label}: {link}" if label and link else ""
