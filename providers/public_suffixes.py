"""Knows under which domains anybody may have a name, by the public suffix list that the library carries."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def is_public(domain: str) -> bool:
    """Whether strangers have names under this domain, like `co.uk` or `github.io`; browsers share nothing there."""
    return bool(_list().is_public(domain))


def own_label(domain: str) -> str:
    """The label that somebody registered, like `example` in `login.example.co.uk`; the domain if nobody did."""
    registered = _list().privatesuffix(domain) or domain
    return str(registered).split(".")[0]


@cache
def _list() -> PublicSuffixList:
    # A domain of an inner network, like `intranet`, is on no list and belongs to whoever has it.
    return PublicSuffixList(accept_unknown=False)
