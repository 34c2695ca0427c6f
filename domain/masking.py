"""Contacts as those who look after accounts see them: enough to recognise one that they were told, and no more."""

_DOTS = "•••"
_LEAST_HIDDEN = 4
_COUNTRY = 3
_END = 3


def masked_phone(phone: str | None) -> str | None:
    """The beginning and the last three digits of a number in E.164: `+49•••••678`."""
    if phone is None:
        return None
    if len(phone) < _COUNTRY + _LEAST_HIDDEN + _END:
        return f"{_DOTS}••{phone[-2:]}" if len(phone) > _LEAST_HIDDEN else _DOTS
    return f"{phone[:_COUNTRY]}{_DOTS}••{phone[-_END:]}"


def masked_email(email: str | None) -> str | None:
    """First letters and the top-level domain: `a•••@e•••.org`."""
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    name, dot, top = domain.rpartition(".")
    end = f"{_initial(name)}{_DOTS}.{top}" if dot else f"{_initial(domain)}{_DOTS}"
    return f"{_initial(local)}{_DOTS}@{end}"


def _initial(word: str) -> str:
    """The first letter of what has more than two: of less, it would give away half."""
    return word[:1] if len(word) > 2 else ""
