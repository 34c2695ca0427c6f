"""The shop's pages: plain HTML that escapes every value."""

from html import escape

from fastapi.responses import HTMLResponse, RedirectResponse

_LAYOUT = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title} – The Shop</title>
<style>body {{ font: 1rem/1.5 system-ui; max-width: 26rem; margin: 2rem auto; padding: 0 1rem }}
input, button {{ font: inherit; display: block; width: 100%; padding: .5rem; margin: .5rem 0; box-sizing: border-box }}
</style><h1>{title}</h1>{content}</html>"""


def page(title: str, *parts: str, status: int = 200) -> HTMLResponse:
    """A page of a title and of parts that are HTML already."""
    return HTMLResponse(_LAYOUT.format(title=escape(title), content="".join(parts)), status_code=status)


def text(words: str) -> str:
    """A paragraph."""
    return f"<p>{escape(words)}</p>"


def form(action: str, button: str, **fields: str) -> str:
    """A form: each field's name with its label; a field `password` is one."""
    inputs = "".join(
        f'<label>{escape(label)} <input name="{escape(name)}" required autocomplete="on"'
        f"{' type=password' if name == 'password' else ''}></label>"
        for name, label in fields.items()
    )
    return f'<form method="post" action="{escape(action)}">{inputs}<button>{escape(button)}</button></form>'


def link(to: str, words: str) -> str:
    """A link in a line of its own."""
    return f'<p><a href="{escape(to)}">{escape(words)}</a></p>'


def leads_to(address: str) -> RedirectResponse:
    """Go on there, by GET."""
    return RedirectResponse(address, status_code=303)
