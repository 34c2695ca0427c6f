"""Spells codes out for the telephone, by the words that aviation and radio use (ICAO Annex 10, volume II, 5.2.1.3)."""

_WORDS = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)
_BY_LETTER = {word[0].casefold(): word for word in _WORDS.split()}


def spelled(code: str) -> list[str]:
    """Each group of a code that has dashes, spelled: a word for each letter, and digits as they are."""
    return [
        " ".join(_BY_LETTER.get(letter, letter) for letter in group.casefold()) for group in code.split("-")
    ]
