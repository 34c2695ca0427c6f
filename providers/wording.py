"""Puts message templates into words: `messages/<locale>/<template>.toml`, rendered by Jinja."""

import tomllib
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.facts import Channel
from domain.ports import Rendered, Wording

MESSAGES = Path(__file__).parent.parent / "messages"
FALLBACK = "en"


class TemplateWriter:
    """A Writer on a directory of templates. `service_name` and `origin` are known to every template."""

    def __init__(self, *, service_name: str, origin: str, directory: Path = MESSAGES) -> None:
        self._directory = directory
        self._known = {"service": service_name, "origin": origin}
        # A text message is plain text: escaping belongs to the HTML layout alone, which asks for it itself.
        self._plain = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
        self._layouts = Environment(
            loader=FileSystemLoader(directory), undefined=StrictUndefined, autoescape=True
        )

    def render(self, wording: Wording) -> Rendered:
        """The words of a template in the locale, or in English where that has none.

        Raises KeyError when the template has no such channel, and Jinja's UndefinedError for a missing value.
        """
        parts = _read(self._path(wording))[wording.channel]
        words = {name: self._words(part, wording) for name, part in parts.items()}
        if wording.channel is Channel.SMS:
            return Rendered(subject="", text=words["text"], html="")
        link = wording.values.get("link", "") or f"{self._known['origin']}{parts.get('path', '/setup')}"
        paragraphs = words["body"].split("\n\n")
        html = self._layouts.get_template("layout.html").render(
            self._known, words=words, paragraphs=paragraphs, link=link, locale=wording.locale
        )
        return Rendered(subject=words["subject"], text=_text(words, link), html=html)

    def _path(self, wording: Wording) -> Path:
        language = wording.locale.replace("_", "-").split("-")[0].lower()
        path = self._directory / language / f"{wording.template}.toml"
        return path if path.exists() else self._directory / FALLBACK / path.name

    def _words(self, part: str, wording: Wording) -> str:
        return self._plain.from_string(part).render(self._known, **wording.values).strip()


@lru_cache(maxsize=512)
def _read(path: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text())


def _text(words: dict[str, str], link: str) -> str:
    action = f"{words['action']}: {link}" if "action" in words else ""
    return "\n\n".join(part for part in (words["body"], action, words.get("after", "")) if part) + "\n"
