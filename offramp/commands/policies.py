"""`offramp policies`: the policies that come with Offramp, and what they say."""

from dataclasses import asdict, fields

from domain.policy import Policy
from domain.presets import PRESETS
from domain.words.rule_words import value_words
from offramp.views.tables import Listing
from offramp.views.terminal import out, print_json


def policies(*, as_json: bool) -> None:
    """Show what each policy says."""
    if as_json:
        print_json([asdict(policy) for policy in PRESETS.values()])
        return
    names = [field.name for field in fields(Policy)]
    rows = [
        [value_words(getattr(policy, name), between="\n") for name in names] for policy in PRESETS.values()
    ]
    out.print(Listing(titles=["policy", *names[1:]], rows=rows, sideways=True))
