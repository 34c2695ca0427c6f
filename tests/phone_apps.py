"""A person's authenticator app, as pyotp plays it: it knows the secret alone, and goes by its own clock."""

import html
import re
from datetime import datetime

import pyotp

_KEY = re.compile(r'data-copy-source(?:="")?>([A-Z2-7 ]+)<')
_LINK = re.compile(r'href="(otpauth://[^"]+)"')


class PhoneApp:
    """An app to which a secret was added, by typing the key of a page or by its link."""

    def __init__(self, totp: pyotp.TOTP) -> None:
        self._totp = totp
        self.issuer, self.name = totp.issuer, totp.name

    @classmethod
    def typed(cls, page: str) -> "PhoneApp":
        """The app of somebody who has typed the key."""
        key = _KEY.search(page)
        assert key
        return cls(pyotp.TOTP(key[1].replace(" ", "")))

    @classmethod
    def scanned(cls, page: str) -> "PhoneApp":
        """The app of somebody who has followed the link, which the QR code says, too."""
        link = _LINK.search(page)
        assert link
        return cls.linked(html.unescape(link[1]))

    @classmethod
    def linked(cls, link: str) -> "PhoneApp":
        """The app of somebody who has followed a link."""
        totp = pyotp.parse_uri(link)
        assert isinstance(totp, pyotp.TOTP)
        return cls(totp)

    def code(self, at: datetime) -> str:
        """What it shows at a moment."""
        return self._totp.at(at)
