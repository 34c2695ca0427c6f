"""Finds in pages and messages what a person looks for there: codes, links, ids."""

import re
from urllib.parse import urlsplit

from offramp.crowd.browsers import Surprise
from offramp.crowd.mailbox import Arrival


def code_in(arrival: Arrival) -> str:
    """The code in a message. Raises Surprise if there is none."""
    return first_match(r"\b(\d{6})\b", arrival.words)


def link_in(arrival: Arrival, path: str) -> str:
    """The path of the link that contains `path` in a message. Raises Surprise if there is none."""
    return urlsplit(first_match(rf"(https?://\S*{path}\S+)", arrival.words)).path


def first_match(pattern: str, text: str) -> str:
    """What the group of a pattern finds first in a text. Raises Surprise if there is nothing."""
    match = re.search(pattern, text)
    if match is None:
        raise Surprise(f"nothing like {pattern} was there")
    return match[1]
