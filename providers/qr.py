"""QR codes by segno, as SVG that works in a page without scripts or styles."""

import segno

_QUIET_ZONE = 4
"""Modules of white around the code, as ISO/IEC 18004 asks; scanners rely on it."""


def qr_svg(text: str) -> str:
    """The text as an inline SVG element, black on white whatever the page's colours, scaled by its container."""
    code = segno.make(text, error="m", micro=False)
    return str(
        code.svg_inline(
            border=_QUIET_ZONE, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None
        )
    )
