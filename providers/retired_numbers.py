"""Phone numbers of plans that ended, as they are dialled today. Phones and hosts keep the old form for years.

Here are only changes that were the same for every number of a kind, so that nobody has to guess.
"""

import re

_CHANGES = (
    # Mexico, 3 August 2019: mobile numbers have no 1 after the country code any more (IFT, plan técnico fundamental).
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    # Brazil, until 6 November 2016: mobile numbers begin with a 9 (Anatel, resolution 553).
    (re.compile(r"\+55([1-9]{2})([6-9]\d{7})"), r"+55\g<1>9\2"),
    # Benin, 30 November 2024: every number begins with 01 (ARCEP Bénin).
    (re.compile(r"\+229(\d{8})"), r"+22901\1"),
)


def renumbered(e164: str) -> str | None:
    """The number that took the place of this one; None if the plan did not change, or not in one way for all."""
    for old_form, new_form in _CHANGES:
        if old_form.fullmatch(e164):
            return old_form.sub(new_form, e164)
    return None
