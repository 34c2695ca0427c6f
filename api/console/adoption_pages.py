"""The figures of adoption as one file that needs no other file: the page's pictures, with its style sheets inside."""

from pathlib import Path

from api.console.adoption_view import AdoptionView, headline
from api.web.pages import render

_STATIC = Path(__file__).parent.parent / "static"
_STYLES = ("offramp.css", "console.css")


def standalone(shown: AdoptionView, *, service: str) -> str:
    """An HTML document to send around and to print."""
    styles = "\n".join((_STATIC / name).read_text() for name in _STYLES)
    return render(
        "console/adoption_report.html", shown=shown, headline=headline(shown), service=service, styles=styles
    )
