"""Draws the people of a crowd. The same seed gives the same people, and their contacts belong to nobody."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from offramp.config.settings import NotConfigured
from offramp.crowd.kinds import ATTACKERS, PersonKind, apportion

PREFIX = "crowd-"
MOST = 10_000
"""The most people of all crowds together, because only so many phone numbers are reserved for fiction."""

# Ofcom, the Bundesnetzagentur and the North American Numbering Plan reserve these numbers for fiction: a thousand per
# city in Britain and Germany, a hundred per area code in America.
_BRITAIN = tuple(f"+44{city}4960" for city in (113, 121, 131, 161))
_GERMANY = ("+493023125", "+494066969", "+492214710", "+498999998")
_AMERICA = (
    201,
    202,
    206,
    207,
    212,
    213,
    214,
    215,
    303,
    305,
    312,
    313,
    314,
    316,
    402,
    404,
    412,
    415,
    503,
    504,
)

_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@dataclass(frozen=True, kw_only=True)
class Make:
    """A make of device: the user agent of its browser, and whether its passkeys are synced."""

    agent: str
    synced: bool


_MAKES = {
    Make(agent=f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {_SAFARI}", synced=True): 40,
    Make(agent=f"Mozilla/5.0 (Linux; Android 10; K) Mobile {_CHROME}", synced=True): 35,
    Make(agent=f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI}", synced=True): 10,
    Make(agent=f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}", synced=False): 15,
}


@dataclass(frozen=True, kw_only=True)
class Character:
    """One person of a crowd.

    `number` is unique in all crowds of an instance; `arrives` is the time from the beginning of the crowd.
    `customer_id` is for somebody whom a host knew before the crowd.
    """

    number: int
    kind: PersonKind
    email: str
    is_email_known: bool
    phone: str
    make: Make
    plan: str
    risk_tier: str
    arrives: timedelta
    seed: int = field(repr=False)
    customer_id: str = ""

    @property
    def external_id(self) -> str:
        """The host's id of the account."""
        return self.customer_id or f"{PREFIX}{self.number:05}"

    @property
    def is_told_elsewhere(self) -> bool:
        """Whether the host knows an address that works, so that somebody besides the SIM's holder hears of changes."""
        return self.is_email_known and self.kind is not PersonKind.BOUNCING


_LETTERS_NEEDED = (
    PersonKind.BOUNCING,
    PersonKind.UNSUBSCRIBER,
    PersonKind.LAZY,
    PersonKind.SWAPPED,
    PersonKind.KEEPER,
    PersonKind.APP_USER,
    PersonKind.RESTORER,
    PersonKind.LOSER,
    PersonKind.OBJECTOR,
    PersonKind.RECOVERER,
    PersonKind.IMPATIENT,
    *ATTACKERS,
)


def draw(people: int, *, seed: int, first: int = 1, pace: float = 2.0) -> list[Character]:
    """The people of a crowd, in order of arrival, `pace` people per second. The first person has the number `first`.

    Raises NotConfigured if there are not enough phone numbers.
    """
    if first - 1 + people > MOST:
        raise NotConfigured(
            f"there are {first - 1} people of earlier crowds, and numbers for {MOST} in all; "
            "begin with an empty OFFRAMP_HOME, or with fewer --accounts"
        )
    random = Random(seed)  # noqa: S311, people and not keys
    kinds = [kind for kind, times in apportion(people).items() for _ in range(times)]
    random.shuffle(kinds)
    return [
        _character(first + place, kind, random, timedelta(seconds=place / pace))
        for place, kind in enumerate(kinds)
    ]


def _character(number: int, kind: PersonKind, random: Random, arrives: timedelta) -> Character:
    return Character(
        number=number,
        kind=kind,
        email=f"{PREFIX}{number:05}@example.com",
        is_email_known=random.random() < 0.85 or kind in _LETTERS_NEEDED,
        phone=phone(number),
        make=random.choices(list(_MAKES), list(_MAKES.values()))[0],
        plan=random.choice(("single", "family", "student")),
        risk_tier=random.choices(("usual", "raised"), (9, 1))[0],
        arrives=arrives,
        seed=random.getrandbits(32),
    )


def phone(number: int) -> str:
    """A person's phone number, which no telephone has. Of five numbers, two are British, two German, one American."""
    turn, country = divmod(number - 1, 5)
    if country == 4:
        area, place = divmod(turn, 100)
        return f"+1{_AMERICA[area]}55501{place:02}"
    cities = _BRITAIN if country < 2 else _GERMANY
    city, place = divmod(2 * turn + country % 2, 1000)
    return f"{cities[city]}{place:03}"
